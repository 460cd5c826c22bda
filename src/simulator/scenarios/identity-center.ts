import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const identityCenterScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of a role AWSReservedSSO_AdministratorAccess were used from an address on the threat list acme-bad-ips. ' +
    'A person signed in with IAM Identity Center. ' +
    'Can you put a deny on that role?',
  build: (options) =>
    buildSubjectTheft(options, 'identity-center', [
      'IAM lets nobody edit the role of a permission set: ir-cred refuses (exit code 5) and names the steps.',
      'The work is in the management account: disable the user, and deny by the permission set’s one inline policy, which the next write overwrites.',
      'The sessions that are out live for up to 12 hours, also after the end of the person’s portal session.',
    ]),
}
