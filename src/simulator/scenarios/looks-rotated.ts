import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildTheft } from '../scenario-kit/theft.ts'

/** Taken over IMDSv1, checked over IMDSv2: the keys differ before anybody has done anything. */
export const looksRotated: Scenario = {
  story:
    'GuardDuty reports that credentials of role web-app were used from an address on the threat list acme-bad-ips. ' +
    'A colleague has looked at the instance: the access key there is another one, so they say the credentials have been rotated already. ' +
    'Are they right?',
  build: (options) =>
    buildTheft(options, {
      stolenOver: '1.0',
      withInstance: true,
      modelAnswers: [
        'The instance gets two sets of credentials at once, one for IMDSv1 and one for IMDSv2. The stolen one was fetched over IMDSv1 (CloudTrail: ec2RoleDelivery 1.0).',
        'The colleague compared it with the other set. Nothing had been rotated: both were issued in the same second, before the theft.',
        'Only a set issued after the cut-off counts, and somebody other than the instance must say so.',
      ],
    }),
}
