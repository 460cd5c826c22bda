import type { Activity } from '../../incident/facts/activity.ts'
import type { ChainedSession } from '../../incident/facts/activity-rows.ts'
import { type Block, type Line, list, type Span, text, warning } from '../../incident/values/block.ts'
import { isBefore } from '../../incident/values/instant.ts'
import { rawText } from '../../incident/values/untrusted.ts'
import { sessionsByGravity } from '../order-by-gravity.ts'
import { type Length, mostOf, quantity, shownLines } from './listing.ts'

const MOST = 50

/** The sessions that the principal obtained, and whether the revocation denies them; equal ones in one line, the gravest first. */
export const chainedSessionBlocks = ({ chainedSessions }: Activity, length: Length = 'short'): readonly Block[] => {
  if (chainedSessions.all === 0) return [text('It obtained no other session.')]
  const groups = merged(sessionsByGravity(chainedSessions.rows))
  const unlisted = chainedSessions.all - chainedSessions.rows.length
  const rows = { rows: groups, all: groups.length + unlisted }
  return [
    chainedSessions.rows.every(({ succeeded }) => !succeeded)
      ? text('It requested other sessions. All requests were refused:')
      : warning(
          'It requested other sessions. The revocation denies only sessions of the revoked role that were issued before the cut-off:',
        ),
    list(shownLines(rows, chainedSessionLine, mostOf(MOST, length), kindsOf)),
  ]
}

type Sessions = readonly [ChainedSession, ...ChainedSession[]]

/** Requests that ended alike and of which no call is known, in the place of the first. */
const merged = (sessions: readonly ChainedSession[]): readonly Sessions[] => {
  const groups = new Map<string, [ChainedSession, ...ChainedSession[]]>()
  for (const session of sessions) {
    const { how, roleArn, sessionArn, succeeded, errorCode, revoked, depth, activity, eventId } = session
    const isAlone = succeeded && (activity?.events ?? 1) > 0
    const whose = [roleArn ? rawText(roleArn) : '', sessionArn && !roleArn ? rawText(sessionArn) : '']
    const name = JSON.stringify([how, ...whose, succeeded, errorCode, revoked, depth, isAlone ? eventId : ''])
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

const chainedSessionLine = (sessions: Sessions): Line => {
  const [chainedSession] = sessions
  const { depth, how, roleArn, sessionArn, succeeded, errorCode, accessKeyId, activity, revoked, at } = chainedSession
  return [
    `${'  '.repeat(depth - 1)}${how} `,
    roleArn ?? sessionArn ?? 'of an unnamed role',
    ' at ',
    ...whenOf(sessions),
    sessions.length === 1 && accessKeyId ? `, key ${accessKeyId}` : '',
    ...(succeeded ? callsOf(activity, at) : [`, refused (${errorCode ?? 'error'})`]),
    succeeded ? (revoked ? ', denied by the revocation' : ', NOT denied by the revocation') : '',
  ]
}

const whenOf = (sessions: Sessions): readonly Span[] => {
  const [first, ...others] = sessions.toSorted((a, b) => (isBefore(a.at, b.at) ? -1 : 1))
  const last = others.at(-1)
  if (!first) return []
  return last ? [{ at: first.at }, ` (${sessions.length} times, last `, { at: last.at }, ')'] : [{ at: first.at }]
}

const callsOf = (activity: ChainedSession['activity'], issued: ChainedSession['at']): readonly Span[] => {
  if (!activity) return [', its calls could not be read']
  const { events, lastSeen } = activity
  if (events === 0) return [', the source shows no call of it']
  return [`, ${quantity(events, 'call')}`, ...(lastSeen && isBefore(issued, lastSeen) ? [', last ', { at: lastSeen }] : [])]
}
