import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const rootUserScenario: Scenario = {
  story:
    'GuardDuty reports that root credentials were used from an address on the threat list acme-bad-ips. ' +
    'CloudTrail shows a sign-in at the console with the root user’s password. ' +
    'No policy in the account binds the root user.',
  build: (options) =>
    buildSubjectTheft(options, 'root', [
      'ir-cred changes nothing and ends with exit code 6: verify-by-hand says what you do, in which account and in which order, and looks at each step again when you continue the incident.',
      'In the management account: deny the root user of the member by a service control policy, then delete its keys, its password and its MFA devices with a session of sts:AssumeRoot. Neither binds the management account itself.',
      'Nothing in the account shows whether the e-mail account is yours again: you declare it.',
    ]),
}
