import type {
  DeleteRolePolicyRequest,
  GetRolePolicyRequest,
  GetRolePolicyResponse,
  ListAttachedRolePoliciesRequest,
  ListAttachedRolePoliciesResponse,
  ListRolePoliciesRequest,
  ListRolePoliciesResponse,
  PutRolePolicyRequest,
} from '@aws-sdk/client-iam'
import { given } from '../../../incident/values/given.ts'
import type { Account } from '../../account/account.ts'
import { roleArn } from '../../account/arns.ts'
import { timeIn } from '../../agenda.ts'
import { documentInForce } from '../../authorization/identity-policies.ts'
import type { ServiceError } from '../../call.ts'
import { type Authorization, operation } from '../../service.ts'
import { attachedPage, inlinePage } from './attached.ts'
import { encodeDocument, noSuchEntity, roleNamed } from './found.ts'
import { ROLES, refuseMalformedPolicy, refuseOverQuota, refuseProtected } from './holders.ts'

const onRole =
  (action: string) =>
  (account: Account, { RoleName = '' }: { readonly RoleName: string | undefined }): readonly Authorization[] => [
    { action, resource: roleArn(account, RoleName) },
  ]

const noSuchPolicy = (name: string | undefined): ServiceError =>
  noSuchEntity(`The role policy with name ${name} cannot be found.`)

const getRolePolicy = operation<GetRolePolicyRequest, GetRolePolicyResponse>({
  authorize: onRole('iam:GetRolePolicy'),
  run: (account, { RoleName, PolicyName }) => {
    const policy = roleNamed(account, RoleName).inline.get(PolicyName ?? '')
    if (!policy) throw noSuchPolicy(PolicyName)
    return { RoleName, PolicyName, PolicyDocument: encodeDocument(policy.document) }
  },
  writes: false,
})

const putRolePolicy = operation<PutRolePolicyRequest, object>({
  authorize: onRole('iam:PutRolePolicy'),
  run: (account, { RoleName, PolicyName = '', PolicyDocument = '' }) => {
    const role = roleNamed(account, RoleName)
    refuseProtected(role)
    refuseMalformedPolicy(PolicyDocument)
    refuseOverQuota(ROLES, role, PolicyName, PolicyDocument)
    const before = documentInForce(account, role, PolicyName)
    const policy = { document: PolicyDocument, writtenAt: timeIn(account), ...given({ before }) }
    role.inline.set(PolicyName, policy)
    role.deleted.delete(PolicyName)
    return {}
  },
  writes: true,
})

const deleteRolePolicy = operation<DeleteRolePolicyRequest, object>({
  authorize: onRole('iam:DeleteRolePolicy'),
  run: (account, { RoleName, PolicyName = '' }) => {
    const role = roleNamed(account, RoleName)
    refuseProtected(role)
    if (!role.inline.has(PolicyName)) throw noSuchPolicy(PolicyName)
    const document = documentInForce(account, role, PolicyName)
    role.inline.delete(PolicyName)
    if (document !== undefined) role.deleted.set(PolicyName, { document, deletedAt: timeIn(account) })
    return {}
  },
  writes: true,
})

const listRolePolicies = operation<ListRolePoliciesRequest, ListRolePoliciesResponse>({
  authorize: onRole('iam:ListRolePolicies'),
  run: (account, input) => inlinePage(account, roleNamed(account, input.RoleName), input),
  writes: false,
})

const listAttachedRolePolicies = operation<ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse>({
  authorize: onRole('iam:ListAttachedRolePolicies'),
  run: (account, input) => attachedPage(account, roleNamed(account, input.RoleName), input),
  writes: false,
})

export const rolePolicyOperations = {
  GetRolePolicy: getRolePolicy,
  PutRolePolicy: putRolePolicy,
  DeleteRolePolicy: deleteRolePolicy,
  ListRolePolicies: listRolePolicies,
  ListAttachedRolePolicies: listAttachedRolePolicies,
}
