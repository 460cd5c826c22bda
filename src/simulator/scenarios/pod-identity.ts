import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const podIdentityScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of role orders-pod were used from an address on the threat list acme-bad-ips. ' +
    'EKS Pod Identity issued them to a pod in cluster shop-cluster. ' +
    'Which association gives the role to the pods?',
  build: (options) =>
    buildSubjectTheft(options, 'pod-identity', [
      'The record of the issue says who took the session, and its tags name cluster, namespace and service account.',
      'No list of associations names a role: list those of each cluster, and describe each.',
      'A dated deny on the role refuses the stolen set and the pods’ own. A pod gets new credentials as long as the association stands, and so does whoever is in it.',
      'ir-cred deletes the association on approval by name (--approve close-access), which cuts the owner’s pods off too. ir-cred lift creates it again.',
    ]),
}
