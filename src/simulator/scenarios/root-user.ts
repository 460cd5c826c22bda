import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const rootUserScenario: Scenario = {
  story:
    'GuardDuty reports that root credentials were used from an address on the threat list acme-bad-ips. ' +
    'CloudTrail shows a sign-in at the console with the root user’s password. ' +
    'No policy in the account binds the root user.',
  build: (options) =>
    buildSubjectTheft(options, 'root', [
      'ir-cred changes nothing (exit code 5) and says the order of the work.',
      'By hand: change the password, the MFA devices and the e-mail account’s password, and delete the access keys.',
      'A service control policy on the root user of a member account is attached in the management account. It does not bind the management account itself.',
    ]),
}
