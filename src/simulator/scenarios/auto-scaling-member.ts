import { joinGroup } from '../scenario-kit/instance-fate.ts'
import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildTheft } from '../scenario-kit/theft.ts'

/** Whoever stops a member of the group destroys the evidence: it is terminated, and replaced. */
export const autoScalingMember: Scenario = {
  story:
    'GuardDuty reports that credentials of role web-app were used from an address on the threat list acme-bad-ips. ' +
    'The instance is a member of the Auto Scaling group web-asg. ' +
    'What happens to its disks when somebody stops it?',
  build: (options) =>
    buildTheft(options, {
      stolenOver: '2.0',
      withInstance: true,
      furnish: (standard) => joinGroup(standard, 'web-asg'),
      modelAnswers: [
        'Revoke at once: that needs nothing of the group.',
        'A member that is stopped in service is unhealthy: the group terminates it with its disks, and launches another. Take snapshots first.',
        'The other members lost access with the revocation too. An instance refresh replaces them, after the evidence is kept.',
      ],
    }),
}
