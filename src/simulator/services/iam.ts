import type { ListAccountAliasesRequest, ListAccountAliasesResponse } from '@aws-sdk/client-iam'
import { operation, type Service } from '../service.ts'
import { groupLifeOperations } from './iam/group-life.ts'
import { groupOperations } from './iam/groups.ts'
import { holderPolicyOperations } from './iam/holder-policies.ts'
import { identityProviderOperations } from './iam/identity-providers.ts'
import { listOperations } from './iam/lists.ts'
import { managedPolicyOperations } from './iam/managed-policies.ts'
import { policyLifeOperations } from './iam/policy-life.ts'
import { roleLifeOperations } from './iam/role-life.ts'
import { rolePolicyOperations } from './iam/role-policies.ts'
import { roleOperations } from './iam/roles.ts'
import { aboutRootUser, rootUserReports } from './iam/root-user.ts'
import { signInOperations } from './iam/sign-in.ts'
import { simulationOperations } from './iam/simulate.ts'
import { userLifeOperations } from './iam/user-life.ts'
import { userPolicyOperations } from './iam/user-policies.ts'
import { userOperations } from './iam/users.ts'

const listAccountAliases = operation<ListAccountAliasesRequest, ListAccountAliasesResponse>({
  run: ({ alias }) => ({ AccountAliases: alias === '' ? [] : [alias], IsTruncated: false }),
  writes: false,
})

const ofUsers: Service = {
  ...roleOperations,
  ...rolePolicyOperations,
  ...managedPolicyOperations,
  ...userOperations,
  ...userPolicyOperations,
  ...groupOperations,
  ...simulationOperations,
  ...userLifeOperations,
  ...signInOperations,
  ...groupLifeOperations,
  ...holderPolicyOperations,
  ...policyLifeOperations,
  ...roleLifeOperations,
  ...identityProviderOperations,
  ...listOperations,
  ListAccountAliases: listAccountAliases,
}

/** IAM, the same in every Region. */
export const iam: Service = { ...aboutRootUser(ofUsers), ...rootUserReports }
