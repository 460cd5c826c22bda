import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const federatedUserScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of the federated user bob were used from an address on the threat list acme-bad-ips. ' +
    'The broker of your company took the session for bob, with the key of user token-broker. ' +
    'Whose permissions can you deny?',
  build: (options) =>
    buildSubjectTheft(options, 'federated-user', [
      'A federated user has no policies of its own: deny on user token-broker, which called GetFederationToken.',
      'The dated deny ends the sessions of all the users that the broker serves: a deny on bob’s aws:userid alone is narrower.',
      'Whether the broker’s key was stolen too is another question: CloudTrail shows where it was used from.',
    ]),
}
