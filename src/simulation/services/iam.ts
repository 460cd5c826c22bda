import type { ListAccountAliasesRequest, ListAccountAliasesResponse } from '@aws-sdk/client-iam'
import { operation, type Service } from '../service.ts'
import { groupOperations } from './iam/groups.ts'
import { managedPolicyOperations } from './iam/managed-policies.ts'
import { rolePolicyOperations } from './iam/role-policies.ts'
import { roleOperations } from './iam/roles.ts'
import { simulationOperations } from './iam/simulate.ts'
import { userPolicyOperations } from './iam/user-policies.ts'
import { userOperations } from './iam/users.ts'

const listAccountAliases = operation<ListAccountAliasesRequest, ListAccountAliasesResponse>({
  run: ({ alias }) => ({ AccountAliases: alias === '' ? [] : [alias], IsTruncated: false }),
  writes: false,
})

/** IAM, the same in every Region. */
export const iam: Service = {
  ...roleOperations,
  ...rolePolicyOperations,
  ...managedPolicyOperations,
  ...userOperations,
  ...userPolicyOperations,
  ...groupOperations,
  ...simulationOperations,
  ListAccountAliases: listAccountAliases,
}
