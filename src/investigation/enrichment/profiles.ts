import type { IAMClient } from '@aws-sdk/client-iam'
import type { OrganizationsClient } from '@aws-sdk/client-organizations'
import type { AccountProfile, ListedAccount } from '../../incident/facts/account-profile.ts'
import type { PrincipalIdentity } from '../../incident/facts/activity.ts'
import type { PrincipalProfile } from '../../incident/facts/role-profile.ts'
import { given } from '../../incident/values/given.ts'
import { roleSessionOf } from '../../incident/values/identifiers.ts'
import { readAccountProfile } from './account-profile.ts'
import { readRoleProfile } from './role-profile.ts'
import { readUserProfile } from './user-profile.ts'

export interface ProfilesAsked {
  readonly identity: PrincipalIdentity
  /** The account of the responder's credentials: IAM answers for no other. */
  readonly accountId: string
  readonly iam: IAMClient
  readonly organizations: () => Promise<OrganizationsClient>
  readonly listed?: ListedAccount
}

/** In which account it happened, and with which permissions: as far as the responder's credentials reach. */
export interface Profiles {
  readonly account?: AccountProfile
  readonly permissions?: PrincipalProfile
}

/** Asks IAM and AWS Organizations about whoever made the calls. Of another account's role only its account is asked about. */
export const readProfiles = async (asked: ProfilesAsked): Promise<Profiles> => {
  const { identity, iam, organizations, listed } = asked
  const { accountId = asked.accountId } = identity
  const isOurs = accountId === asked.accountId
  const inAccount = { accountId, organizations, ...given({ iam: isOurs ? iam : undefined, listed }) }
  const [account, permissions] = await Promise.all([
    readAccountProfile(inAccount),
    isOurs ? principalOf(identity, iam) : undefined,
  ])
  const unasked = isOurs ? [] : [`its permissions were not asked for: the credentials are of account ${asked.accountId}`]
  return { account: { ...account, incomplete: [...account.incomplete, ...unasked] }, ...given({ permissions }) }
}

const principalOf = async ({ roleName, userName, principalId }: PrincipalIdentity, iam: IAMClient) => {
  const roleId = roleSessionOf(principalId)?.roleId
  if (roleName) return readRoleProfile({ iam, roleName, ...given({ roleId: roleId || undefined }) })
  return userName ? readUserProfile({ iam, userName }) : undefined
}
