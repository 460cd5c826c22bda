import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const userSessionScenario: Scenario = {
  story:
    'GuardDuty reports that a temporary key of user deploy-bot was used from an address on the threat list acme-bad-ips. ' +
    'The attacker took that session with the user’s long-term key. ' +
    'There is no role whose sessions you could revoke.',
  build: (options) =>
    buildSubjectTheft(options, 'user-session', [
      'A dated deny on the user refuses the session, and every other one that was taken with the user’s keys before.',
      'The long-term key took the session and takes the next one: CloudTrail’s GetSessionToken names it. It has to be inactive too.',
      'The build server uses the same long-term key: it needs a new one, by hand.',
    ]),
}
