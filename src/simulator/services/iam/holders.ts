import type { Account, AccountRole, User } from '../../account/account.ts'
import { groupArn, roleArn, userArn } from '../../account/arns.ts'
import type { Group } from '../../account/identities.ts'
import { parsePolicy } from '../../authorization/policy.ts'
import { ServiceError } from '../../call.ts'
import type { Authorization } from '../../service.ts'
import { groupNamed, roleNamed, userNamed } from './found.ts'

/** A kind of what policies are put on, and how it is found and written back. */
export interface PolicyHolderKind<H extends User | AccountRole | Group> {
  readonly word: 'User' | 'Role' | 'Group'
  readonly named: (account: Account, name: string | undefined) => H
  readonly arn: (account: Account, name: string) => string
  readonly replace: (account: Account, holder: H) => void
}

export const USERS: PolicyHolderKind<User> = {
  word: 'User',
  named: userNamed,
  arn: userArn,
  replace: (account, user) => void account.users.set(user.name, user),
}

export const ROLES: PolicyHolderKind<AccountRole> = {
  word: 'Role',
  named: roleNamed,
  arn: roleArn,
  replace: (account, role) => void account.roles.set(role.name, role),
}

export const GROUPS: PolicyHolderKind<Group> = {
  word: 'Group',
  named: groupNamed,
  arn: groupArn,
  replace: (account, group) => void account.groups.set(group.name, group),
}

/** Which user, role or group an input is about. */
export interface HolderInput {
  readonly UserName?: string | undefined
  readonly RoleName?: string | undefined
  readonly GroupName?: string | undefined
}

export const nameIn = (input: HolderInput, { word }: Pick<PolicyHolderKind<Group>, 'word'>): string => input[`${word}Name`] ?? ''

/** What IAM is asked for an action on one user, role or group. */
export const onHolder =
  <H extends User | AccountRole | Group>(action: string, kind: PolicyHolderKind<H>) =>
  (account: Account, input: HolderInput): readonly Authorization[] => [
    { action: `iam:${action}`, resource: kind.arn(account, nameIn(input, kind)) },
  ]

export const refuseTaken = (isTaken: boolean, what: string): void => {
  if (isTaken) throw new ServiceError('EntityAlreadyExists', `${what} already exists.`, 409)
}

/** IAM deletes nothing that still holds something. */
export const refuseConflict = (holds: boolean, what: string): void => {
  if (holds) throw new ServiceError('DeleteConflict', `Cannot delete entity, must ${what} first.`, 409)
}

/** Throws MalformedPolicyDocument for the text of a policy that IAM would not take: an identity-based one unless `parse` reads another. */
export const refuseMalformedPolicy = (document: string, parse: (text: string) => unknown = parsePolicy): void => {
  try {
    parse(document)
  } catch (error) {
    throw new ServiceError('MalformedPolicyDocument', error instanceof Error ? error.message : 'Syntax errors in policy.')
  }
}

/** "IAM and AWS STS quotas": all inline policies of one user, group or role together, white space not counted. */
const INLINE_QUOTA = { User: 2048, Group: 5120, Role: 10_240 } as const

/** Throws LimitExceeded where the inline policies would be too large with this one. */
export const refuseOverQuota = (
  { word }: Pick<PolicyHolderKind<Group>, 'word'>,
  { name, inline }: Pick<User, 'name' | 'inline'>,
  policyName: string,
  document: string,
): void => {
  const others = [...inline].filter(([other]) => other !== policyName).map(([, policy]) => policy.document)
  const size = [...others, document].reduce((sum, text) => sum + text.replace(/\s/g, '').length, 0)
  if (size <= INLINE_QUOTA[word]) return
  const message = `Maximum policy size of ${INLINE_QUOTA[word]} bytes exceeded for ${word.toLowerCase()} ${name}`
  throw new ServiceError('LimitExceeded', message, 409)
}

/** Service-linked roles belong to their service, AWSReservedSSO roles to IAM Identity Center: nobody in the account changes them. */
export const refuseProtected = ({ name, path }: Pick<AccountRole, 'name' | 'path'>): void => {
  if (!/^\/aws-(service-role|reserved)\//.test(path)) return
  const message = `Cannot perform the operation on the protected role '${name}' - this role is only modifiable by AWS`
  throw new ServiceError('UnmodifiableEntity', message)
}
