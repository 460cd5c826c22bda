import type {
  AddRoleToInstanceProfileRequest,
  CreateInstanceProfileRequest,
  CreateInstanceProfileResponse,
  CreateRoleRequest,
  CreateRoleResponse,
  DeleteInstanceProfileRequest,
  DeleteRoleRequest,
  RemoveRoleFromInstanceProfileRequest,
  UpdateAssumeRolePolicyRequest,
} from '@aws-sdk/client-iam'
import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import type { Account, AccountRole } from '../../account/account.ts'
import { iamArn, profileArn, roleArn } from '../../account/arns.ts'
import { timeIn } from '../../agenda.ts'
import { parseTrustPolicy } from '../../authorization/policy.ts'
import { trustInForce } from '../../authorization/trust.ts'
import { ServiceError } from '../../call.ts'
import { iamIdFrom } from '../../random.ts'
import { operation } from '../../service.ts'
import { encodeDocument, noSuchEntity, profileNamed, roleNamed, tagsGiven, wholeSecondDate } from './found.ts'
import { onHolder, ROLES, refuseConflict, refuseMalformedPolicy, refuseProtected, refuseTaken } from './holders.ts'

const createRole = operation<CreateRoleRequest, CreateRoleResponse>({
  authorize: (account, { RoleName = '', Path = '/' }) => [
    { action: 'iam:CreateRole', resource: iamArn(account, `role${Path}`.replace(/\/$/, ''), RoleName) },
  ],
  run: (account, input) => {
    const { RoleName: name = '', Path: path = '/', AssumeRolePolicyDocument: trustPolicy = '', MaxSessionDuration } = input
    const { Description: description, PermissionsBoundary: boundary, Tags = [] } = input
    refuseTaken(account.roles.has(name), `Role with name ${name}`)
    refuseMalformedPolicy(trustPolicy, parseTrustPolicy)
    const role: AccountRole = {
      ...{ name, path, trustPolicy },
      id: iamIdFrom(account.random, 'AROA'),
      createdAt: timeIn(account),
      maxSessionDuration: MaxSessionDuration ?? HOUR_SECONDS,
      tags: tagsGiven(Tags),
      attachedPolicies: [],
      inline: new Map(),
      deleted: new Map(),
      ...given({ description, boundary }),
    }
    account.roles.set(name, role)
    return {
      Role: {
        Path: path,
        RoleName: name,
        RoleId: role.id,
        Arn: roleArn(account, name),
        CreateDate: wholeSecondDate(role.createdAt),
        AssumeRolePolicyDocument: encodeDocument(trustPolicy),
      },
    }
  },
  writes: true,
})

const deleteRole = operation<DeleteRoleRequest, object>({
  authorize: onHolder('DeleteRole', ROLES),
  run: (account, { RoleName }) => {
    const role = roleNamed(account, RoleName)
    const { name, inline, attachedPolicies } = role
    refuseProtected(role)
    refuseConflict(inline.size > 0, 'delete policies')
    refuseConflict(attachedPolicies.length > 0, 'detach all policies')
    refuseConflict(
      [...account.instanceProfiles.values()].some(({ roleName }) => roleName === name),
      'remove roles from instance profile',
    )
    account.roles.delete(name)
    return {}
  },
  writes: true,
})

const updateAssumeRolePolicy = operation<UpdateAssumeRolePolicyRequest, object>({
  authorize: onHolder('UpdateAssumeRolePolicy', ROLES),
  run: (account, { RoleName, PolicyDocument = '' }) => {
    const role = roleNamed(account, RoleName)
    refuseProtected(role)
    refuseMalformedPolicy(PolicyDocument, parseTrustPolicy)
    const trustBefore = { trustPolicy: trustInForce(account, role), writtenAt: timeIn(account) }
    account.roles.set(role.name, { ...role, trustPolicy: PolicyDocument, trustBefore })
    return {}
  },
  writes: true,
})

const onProfile =
  (action: string) =>
  (account: Account, { InstanceProfileName = '' }: { readonly InstanceProfileName: string | undefined }) => [
    { action: `iam:${action}`, resource: profileArn(account, InstanceProfileName) },
  ]

const createInstanceProfile = operation<CreateInstanceProfileRequest, CreateInstanceProfileResponse>({
  authorize: onProfile('CreateInstanceProfile'),
  run: (account, { InstanceProfileName: name = '', Path: path = '/' }) => {
    refuseTaken(account.instanceProfiles.has(name), `Instance Profile ${name}`)
    const profile = { name, path, id: iamIdFrom(account.random, 'AIPA'), createdAt: timeIn(account) }
    account.instanceProfiles.set(name, profile)
    return {
      InstanceProfile: {
        Path: path,
        InstanceProfileName: name,
        InstanceProfileId: profile.id,
        Arn: profileArn(account, name),
        CreateDate: wholeSecondDate(profile.createdAt),
        Roles: [],
      },
    }
  },
  writes: true,
})

const deleteInstanceProfile = operation<DeleteInstanceProfileRequest, object>({
  authorize: onProfile('DeleteInstanceProfile'),
  run: (account, { InstanceProfileName }) => {
    const { name, roleName } = profileNamed(account, InstanceProfileName)
    refuseConflict(roleName !== undefined, 'remove roles from instance profile')
    account.instanceProfiles.delete(name)
    return {}
  },
  writes: true,
})

const addRoleToInstanceProfile = operation<AddRoleToInstanceProfileRequest, object>({
  authorize: (account, { InstanceProfileName = '', RoleName = '' }) => [
    { action: 'iam:AddRoleToInstanceProfile', resource: profileArn(account, InstanceProfileName) },
    { action: 'iam:PassRole', resource: roleArn(account, RoleName) },
  ],
  run: (account, { InstanceProfileName, RoleName }) => {
    const profile = profileNamed(account, InstanceProfileName)
    const { name: roleName } = roleNamed(account, RoleName)
    if (profile.roleName !== undefined) {
      throw new ServiceError('LimitExceeded', 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1', 409)
    }
    account.instanceProfiles.set(profile.name, { ...profile, roleName })
    return {}
  },
  writes: true,
})

const removeRoleFromInstanceProfile = operation<RemoveRoleFromInstanceProfileRequest, object>({
  authorize: onProfile('RemoveRoleFromInstanceProfile'),
  run: (account, { InstanceProfileName, RoleName }) => {
    const { roleName, ...profile } = profileNamed(account, InstanceProfileName)
    if (roleName !== RoleName) throw noSuchEntity(`The role with name ${RoleName} cannot be found.`)
    account.instanceProfiles.set(profile.name, profile)
    return {}
  },
  writes: true,
})

export const roleLifeOperations = {
  CreateRole: createRole,
  DeleteRole: deleteRole,
  UpdateAssumeRolePolicy: updateAssumeRolePolicy,
  CreateInstanceProfile: createInstanceProfile,
  DeleteInstanceProfile: deleteInstanceProfile,
  AddRoleToInstanceProfile: addRoleToInstanceProfile,
  RemoveRoleFromInstanceProfile: removeRoleFromInstanceProfile,
}
