import type { ObtainedSession } from '../../incident/facts/activity-rows.ts'
import type { Revocation } from '../../incident/facts/facts.ts'
import type { Subject } from '../../incident/facts/subject.ts'
import { given } from '../../incident/values/given.ts'
import { sessionNamedBy } from '../../incident/values/identifiers.ts'
import { type Instant, isBefore } from '../../incident/values/instant.ts'
import { rawText } from '../../incident/values/untrusted.ts'
import type { PrincipalRef } from '../question.ts'
import type { CloudTrailRecord } from '../record.ts'
import { mergeEqualTokens, obtainedCredentials, principalOfChainedSession } from './obtained-credentials.ts'
import type { SessionSummary } from './session-summary.ts'

/** So many sessions below the stolen one are followed. */
export const MOST_CHAINED_SESSIONS = 500

/** A sentence on the obtained sessions that are not followed; none when all are. */
export const notFollowed = (sessions: number, isByOrder: boolean): readonly string[] => {
  if (sessions === 0) return []
  const choice = isByOrder ? '; which ones depends on the order in which records were read' : ''
  return [
    `ir-cred follows at most ${MOST_CHAINED_SESSIONS} obtained sessions; ${sessions} more ${sessions === 1 ? 'was' : 'were'} obtained, and their calls are not known${choice}`,
  ]
}

/** What a session did: its numbers, and the records by which something was made or handed out. */
export interface SessionActivity {
  readonly summary: SessionSummary
  readonly writeEvents: readonly CloudTrailRecord[]
  /** Why something may be missing, a sentence each. */
  readonly incomplete: readonly string[]
}

/** A session below the stolen one. */
export interface ChainLink {
  readonly chainedSession: ObtainedSession
  /** 1 for what the stolen key obtained itself, 2 for what those sessions obtained. */
  readonly depth: number
  /** What it did; missing when its records could not be had, or there is nothing to look for it by. */
  readonly activity?: SessionActivity
  /** Whether the revocation's deny reaches it: only when it is a session of the revoked role, issued before the cut-off. */
  readonly revoked: boolean
}

export interface Chain {
  /** Breadth first: the nearest to the stolen key first. Refused attempts are among them. */
  readonly links: readonly ChainLink[]
  readonly incomplete: readonly string[]
}

interface ChainLimits {
  readonly depth: number
  readonly sessions: number
}

/** Reads what a principal did, from a moment on where one is given; undefined when its records cannot be had. */
type FetchSession = (principal: PrincipalRef, since?: Instant) => Promise<SessionActivity | undefined>

/** The deny that stands: sessions of the role, or those that this key of a user obtained of the user, issued before the cut-off, are refused. */
export type Revoked = { readonly cutoff: Instant } & (
  | {
      readonly roleArn: string
      /** The deny reaches sessions of this name alone, and others only where they were issued before `allBefore`. */
      readonly only?: { readonly sessionName: string; readonly allBefore?: Instant }
    }
  | { readonly parentAccessKeyId: string }
)

/** What the deny on a subject reaches besides the stolen key. */
export const revokedBy = (subject: Subject, { cutoff, session }: Pick<Revocation, 'cutoff' | 'session'>): Revoked => {
  if (subject.kind !== 'role-session') return { cutoff, parentAccessKeyId: subject.accessKeyId }
  const { sessionName, role } = subject
  const only = session && { sessionName, ...given({ allBefore: session.allBefore }) }
  return { cutoff, roleArn: role.arn, ...given({ only }) }
}

/** Calls that give a user's own permissions to a session: a deny on the user reaches it. */
const SESSIONS_OF_USERS: ReadonlySet<string> = new Set(['GetSessionToken', 'GetFederationToken'])

const LIMITS: ChainLimits = { depth: 10, sessions: MOST_CHAINED_SESSIONS }

/**
 * Follows what a stolen session obtained (AssumeRole, GetSessionToken, GetFederationToken, sign-ins, access keys, passwords,
 * trust policies), and what was obtained with that, breadth first and across accounts. No session is followed twice, so a circle of roles has an end.
 */
