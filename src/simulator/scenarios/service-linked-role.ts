import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const serviceLinkedScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of role AWSServiceRoleForAutoScaling were used from an address on the threat list acme-bad-ips. ' +
    'Only AWS changes that role. ' +
    'Where do you contain it?',
  build: (options) =>
    buildSubjectTheft(options, 'service-linked', [
      'No policy can be put on a service-linked role: ir-cred refuses (exit code 5) and names the service.',
      'Look in the service for what the attacker made it do, and open a case with AWS Support, who alone can end the session.',
    ]),
}
