import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const webIdentityScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of role payments were used from an address on the threat list acme-bad-ips. ' +
    'A pod took them with its service account’s token, and the attacker has that token too. ' +
    'Is a dated deny on the role enough?',
  build: (options) =>
    buildSubjectTheft(options, 'web-identity', [
      'The token takes a new session under any deny, because nobody signs AssumeRoleWithWebIdentity: the attacker is back within a minute.',
      'Deny at once, then change the trust policy to a new service account, then deny again with a date after the trust policy has spread.',
      'A restarted pod has the same subject as the attacker: the pods go on under the new service account, and the old subject stays refused until the token expires.',
    ]),
}
