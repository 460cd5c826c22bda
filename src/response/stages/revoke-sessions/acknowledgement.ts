import type { BlastRadius } from '../../../incident/facts/facts.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import { type Block, list, text, warning } from '../../../incident/values/block.ts'
import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, plus } from '../../../incident/values/instant.ts'
import { consumerLine } from '../scope-blast-radius.ts'

const TWELVE_HOURS = 12 * HOUR_SECONDS

/** What the responder acknowledges, as the IAM console asks for it: whom it hits, what brings each back, what it does not stop. */
export const revocationAcknowledgement = (
  { role, instanceId }: Subject,
  { consumers, canEditIam }: BlastRadius,
  cutoff: Instant,
): readonly Block[] => [
  text(
    `Every call that IAM authorizes is denied to every session of role ${role.name} issued before AWS’s time at your approval + 30 s (as of now `,
    { at: cutoff },
    '). Later sessions are not touched.',
  ),
  text('It hits every session of the role, not only the attacker’s:'),
  list([[`instance ${instanceId}: gets new credentials by the restart in this runbook`], ...consumers.map(consumerLine)]),
  text(
    'Until then they are refused, and whoever got credentials in the 30 seconds before the cut-off stays refused for their whole life.',
  ),
  text('Not stopped by this:'),
  list([
    'roles already assumed from these sessions: another role, another issue time',
    'Kubernetes (EKS) access and Vault logins mapped to the role: a presigned GetCallerIdentity still authenticates there',
    'open database and SSM connections, and credentials that other services vended',
    'sts:GetCallerIdentity, which answers even under a deny',
  ]),
  ...(canEditIam
    ? [
        warning(
          'The role may edit IAM: in the seconds until the deny bites, the attacker could remove it. It is read back three times.',
        ),
      ]
    : []),
  text(
    'Undo: delete the inline policy; safe from ',
    { at: plus(cutoff, TWELVE_HOURS) },
    ' on (12 h after the cut-off). Leaving it is harmless.',
  ),
]
