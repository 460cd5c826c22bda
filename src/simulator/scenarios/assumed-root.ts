import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const assumedRootScenario: Scenario = {
  story:
    'GuardDuty reports that root credentials were used from an address on the threat list acme-bad-ips. ' +
    'Somebody in the organization’s management account took them with sts:AssumeRoot. ' +
    'Would a new root password end that?',
  build: (options) =>
    buildSubjectTheft(options, 'assumed-root', [
      'The session has no password and no keys behind it: it ends by itself after 15 minutes.',
      'Contain the principal of the management account that called AssumeRoot, as an incident of its own: it takes the next session. The record’s sharedEventID finds the call in the trail there. You declare it, and ir-cred looks whether the principal takes another one.',
      'A service control policy on the root user with the condition aws:AssumedRoot null does not bind this session.',
    ]),
}
