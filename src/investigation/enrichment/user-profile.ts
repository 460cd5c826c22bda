import {
  GetAccessKeyLastUsedCommand,
  GetLoginProfileCommand,
  GetUserCommand,
  type IAMClient,
  type User,
} from '@aws-sdk/client-iam'
import { emptyAnswer } from '../../aws/failure.ts'
import type { PolicyRead, UserKey, UserProfile } from '../../incident/facts/role-profile.ts'
import { given } from '../../incident/values/given.ts'
import { instantOf } from '../../incident/values/instant.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import { accessKeysOf, mfaDevicesOf, readGroups } from './iam-lists.ts'
import { listOptional, plain, readOptionalInto } from './optional-reads.ts'
import { type PolicyReading, policyReading, readPolicies } from './read-policies.ts'
import { risksIn } from './risks.ts'
import { boundaryOf, lastUseOf, orGone, roleIdentityOf, tagsOf } from './role-profile.ts'

export interface UserAsked {
  readonly iam: IAMClient
  readonly userName: string
}

/**
 * Asks IAM about a user whose long-term key was stolen: groups, permissions by policy (those of the groups too), boundary, keys
 * with status and last use, MFA devices, and whether there is a console password. Reads only; what is denied becomes a sentence.
 */
export const readUserProfile = async ({ iam, userName }: UserAsked): Promise<UserProfile> => {
  const incomplete: string[] = []
  const ask = readOptionalInto(incomplete)
  const user = await ask('iam:GetUser', `user ${plain(userName)}`, () => orGone(() => userOf(iam, userName)))
  if (user === 'gone') return { ...emptyUser(userName, 'gone'), incomplete: [`IAM knows no user ${plain(userName)} (any more)`] }
  const reading = policyReading(iam, ask, incomplete)
  const groups = await groupNamesOf(reading, userName)
  const policies = await policiesOf(reading, userName, groups, user)
  const password = await hasPassword(reading, userName)
  return {
    ...emptyUser(userName, user ? 'found' : 'unread'),
    ...(user ? describedUser(user) : {}),
    groups: groups.map(untrusted),
    policies,
    risks: risksIn(policies),
    keys: await keysOf(reading, userName),
    mfa: await mfaOf(reading, userName),
    ...given({ consolePassword: password }),
    incomplete,
  }
}

const userOf = async (iam: IAMClient, UserName: string): Promise<User> => {
  const { User: user } = await iam.send(new GetUserCommand({ UserName }))
  if (!user?.Arn) throw emptyAnswer('iam:GetUser', 'a user')
  return user
}

const emptyUser = (name: string, found: UserProfile['found']): UserProfile => ({
  kind: 'user',
  found,
  name,
  tags: [],
  policies: [],
  risks: [],
  groups: [],
  keys: [],
  mfa: [],
  incomplete: [],
})

const describedUser = (user: User): Partial<UserProfile> => ({
  ...roleIdentityOf({ arn: user.Arn, id: user.UserId, path: user.Path, created: user.CreateDate }),
  tags: tagsOf(user.Tags),
  ...given({ passwordLastUsed: user.PasswordLastUsed ? instantOf(user.PasswordLastUsed) : undefined }),
})

const groupNamesOf = async (reading: PolicyReading, userName: string): Promise<readonly string[]> => {
  const groups = await listOptional(reading, 'iam:ListGroupsForUser', `the groups of user ${plain(userName)}`, () =>
    readGroups(reading.iam, userName),
  )
  return groups.flatMap(({ GroupName }) => GroupName ?? [])
}

const policiesOf = async (
  reading: PolicyReading,
  userName: string,
  groups: readonly string[],
  user: User | undefined,
): Promise<readonly PolicyRead[]> => {
  const policies = [...(await readPolicies(reading, 'User', userName))]
  for (const group of groups) policies.push(...(await readPolicies(reading, 'Group', group)))
  return [...policies, ...(await boundaryOf(reading, user?.PermissionsBoundary?.PermissionsBoundaryArn))]
}

const keysOf = async (reading: PolicyReading, userName: string): Promise<readonly UserKey[]> => {
  const { iam, ask } = reading
  const metadata = await listOptional(reading, 'iam:ListAccessKeys', `the keys of user ${plain(userName)}`, () =>
    accessKeysOf(iam, userName),
  )
  const keys: UserKey[] = []
  for (const { AccessKeyId, Status, CreateDate } of metadata) {
    if (AccessKeyId === undefined) continue
    const answer = await ask('iam:GetAccessKeyLastUsed', `the last use of key ${AccessKeyId}`, () =>
      iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId })),
    )
    const { LastUsedDate, Region, ServiceName } = answer?.AccessKeyLastUsed ?? {}
    const lastUsed = lastUseOf(LastUsedDate, Region, ServiceName)
    keys.push({
      accessKeyId: AccessKeyId,
      status: Status === 'Active' || Status === 'Inactive' ? Status : 'unknown',
      ...given({ createdAt: CreateDate ? instantOf(CreateDate) : undefined, lastUsed }),
    })
  }
  return keys
}

const mfaOf = async (reading: PolicyReading, userName: string): Promise<UserProfile['mfa']> => {
  const devices = await listOptional(reading, 'iam:ListMFADevices', `the MFA devices of user ${plain(userName)}`, () =>
    mfaDevicesOf(reading.iam, userName),
  )
  return devices.map(({ SerialNumber, EnableDate }) => ({
    serial: untrusted(SerialNumber ?? ''),
    ...given({ enabledAt: EnableDate ? instantOf(EnableDate) : undefined }),
  }))
}

/** A user without a login profile cannot sign in to the console; undefined when IAM does not say. */
const hasPassword = async ({ iam, ask }: PolicyReading, UserName: string): Promise<boolean | undefined> => {
  const profile = await ask('iam:GetLoginProfile', `whether user ${plain(UserName)} has a console password`, () =>
    orGone(() => iam.send(new GetLoginProfileCommand({ UserName }))),
  )
  return profile === undefined ? undefined : profile !== 'gone'
}
