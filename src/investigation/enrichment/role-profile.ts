import { GetRoleCommand, type IAMClient, type Role } from '@aws-sdk/client-iam'
import { emptyAnswer, isNotFound } from '../../aws/failure.ts'
import type { LastUse, PolicyRead, RoleProfile, Tag } from '../../incident/facts/role-profile.ts'
import { given } from '../../incident/values/given.ts'
import { accountNamedBy } from '../../incident/values/identifiers.ts'
import { instantOf } from '../../incident/values/instant.ts'
import { untrusted, untrustedOrNone } from '../../incident/values/untrusted.ts'
import { plain, readOptionalInto } from './optional-reads.ts'
import { type PolicyReading, policyReading, readManaged, readPolicies } from './read-policies.ts'
import { readTrust } from './read-trust.ts'
import { risksIn } from './risks.ts'

export interface RoleAsked {
  /** Of the role's own account: to another one, a role of this name would be another role, or none. */
  readonly iam: IAMClient
  readonly roleName: string
  /** The unique id that the records name (`AROA…`): a role that was deleted and made anew has another. */
  readonly roleId?: string
}

/**
 * Asks IAM about a role: who may take it, and what it may do by its policies as they stand now. Reads only. What is denied
 * becomes a sentence in `incomplete`, and the rest stands. Last used is what GetRole says ("RoleLastUsed"); when each service
 * was last called is not asked, for IAM makes that report only as a job (docs/decisions/0008).
 */
export const readRoleProfile = async ({ iam, roleName, roleId }: RoleAsked): Promise<RoleProfile> => {
  const incomplete: string[] = []
  const ask = readOptionalInto(incomplete)
  const role = await ask('iam:GetRole', `role ${plain(roleName)}`, () => orGone(() => roleOf(iam, roleName)))
  if (role === 'gone') return { ...emptyRole(roleName, 'gone'), incomplete: [`IAM knows no role ${plain(roleName)} (any more)`] }
  if (role && roleId !== undefined && role.RoleId !== roleId) incomplete.push(madeAnew(role, roleId))
  const reading = policyReading(iam, ask, incomplete)
  const own = await readPolicies(reading, 'Role', roleName)
  const policies = [...own, ...(await boundaryOf(reading, role?.PermissionsBoundary?.PermissionsBoundaryArn))]
  const lastUsed = role && lastUseOf(role.RoleLastUsed?.LastUsedDate, role.RoleLastUsed?.Region)
  return {
    ...emptyRole(roleName, role ? 'found' : 'unread'),
    ...(role ? describedRole(role, incomplete) : {}),
    ...given({ lastUsed }),
    policies,
    risks: risksIn(policies),
    incomplete,
  }
}

const madeAnew = ({ RoleName = '', RoleId = '' }: Role, roleId: string): string =>
  `role ${plain(RoleName)} was made anew: it is ${plain(RoleId)} now, and the records speak of ${plain(roleId)}, whose permissions are not known`

/** What is not there is an answer, not a failure to read. */
export const orGone = async <T>(send: () => Promise<T>): Promise<T | 'gone'> => {
  try {
    return await send()
  } catch (error) {
    if (isNotFound(error)) return 'gone'
    throw error
  }
}

const roleOf = async (iam: IAMClient, RoleName: string): Promise<Role> => {
  const { Role: role } = await iam.send(new GetRoleCommand({ RoleName }))
  if (!role?.Arn) throw emptyAnswer('iam:GetRole', 'a role')
  return role
}

const emptyRole = (name: string, found: RoleProfile['found']): RoleProfile => ({
  kind: 'role',
  found,
  name,
  tags: [],
  trust: [],
  policies: [],
  risks: [],
  incomplete: [],
})

const describedRole = (role: Role, incomplete: string[]): Partial<RoleProfile> => {
  const { Description, MaxSessionDuration, Tags, AssumeRolePolicyDocument } = role
  const description = untrustedOrNone(Description)
  const trust = readTrust(AssumeRolePolicyDocument, accountIn(role.Arn))
  if (!trust) incomplete.push(`the trust policy of role ${plain(role.RoleName ?? '')} is not written as IAM writes policies`)
  return {
    ...roleIdentityOf({ arn: role.Arn, id: role.RoleId, path: role.Path, created: role.CreateDate }),
    ...given({ description, maxSessionDuration: MaxSessionDuration }),
    tags: tagsOf(Tags),
    trust: trust ?? [],
  }
}

const accountIn = (arn = ''): string => accountNamedBy(arn) ?? ''

interface Identity {
  readonly arn: string | undefined
  readonly id: string | undefined
  readonly path: string | undefined
  readonly created: Date | undefined
}

/** What IAM itself chose or checked: names, ids and times. */
export const roleIdentityOf = ({ arn, id, path, created }: Identity) => ({
  ...given({ arn, id, path, createdAt: created !== undefined ? instantOf(created) : undefined }),
})

export const tagsOf = (tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): readonly Tag[] =>
  (tags ?? []).map(({ Key, Value }) => ({ key: untrusted(Key ?? ''), value: untrusted(Value ?? '') }))

export const lastUseOf = (
  date: Date | undefined,
  region: string | undefined,
  service?: string | undefined,
): LastUse | undefined => {
  if (date === undefined) return undefined
  const where = untrustedOrNone(region)
  const what = untrustedOrNone(service)
  return { at: instantOf(date), ...given({ region: where, service: what }) }
}

/** The permissions boundary as a policy; none when there is none. */
export const boundaryOf = async (reading: PolicyReading, arn: string | undefined): Promise<readonly PolicyRead[]> =>
  arn === undefined ? [] : [await readManaged(reading, arn, { use: 'boundary' })]
