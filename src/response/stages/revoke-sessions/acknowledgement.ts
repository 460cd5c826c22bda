import type { BlastRadius } from '../../../incident/facts/facts.ts'
import { holderOf, holderWords, isFederated, longestSessionOf, type Subject } from '../../../incident/facts/subject.ts'
import { POLICY_NAME } from '../../../incident/revocation-document.ts'
import { type Block, list, text, warning } from '../../../incident/values/block.ts'
import { duration } from '../../../incident/values/duration.ts'
import { type Instant, plus } from '../../../incident/values/instant.ts'
import { consumerLine } from '../scope-blast-radius.ts'
import { sessionAcknowledgement } from './form.ts'
import type { StandingRevocation } from './policy.ts'

/** What the responder acknowledges, as the IAM console asks for it: what is cut off, what restores each consumer, what the deny does not stop. */
export const acknowledgement = (
  { subject, userId, cutoff }: { readonly subject: Subject; readonly userId: string | undefined; readonly cutoff: Instant },
  radius: BlastRadius | undefined,
  standing: StandingRevocation,
): readonly Block[] => {
  const { document } = standing
  const { of } = holderOf(subject)
  return [
    ...(userId === undefined
      ? wholeHolder(subject, radius, cutoff)
      : sessionAcknowledgement({ subject, userId, cutoff }, standing)),
    text('The deny does not stop:'),
    list([
      'roles already assumed from these sessions: another role, another issue time',
      'Kubernetes (EKS) access and Vault logins mapped to the role: a presigned GetCallerIdentity still authenticates there',
      'open database and SSM connections, and credentials that other services issued',
      'sts:GetCallerIdentity, which answers even under a deny',
    ]),
    ...(radius?.canEditIam
      ? [
          warning(
            `The ${of} may edit IAM: until the deny takes effect, the attacker could remove it. ir-cred reads it back three times.`,
          ),
        ]
      : []),
    ...(document === undefined
      ? []
      : [
          text(
            `The ${of} has an inline policy ${POLICY_NAME} already. The deny ${userId === undefined ? 'replaces it' : 'is added to the denies in it'}; its document is kept as evidence.`,
          ),
        ]),
    text(
      document === undefined
        ? 'To undo this, delete the inline policy: safe from '
        : 'To undo this, put that document back: safe from ',
      { at: plus(cutoff, longestSessionOf(subject)) },
      ` on (${duration(longestSessionOf(subject))} after the cut-off). Leaving the deny in place is harmless.`,
    ),
  ]
}

/** Who the deny on every older session cuts off. */
const wholeHolder = (subject: Subject, radius: BlastRadius | undefined, cutoff: Instant): readonly Block[] => {
  const { instanceId } = subject
  const { of } = holderOf(subject)
  return [
    text(
      `Every call that IAM authorizes is denied to every session of ${holderWords(subject)} issued before AWS’s time at your approval + 30 s (as of now `,
      { at: cutoff },
      '). Later sessions are not touched.',
    ),
    text(`The deny hits every session of the ${of}, not only the attacker’s:`),
    list([
      ...(instanceId === undefined ? [] : [[`instance ${instanceId}: the restart in this runbook gives it new credentials`]]),
      ...(radius
        ? [...radius.consumers.map(consumerLine), ...(radius.consumersUnread ?? [])]
        : [`who uses the ${of} besides is not known yet`]),
      ...(isFederated(subject)
        ? [`every federated user of the same broker (GetFederationToken), until the broker obtains new sessions for them`]
        : []),
    ]),
    text(
      'Until then their calls are refused. Credentials that are issued in the 30 seconds before the cut-off stay refused for their whole life.',
    ),
  ]
}
