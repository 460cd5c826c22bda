import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const userKeyScenario: Scenario = {
  story:
    'GuardDuty reports that a long-term key of user deploy-bot was used from an address on the threat list acme-bad-ips. ' +
    'A build server of yours uses the same key all day. ' +
    'Which calls end when the key is inactive, and which do not?',
  build: (options) =>
    buildSubjectTheft(options, 'user-key', [
      'An inactive key is refused as one that does not exist, and CloudTrail has no record of that: silence is no proof. ListAccessKeys says Inactive.',
      'Sessions minted from the key before live for up to 36 hours: a dated deny on the user refuses them, and does not touch long-term keys.',
      'The build server needs a new key, by hand. The leaked one is never made active again.',
    ]),
}
