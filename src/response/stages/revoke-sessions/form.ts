import { type DeniedSession, type Revocation, sparesOthers } from '../../../incident/facts/facts.ts'
import { isOfTheInstance } from '../../../incident/facts/issue.ts'
import { holderOf, holderWords, isFederated, namesInstance, type Subject } from '../../../incident/facts/subject.ts'
import type { Incident } from '../../../incident/incident.ts'
import { type Block, list, text, warning } from '../../../incident/values/block.ts'
import { given } from '../../../incident/values/given.ts'
import { roleSessionOf } from '../../../incident/values/identifiers.ts'
import type { Instant } from '../../../incident/values/instant.ts'
import { type Blocked, blocked } from '../../stage.ts'
import type { StandingRevocation } from './policy.ts'

/** What STS takes as a session's name ("AssumeRole"). Nothing in it is a wildcard or a policy variable. */
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/

/**
 * `aws:userid` of a role's session or a federated user, as IAM compares it ("IAM identifiers: Where you can use policy variables");
 * undefined where what is known of the session does not have that form.
 */
const userIdOf = (subject: Subject): string | undefined => {
  const { principalId } = subject
  if (isFederated(subject)) {
    const name = principalId.startsWith(`${subject.accountId}:`) ? principalId.slice(subject.accountId.length + 1) : ''
    return SESSION_NAME.test(name) ? principalId : undefined
  }
  if (subject.kind !== 'role-session') return undefined
  const { roleId, sessionName } = roleSessionOf(principalId) ?? {}
  return roleId === subject.role.id && sessionName !== undefined && SESSION_NAME.test(sessionName) ? principalId : undefined
}

/** The user id that the deny is narrowed to; undefined where it is to reach every older session. */
export const deniedUserId = ({ revoke }: Pick<Incident, 'revoke'>, subject: Subject): string | undefined =>
  revoke === 'session' ? userIdOf(subject) : undefined

/** Why a deny on one session cannot be had, or would perhaps hit another session than the stolen one. */
export const refuseSession = ({ revoke, facts: { finding } }: Incident, subject: Subject): Blocked | undefined => {
  if (revoke !== 'session') return undefined
  const refused = (why: string) =>
    blocked(`--revoke session denies one session of a role, or one federated user, and ${why}`, TO_ROLE)
  if (subject.kind !== 'role-session' && !isFederated(subject)) return refused(`these are credentials of ${holderWords(subject)}`)
  if (finding?.unsettled !== undefined) return refused(finding.unsettled)
  const disputed = finding?.disputed ?? subject.disputed
  if (disputed !== undefined) return refused(`whose session it is is disputed: ${disputed}`)
  return userIdOf(subject) === undefined ? refused('the user id of the stolen session is not known (AROA…:name)') : undefined
}

const TO_ROLE = 'continue with --revoke role, which denies every older session'

/** What the fact says of a deny on one session; undefined where every older session was to be denied. */
export const deniedSession = (userId: string | undefined, { allBefore }: StandingRevocation): DeniedSession | undefined =>
  userId === undefined ? undefined : { userId, ...given({ allBefore }) }

/** Who the deny reaches, as it is asked for. */
export const reachWords = (subject: Subject, userId: string | undefined): string =>
  userId === undefined ? `sessions of ${holderWords(subject)}` : `session ${userId} of ${holderWords(subject)}`

/** What else is cut off with the session. */
export const sharedBy = (subject: Subject): string =>
  namesInstance(subject) && isOfTheInstance(subject)
    ? `the workload on ${subject.instanceId}, which shares the user id, until its restart`
    : `whatever the ${holderOf(subject).of} issued under the same session name`

/** What the responder acknowledges of a deny on one session. */
export const sessionAcknowledgement = (
  { subject, userId, cutoff }: { readonly subject: Subject; readonly userId: string; readonly cutoff: Instant },
  { allBefore, document }: StandingRevocation,
): readonly Block[] => [
  text(
    `Every call that IAM authorizes is denied to session ${userId}, where it was issued before AWS’s time at your approval + 30 s (as of now `,
    { at: cutoff },
    '). Both conditions stand in one statement.',
  ),
  warning('This is narrower than the usual deny on every older session (--revoke role). What it leaves:'),
  list([
    `other sessions of ${holderWords(subject)} live on, the attacker’s too if there are any`,
    isFederated(subject)
      ? 'whoever has the user’s key obtains a session of another name, which is not denied'
      : 'whoever can assume the role again gets a session of another name, which is not denied',
    `the user id is not the attacker’s alone: the deny also cuts off ${sharedBy(subject)}`,
  ]),
  ...(allBefore
    ? [
        text(
          `A deny on every session of the ${holderOf(subject).of} stands there already, cut-off `,
          { at: allBefore },
          '. It stays as it is.',
        ),
      ]
    : []),
  ...(document === undefined || allBefore ? [] : [text('Denies that stand in the policy already stay in it.')]),
]

/** What was asked for and what stands, beside the cut-off. */
export const sessionField = (
  revocation: Revocation,
): readonly [string, readonly (string | { readonly at: Instant })[]] | undefined => {
  const { session } = revocation
  if (session === undefined) return undefined
  if (!sparesOthers(revocation))
    return ['reaches', ['every session: that deny stood there already, and --revoke session does not take it away']]
  const beside = session.allBefore
    ? [
        '; other sessions only where they were issued before ',
        { at: session.allBefore },
        ', by the deny that stood there already',
      ]
    : ['; other sessions live on']
  return ['reaches', [`session ${session.userId} only (aws:userid)`, ...beside]]
}
