import type { Activity } from '../../incident/facts/activity.ts'
import type { ChainedSession } from '../../incident/facts/activity-rows.ts'
import { type Block, type Line, list, type Span, text, warning } from '../../incident/values/block.ts'
import { isBefore } from '../../incident/values/instant.ts'
import { rawText } from '../../incident/values/untrusted.ts'
import { sessionsByGravity } from '../order-by-gravity.ts'
import { type Length, mostOf, quantity, shownLines } from './listing.ts'

const MOST = 50

/** What the principal obtained, what was done with it, and whether the revocation denies it; equal ones in one line, the gravest first. */
export const chainedSessionBlocks = (
  { chainedSessions, credentialCalls = [] }: Activity,
  length: Length = 'short',
): readonly Block[] => [
  ...obtainedBlocks(chainedSessions, length),
  ...(credentialCalls.length > 0
    ? [
        text(
          'Other calls whose names speak of credentials; ir-cred does not know what they hand out: ',
          credentialCalls
            .map(({ service, api, succeeded, failed }) => `${service}:${api} (${succeeded} ok, ${failed} failed)`)
            .join(', '),
        ),
      ]
    : []),
  text(
    'A presigned address or token that the caller signs itself, such as one for an EKS cluster or for Vault, leaves no record when it is made.',
  ),
]

const obtainedBlocks = (obtained: Activity['chainedSessions'], length: Length): readonly Block[] => {
  if (obtained.all === 0)
    return [
      text(
        'The records show none of the calls that ir-cred knows to hand out credentials or tokens (AssumeRole, GetSessionToken, GetFederationToken, CreateAccessKey, GetWebIdentityToken and others).',
      ),
    ]
  const groups = merged(sessionsByGravity(obtained.rows))
  const rows = { rows: groups, all: groups.length + obtained.all - obtained.rows.length }
  return [
    obtained.rows.every(({ succeeded }) => !succeeded)
      ? text('It requested other credentials. All requests were refused:')
      : warning(
          'It obtained other credentials. The revocation denies only sessions of the revoked role or user that were issued before the cut-off:',
        ),
    list(shownLines(rows, obtainedLine, mostOf(MOST, length), kindsOf)),
  ]
}

type Sessions = readonly [ChainedSession, ...ChainedSession[]]

/** Requests that ended alike and of which no call is known, in the place of the first. */
const merged = (sessions: readonly ChainedSession[]): readonly Sessions[] => {
  const groups = new Map<string, [ChainedSession, ...ChainedSession[]]>()
  for (const session of sessions) {
    const { how, roleArn, sessionArn, succeeded, errorCode, revoked, depth, activity, eventId } = session
    const { credential, purpose, userName, accountId } = session
    const isAlone = succeeded && (activity?.events ?? 1) > 0
    const whose = [roleArn, roleArn ? undefined : sessionArn, userName].map((one) => one && rawText(one))
    const name = JSON.stringify([
      how,
      credential,
      ...whose,
      purpose,
      accountId,
      succeeded,
      errorCode,
      revoked,
      depth,
      isAlone ? eventId : '',
    ])
    const group = groups.get(name)
    if (group) group.push(session)
    else groups.set(name, [session])
  }
  return [...groups.values()]
}

const kindsOf = (groups: readonly Sessions[]): string => {
  const count = (of: (session: ChainedSession) => boolean): number => groups.flat().filter(of).length
  const obtained = count(({ succeeded }) => succeeded)
  const refused = count(({ succeeded }) => !succeeded)
  return [...(obtained > 0 ? [`${obtained} obtained`] : []), ...(refused > 0 ? [`${refused} refused`] : [])].join(', ')
}

const obtainedLine = (sessions: Sessions): Line => {
  const [obtained] = sessions
  const { depth, how, succeeded, errorCode, accessKeyId, revoked, credential } = obtained
  return [
    `${'  '.repeat(depth - 1)}${how} `,
    ...whatOf(obtained),
    ' at ',
    ...whenOf(sessions),
    sessions.length === 1 && accessKeyId ? `, key ${accessKeyId}` : '',
    ...(succeeded ? useOf(obtained) : [`, refused (${errorCode ?? 'error'})`]),
    succeeded && credential !== 'token' ? (revoked ? ', denied by the revocation' : ', NOT denied by the revocation') : '',
  ]
}

const whenOf = (sessions: Sessions): readonly Span[] => {
  const [first] = sessions.toSorted((a, b) => (isBefore(a.at, b.at) ? -1 : 1))
  if (!first) return []
  const count = sessions.reduce((sum, { times }) => sum + (times?.count ?? 1), 0)
  const last = sessions.map(({ at, times }) => times?.last ?? at).reduce((a, b) => (isBefore(a, b) ? b : a))
  return count > 1 ? [{ at: first.at }, ` (${count} times, last `, { at: last }, ')'] : [{ at: first.at }]
}

const whatOf = ({ credential, purpose, userName, roleArn, sessionArn, how, accountId }: ChainedSession): readonly Span[] => {
  if (credential === 'token') return [purpose ?? 'a token']
  if (credential === 'long-term-key') return ['long-term key of user ', userName ?? 'unknown']
  if (credential === 'password') return ['console password of user ', userName ?? 'unknown']
  if (credential === 'trust') return ['trust policy of role ', roleArn ?? 'unknown']
  if (how === 'AssumeRoot') return [`as root of account ${accountId ?? 'unknown'}`]
  return [roleArn ?? sessionArn ?? 'of an unnamed role']
}

const useOf = ({ credential, accessKeyId, activity, at }: ChainedSession): readonly Span[] => {
  if (credential === 'token' && accessKeyId === undefined)
    return ['. CloudTrail does not show what is done with it, and the revocation does not end it']
  if (!activity) return [', its calls could not be read']
  const { events, lastSeen } = activity
  if (events === 0) return [NOTHING_SEEN[credential ?? 'session']]
  return [
    `, ${quantity(events, COUNTED[credential ?? 'session'])}${credential === 'trust' ? ' through it' : ''}${credential ? ' since' : ''}`,
    ...(lastSeen && isBefore(at, lastSeen) ? [', last ', { at: lastSeen }] : []),
  ]
}

const COUNTED = {
  session: 'call',
  'long-term-key': 'call',
  token: 'call',
  password: 'console call',
  trust: 'session request',
} as const

const NOTHING_SEEN = {
  session: ', the source shows no call of it',
  'long-term-key': ', the source shows no call of it',
  token: ', the source shows no call of it',
  password: ', the source shows no console call of the user since',
  trust: ', the source shows nobody who obtained a session through it since',
} as const
