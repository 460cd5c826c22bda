import { terminateSubject } from '../scenario-kit/instance-fate.ts'
import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildTheft } from '../scenario-kit/theft.ts'

/** The credentials outlive the instance by hours: there is everything to revoke, and nothing to renew. */
export const terminatedInstance: Scenario = {
  story:
    'GuardDuty reports that credentials of role web-app were used from an address on the threat list acme-bad-ips. ' +
    'The instance they were issued to was terminated 20 minutes ago. ' +
    'Is the incident over with it?',
  build: (options) =>
    buildTheft(options, {
      stolenOver: '2.0',
      withInstance: false,
      fate: terminateSubject,
      modelAnswers: [
        'The credentials are good for 6 h 35 min from their issue, whatever becomes of the instance: revoke all the same.',
        'There is no instance to renew. The role’s other instances are cut off by the deny, and need a stop and a start.',
        'CloudTrail’s TerminateInstances says who ended it. The data volume is still there: keep a snapshot of it.',
      ],
    }),
}
