import type {
  GetInstanceProfileRequest,
  GetInstanceProfileResponse,
  GetRoleRequest,
  GetRoleResponse,
  InstanceProfile as InstanceProfileAnswer,
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesForRoleResponse,
  ListRolesRequest,
  ListRolesResponse,
  Role as RoleAnswer,
} from '@aws-sdk/client-iam'
import { given } from '../../../incident/values/given.ts'
import type { Account, AccountRole, InstanceProfile } from '../../account/account.ts'
import { profileArn, roleArn } from '../../account/arns.ts'
import { timeIn } from '../../agenda.ts'
import { operation } from '../../service.ts'
import { boundaryAnswer, encodeDocument, iamPage, iamTagList, profileNamed, roleNamed, wholeSecondDate } from './found.ts'

/** What ListRoles gives: less than GetRole (no tags, no boundary, no last use). */
const roleSummary = (account: Account, role: AccountRole): RoleAnswer => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: roleArn(account, role.name),
  CreateDate: wholeSecondDate(role.createdAt),
  AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
  ...given({ Description: role.description }),
  MaxSessionDuration: role.maxSessionDuration,
})

const isSessionOf = (account: Account, role: AccountRole, accessKeyId: string | undefined): boolean => {
  const principal = accessKeyId === undefined ? undefined : account.credentials.find(accessKeyId)?.principal
  return principal?.type === 'role-session' && principal.roleId === role.id
}

/** RoleLastUsed is no live view: it follows what CloudTrail has delivered. */
const lastUsed = (account: Account, role: AccountRole): RoleAnswer['RoleLastUsed'] => {
  const now = timeIn(account)
  const isKnown = ({ deliveredAt, accessKeyId }: { deliveredAt: number; accessKeyId?: string }): boolean =>
    deliveredAt <= now && isSessionOf(account, role, accessKeyId)
  const record = account.trail.all().findLast(isKnown)
  return record ? { LastUsedDate: wholeSecondDate(record.at), Region: record.region } : {}
}

const roleDetails = (account: Account, role: AccountRole): RoleAnswer => ({
  ...roleSummary(account, role),
  ...given({
    PermissionsBoundary: role.boundary !== undefined ? boundaryAnswer(role.boundary) : undefined,
    Tags: Object.keys(role.tags).length === 0 ? undefined : iamTagList(role.tags),
  }),
  RoleLastUsed: lastUsed(account, role),
})

/** An instance profile with the role that is in it. */
export const profileAnswer = (account: Account, profile: InstanceProfile): InstanceProfileAnswer => {
  const role = profile.roleName === undefined ? undefined : account.roles.get(profile.roleName)
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profileArn(account, profile.name),
    CreateDate: wholeSecondDate(profile.createdAt),
    Roles: role ? [roleSummary(account, role)] : [],
  }
}

const getRole = operation<GetRoleRequest, GetRoleResponse>({
  authorize: (account, { RoleName = '' }) => [{ action: 'iam:GetRole', resource: roleArn(account, RoleName) }],
  run: (account, { RoleName }) => ({ Role: roleDetails(account, roleNamed(account, RoleName)) }),
  writes: false,
})

const listRoles = operation<ListRolesRequest, ListRolesResponse>({
  run: (account, input) => {
    const roles = [...account.roles.values()].filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'))
    const { items, end } = iamPage(account, roles, ({ name }) => name, input)
    return { Roles: items.map((role) => roleSummary(account, role)), ...end }
  },
  writes: false,
})

const listInstanceProfilesForRole = operation<ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse>({
  authorize: (account, { RoleName = '' }) => [
    { action: 'iam:ListInstanceProfilesForRole', resource: roleArn(account, RoleName) },
  ],
  run: (account, input) => {
    const role = roleNamed(account, input.RoleName)
    const profiles = [...account.instanceProfiles.values()].filter(({ roleName }) => roleName === role.name)
    const { items, end } = iamPage(account, profiles, ({ name }) => name, input)
    return { InstanceProfiles: items.map((profile) => profileAnswer(account, profile)), ...end }
  },
  writes: false,
})

const getInstanceProfile = operation<GetInstanceProfileRequest, GetInstanceProfileResponse>({
  authorize: (account, { InstanceProfileName = '' }) => [
    { action: 'iam:GetInstanceProfile', resource: profileArn(account, InstanceProfileName) },
  ],
  run: (account, input) => ({ InstanceProfile: profileAnswer(account, profileNamed(account, input.InstanceProfileName)) }),
  writes: false,
})

export const roleOperations = {
  GetRole: getRole,
  ListRoles: listRoles,
  ListInstanceProfilesForRole: listInstanceProfilesForRole,
  GetInstanceProfile: getInstanceProfile,
}
