import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const samlPersonScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of role analysts were used from an address on the threat list acme-bad-ips. ' +
    'The session is that of alice@acme.example, who signs in at your company’s identity provider. ' +
    'The attacker signs in there too.',
  build: (options) =>
    buildSubjectTheft(options, 'saml', [
      'The dated deny refuses the session of the moment. Whoever has the password signs in again, and gets the next one.',
      'Disable the person at the identity provider, or refuse the person’s subject in the role’s trust policy. Then deny again, with a date after that.',
      'The deny ends the sessions of all the people who use the role: they sign in again.',
    ]),
}
