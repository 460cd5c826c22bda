import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const otherAccountScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of role partner-deploy were used from an address on the threat list acme-bad-ips. ' +
    'The role trusts account 444455556666, whose principal took the session. ' +
    'What the partner’s account allows is not yours to change.',
  build: (options) =>
    buildSubjectTheft(options, 'other-account', [
      'Whoever holds the partner’s key assumes the role anew after every deny: deny here, then narrow the trust policy or ask for another external id, then deny again.',
      'CloudTrail here names the partner’s account and principal id, and a sharedEventID for their trail. Tell the partner which key it is.',
      'Nothing of yours is renewed: the partner takes new sessions once the trust policy lets them in again.',
    ]),
}
