import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildTheft } from '../scenario-kit/theft.ts'

/** The standard case in a partition with ARNs, hosts and Regions of its own. */
export const chinaRegion: Scenario = {
  story:
    'GuardDuty reports that credentials of role web-app were used from an address on the threat list acme-bad-ips. ' +
    'The account lies in the AWS China partition, in cn-north-1. ' +
    'Which of your commands and policies name the wrong partition?',
  build: (options) =>
    buildTheft(
      { ...options, region: options.region ?? 'cn-north-1' },
      {
        stolenOver: '2.0',
        withInstance: true,
        modelAnswers: [
          'Every ARN begins with arn:aws-cn. A policy that names arn:aws denies nothing here.',
          'The records of IAM lie in cn-north-1. There is no us-east-1 to look in.',
          'Otherwise this is the standard case: revoke, keep the snapshots, stop and start, and verify by the record of the issue.',
        ],
      },
    ),
}