export const followChain = async (
  origin: { readonly principal: PrincipalRef; readonly writeEvents: readonly CloudTrailRecord[] },
  fetchSession: FetchSession,
  revoked?: Revoked,
  limits: ChainLimits = LIMITS,
): Promise<Chain> => {
  const links: ChainLink[] = []
  const incomplete: string[] = []
  const followed = new Set([`${origin.principal.kind} ${origin.principal.value}`, ...keysOf(origin.writeEvents)])
  const listed = new Set<string>()
  const unread: string[] = []
  let fetched = 0
  let unfollowed = 0
  let level = mergeEqualTokens(unlisted(obtainedCredentials(origin.writeEvents), listed))
  for (let depth = 1; level.length > 0; depth += 1) {
    const next: ObtainedSession[] = []
    for (const chainedSession of level) {
      const principal = newPrincipal(chainedSession, followed)
      const isTooFar = depth > limits.depth || fetched >= limits.sessions
      if (principal && isTooFar) unfollowed += 1
      if (principal && !isTooFar) fetched += 1
      const activity = principal && !isTooFar ? await followOne(principal, chainedSession, followed, fetchSession) : undefined
      if (principal && !isTooFar && !activity) unread.push(principal.value)
      links.push({ chainedSession, depth, ...given({ activity }), revoked: isRevoked(chainedSession, revoked) })
      incomplete.push(...(activity?.incomplete ?? []))
      next.push(...unlisted(obtainedCredentials(activity?.writeEvents ?? []), listed))
    }
    level = mergeEqualTokens(next)
  }
  incomplete.push(...unreadSentences(unread))
  if (unfollowed > 0)
    incomplete.push(
      `${unfollowed} more ${unfollowed === 1 ? 'session was' : 'sessions were'} not followed: the chain is too long`,
    )
  return { links, incomplete: [...new Set(incomplete)] }
}

/** More than these are not named one by one. */
const FEW = 5

const unreadSentences = (names: readonly string[]): readonly string[] =>
  names.length > FEW
    ? [`the calls of ${names.length} sessions could not be read, such as those of ${names[0]}`]
    : names.map((name) => `the calls of ${name} could not be read`)

/** The sessions that are not listed yet. A console session keeps its parent's name, so its records are met again. */
const unlisted = (chainedSessions: readonly ObtainedSession[], listed: Set<string>): readonly ObtainedSession[] =>
  chainedSessions.filter(({ eventId, at, parentAccessKeyId }) => {
    const name = `${eventId} ${at} ${parentAccessKeyId}`
    if (listed.has(name)) return false
    listed.add(name)
    return true
  })

/** A user, a role or a key may have been there before; what was done with it then is not the session's. */
const followOne = (
  principal: PrincipalRef,
  { credential, at }: ObtainedSession,
  followed: Set<string>,
  fetchSession: FetchSession,
) => {
  followed.add(`${principal.kind} ${principal.value}`)
  return credential === undefined ? fetchSession(principal) : fetchSession(principal, at)
}

/** The keys that made the first calls: what they obtained is known already. */
const keysOf = (writeEvents: readonly CloudTrailRecord[]): readonly string[] =>
  writeEvents.flatMap(({ accessKeyId }) => (accessKeyId ? [`access-key-id ${accessKeyId}`] : []))

const newPrincipal = (chainedSession: ObtainedSession, followed: ReadonlySet<string>): PrincipalRef | undefined => {
  const principal = chainedSession.succeeded ? principalOfChainedSession(chainedSession) : undefined
  return principal && !followed.has(`${principal.kind} ${principal.value}`) ? principal : undefined
}

/** Whether the deny reaches a session that was obtained. */
export const isRevoked = (session: ObtainedSession, revoked: Revoked | undefined): boolean =>
  session.succeeded &&
  session.credential === undefined &&
  revoked !== undefined &&
  isBefore(session.at, revoked.cutoff) &&
  ('roleArn' in revoked
    ? session.roleArn !== undefined && rawText(session.roleArn) === revoked.roleArn && isReached(session, revoked.only)
    : SESSIONS_OF_USERS.has(session.how) && session.parentAccessKeyId === revoked.parentAccessKeyId)

/** Of a deny on one session: whether it reaches a session of the role. */
const isReached = (
  { sessionArn, at }: ObtainedSession,
  only: { readonly sessionName: string; readonly allBefore?: Instant } | undefined,
): boolean =>
  only === undefined ||
  (only.allBefore !== undefined && isBefore(at, only.allBefore)) ||
  (sessionArn !== undefined && sessionNamedBy(rawText(sessionArn))?.sessionName === only.sessionName)
