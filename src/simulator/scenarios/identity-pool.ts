import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const identityPoolScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of role app-guest were used from an address on the threat list acme-bad-ips. ' +
    'An Amazon Cognito identity pool hands them out to guests of your application. ' +
    'How many sets can an attacker get?',
  build: (options) =>
    buildSubjectTheft(options, 'identity-pool', [
      'The pool gives a new identity to whoever knows its id, and new credentials with it: no deny on a session or on an identity lasts.',
      'Switch off the guest access of the pool, or take what guests do not need from the role. Then the dated deny ends what is out.',
      'ir-cred denies the role’s sessions, and switches the guest access off on approval by name (--approve close-access). ir-cred lift switches it on again.',
    ]),
}
