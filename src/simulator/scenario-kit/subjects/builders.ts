import { identityCenterSession, obtainedSession, serviceLinkedSession } from './assumed.ts'
import { identityPoolSession } from './identity-pool.ts'
import { otherAccountSession } from './other-account.ts'
import { rolesAnywhereSession } from './roles-anywhere.ts'
import { assumedRootSession, stolenRootSession } from './root.ts'
import { samlSession } from './saml.ts'
import { lambdaSession, podIdentitySession, taskSession } from './services.ts'
import type { SubjectBuilder, SubjectKind } from './subject.ts'
import { stolenFederatedSession, stolenUserKey, stolenUserSession } from './users.ts'
import { webIdentitySession } from './web-identity.ts'

/** How each kind of subject comes into an account. */
export const SUBJECT_BUILDERS: Readonly<Record<SubjectKind, SubjectBuilder>> = {
  'user-key': stolenUserKey,
  'user-session': stolenUserSession,
  'federated-user': stolenFederatedSession,
  root: stolenRootSession,
  'assumed-root': assumedRootSession,
  'lambda-function': lambdaSession,
  'ecs-task': taskSession,
  'pod-identity': podIdentitySession,
  'web-identity': webIdentitySession,
  'other-account': otherAccountSession,
  'identity-center': identityCenterSession,
  saml: samlSession,
  'identity-pool': identityPoolSession,
  'roles-anywhere': rolesAnywhereSession,
  'service-linked': serviceLinkedSession,
  obtained: obtainedSession,
}
