import { codeOf, isDenied, unreadReason } from '../../../aws/failure.ts'
import type { ChainedSession, Remedy } from '../../../incident/facts/activity-rows.ts'
import type { LiveSession } from '../../../incident/facts/persistence.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import { denyOlderSessions, POLICY_NAME } from '../../../incident/revocation-document.ts'
import { LONGEST_ROLE_SESSION_SECONDS, LONGEST_USER_SESSION_SECONDS } from '../../../incident/values/duration.ts'
import { roleOfArn } from '../../../incident/values/identifiers.ts'
import { type Instant, instantOf, isBefore, plus } from '../../../incident/values/instant.ts'
import { rawText } from '../../../incident/values/untrusted.ts'
import type { Context } from '../../stage.ts'
import { readRevocation } from '../revoke-sessions/policy.ts'

/**
 * The chained sessions that the attacker may still use: they have not expired, and no revocation that ir-cred can see on their
 * role denies them.
 */
export const findLiveSessions = async (
  chainedSessions: readonly ChainedSession[],
  subject: Subject,
  context: Context,
): Promise<readonly LiveSession[]> => {
  const liveSessions: LiveSession[] = []
  const revocations = new Map<string, RoleRevocation>()
  // Keys, passwords, trust policies and tokens are persistence artefacts, which have looks of their own.
  for (const chainedSession of chainedSessions.filter(({ credential }) => credential === undefined)) {
    const until = sessionEnd(chainedSession)
    if (!chainedSession.succeeded || chainedSession.revoked || !isBefore(context.now(), until)) continue
    const role = roleOf(chainedSession)
    if (!role || role.accountId !== subject.accountId) {
      const observed = ['ir-cred cannot see from this account whether it is revoked']
      liveSessions.push({ chainedSession, until, observed, remedy: remedyOutside(chainedSession) })
      continue
    }
    const revocation = revocations.get(role.name) ?? (await readRoleRevocation(role.name, subject, context))
    revocations.set(role.name, revocation)
    if (revocation.cutoff && isBefore(chainedSession.at, revocation.cutoff)) continue
    const remedy = revocationOf(role.name)
    liveSessions.push({ chainedSession, until, observed: [revocation.observed], remedy })
  }
  return liveSessions
}

interface RoleRevocation {
  readonly cutoff?: Instant
  readonly observed: string
}

/** Whether the older sessions of a role are revoked, and up to which cut-off. */
const readRoleRevocation = async (name: string, { region }: Subject, context: Context): Promise<RoleRevocation> => {
  try {
    const { document, cutoff } = await readRevocation({ role: { name }, region }, context)
    if (document === undefined) return { observed: 'its role has no revocation' }
    return cutoff
      ? { cutoff, observed: 'the revocation on its role is older than the session' }
      : { observed: `${POLICY_NAME} on its role does not deny it` }
  } catch (error) {
    if (isDenied(error)) return { observed: `ir-cred may not read whether it is revoked (${codeOf(error)})` }
    const why = unreadReason(error)
    if (why === undefined) throw error
    return { observed: `ir-cred cannot see whether it is revoked: iam:GetRolePolicy ${why}` }
  }
}

/** When a session expires: as STS states it, or the latest possible time. */
export const sessionEnd = ({ at, how, expiration, roleArn }: Omit<ChainedSession, 'depth' | 'revoked'>): Instant => {
  const stated = expiration === undefined ? Number.NaN : Date.parse(`${rawText(expiration)} UTC`)
  const latest = plus(at, roleArn || how === 'ConsoleLogin' ? LONGEST_ROLE_SESSION_SECONDS : LONGEST_USER_SESSION_SECONDS)
  const expires = Number.isNaN(stated) ? latest : instantOf(new Date(stated))
  return isBefore(expires, latest) ? expires : latest
}

const roleOf = ({ roleArn }: ChainedSession): { readonly accountId: string; readonly name: string } | undefined => {
  const role = roleArn ? roleOfArn(rawText(roleArn)) : undefined
  return role && { accountId: role.accountId, name: role.roleName }
}

const revocationOf = (role: string): Remedy => {
  if (role.startsWith('-'))
    return { sentence: 'Revoke the sessions of the role in the IAM console: the AWS CLI takes its name for an option.' }
  return {
    command: denyOlderSessions('role', role),
    note: 'It denies every session of that role issued before the moment at which you run it. Find out first which workloads use the role.',
  }
}

const remedyOutside = ({ how, roleArn, accountId }: ChainedSession): Remedy => ({
  sentence: roleArn
    ? `Have account ${accountId ?? 'of the role'} revoke the sessions of the role.`
    : how === 'ConsoleLogin'
      ? 'Revoke the sessions of the role that signed in.'
      : 'Deny every action to the user of the session (AWSDenyAll) until the session has expired.',
})
