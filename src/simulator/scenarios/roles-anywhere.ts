import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const rolesAnywhereScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of role backup were used from an address on the threat list acme-bad-ips. ' +
    'A server in your data centre takes them with a certificate, by IAM Roles Anywhere. ' +
    'The attacker has the certificate and its private key.',
  build: (options) =>
    buildSubjectTheft(options, 'roles-anywhere', [
      'The session is named after the serial number of the certificate: that is the one to revoke.',
      'Disable the profile, or import a revocation list: otherwise the certificate takes the next session under any dated deny.',
      'ir-cred disables the profile on approval by name (--approve close-access), and moves the cut-off past it.',
      'The profile shuts the owner’s servers out too. Revoke the certificate, give the server another one, and enable the profile again.',
    ]),
}
