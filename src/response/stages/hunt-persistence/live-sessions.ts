import { codeOf, isDenied } from '../../../aws/failure.ts'
import type { ChainedSession, Remedy } from '../../../incident/facts/activity-rows.ts'
import type { LiveSession } from '../../../incident/facts/persistence.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import { roleOfArn } from '../../../incident/values/identifiers.ts'
import { type Instant, instantOf, isBefore, plus } from '../../../incident/values/instant.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { rawText } from '../../../incident/values/untrusted.ts'
import type { Context } from '../../stage.ts'
import { cutoffFrom, POLICY_NAME, revocationDocument } from '../revoke-sessions/policy.ts'
import { readRevocation } from '../revoke-sessions/read-back.ts'

/** The longest that sessions last ("Request temporary security credentials"): of a role, and of a user. */
const LONGEST = { role: 12 * HOUR_SECONDS, user: 36 * HOUR_SECONDS } as const

/**
 * The sessions that the attacker obtained and that may still be used: not ended by themselves, and not denied by a revocation
 * that was seen on their role.
 */
export const openLiveSessions = async (
  chainedSessions: readonly ChainedSession[],
  subject: Subject,
  context: Context,
): Promise<readonly LiveSession[]> => {
  const liveSessions: LiveSession[] = []
  const roles = new Map<string, Closing>()
  for (const chainedSession of chainedSessions) {
    const until = endOf(chainedSession)
    if (!chainedSession.succeeded || chainedSession.revoked || !isBefore(context.now(), until)) continue
    const role = roleOf(chainedSession)
    if (!role || role.accountId !== subject.accountId) {
      liveSessions.push({
        chainedSession,
        until,
        observed: ['whether it was revoked cannot be seen from here'],
        remedy: elsewhere(chainedSession),
      })
      continue
    }
    const closing = roles.get(role.name) ?? (await closingOf(role.name, subject, context))
    roles.set(role.name, closing)
    if (closing.cutoff && isBefore(chainedSession.at, closing.cutoff)) continue
    liveSessions.push({ chainedSession, until, observed: [closing.says], remedy: revocationOf(role.name, context.now()) })
  }
  return liveSessions
}

interface Closing {
  readonly cutoff?: Instant
  readonly says: string
}

/** Whether somebody has revoked a role's older sessions, and up to when. */
const closingOf = async (name: string, { region }: Subject, context: Context): Promise<Closing> => {
  try {
    const { document, cutoff } = await readRevocation({ role: { name }, region }, context)
    if (document === undefined) return { says: 'no revocation stands on its role' }
    return cutoff ? { cutoff, says: 'the revocation on its role is older than it' } : { says: 'nothing on its role denies it' }
  } catch (error) {
    if (isDenied(error)) return { says: `whether it was revoked may not be read (${codeOf(error)})` }
    throw error
  }
}

/** When it ends by itself: as STS wrote it, or the latest that there can be. */
const endOf = ({ at, how, expiration, roleArn }: ChainedSession): Instant => {
  const written = expiration === undefined ? Number.NaN : Date.parse(`${rawText(expiration)} UTC`)
  const latest = plus(at, roleArn || how === 'ConsoleLogin' ? LONGEST.role : LONGEST.user)
  const stated = Number.isNaN(written) ? latest : instantOf(new Date(written))
  return isBefore(stated, latest) ? stated : latest
}

const roleOf = ({ roleArn }: ChainedSession): { readonly accountId: string; readonly name: string } | undefined => {
  const role = roleArn ? roleOfArn(rawText(roleArn)) : undefined
  return role && { accountId: role.accountId, name: role.roleName }
}

const revocationOf = (role: string, now: Instant): Remedy => {
  const document = shellWord(revocationDocument(cutoffFrom(now)))
  return {
    command: `aws iam put-role-policy --role-name ${shellWord(role)} --policy-name ${POLICY_NAME} --policy-document ${document}`,
    note: 'Every session of that role issued before that time is denied: look first who else lives on it.',
  }
}

const elsewhere = ({ how, roleArn, accountId }: ChainedSession): Remedy => ({
  sentence: roleArn
    ? `Have account ${accountId ?? 'of the role'} revoke the sessions of the role.`
    : how === 'ConsoleLogin'
      ? 'Revoke the sessions of the role that signed in.'
      : 'Deny the user whose session it is everything (AWSDenyAll) until it has ended.',
})
