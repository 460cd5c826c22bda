import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const obtainedSessionScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of role deploy were used from an address on the threat list acme-bad-ips. ' +
    'The session is called pipeline, and no instance has to do with it. ' +
    'Who took it?',
  build: (options) =>
    buildSubjectTheft(options, 'obtained', [
      'CloudTrail’s AssumeRole says it: user deploy-pipeline, with a long-term key. The session’s name proves nothing, since whoever takes the session chooses it.',
      'The dated deny on the role ends the session. The user’s key takes the next one until it is inactive: look at its own calls too.',
    ]),
}
