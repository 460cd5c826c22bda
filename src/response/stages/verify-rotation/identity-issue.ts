import type { Rotation } from '../../../incident/facts/facts.ts'
import { workloadWords } from '../../../incident/facts/renewal-fact.ts'
import { given } from '../../../incident/values/given.ts'
import { wholeSecond } from '../../../incident/values/instant.ts'
import { type Assessment, established, notApplicable } from '../../stage.ts'
import type { RenewedIncident } from './new-issues.ts'

/**
 * What CloudTrail shows of pods and web identities that took new sessions: proven as far as a record names them. Without one nothing is
 * verified yet: you restart them, and a later run looks.
 */
export const identityRotation = ({ facts: { subject, renewal } }: RenewedIncident): Assessment<Rotation> => {
  const [newest] = renewal.workloads
  if (!newest)
    return notApplicable('CloudTrail shows no new credentials of what you renew by hand yet: continue the incident afterwards')
  return established<Rotation>({
    ...{ verdict: 'rotated', of: 'workloads', unasked: true, oldAccessKeyId: subject.accessKeyId },
    ...given({ newAccessKeyId: newest.accessKeyId }),
    why: 'proven by CloudTrail’s records of new credentials from after the cut-off, as far as a record names who took them',
    corroboration: renewal.workloads.map((one) => ({
      ...{ kind: 'cloudtrail', at: one.changedAt },
      says: `${one.accessKeyId ?? 'a key'} was issued to ${workloadWords(one)} at ${wholeSecond(one.changedAt)}, after the cut-off`,
    })),
  })
}
