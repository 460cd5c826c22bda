import type { Account, AccountRole } from './account.ts'
import { type CredentialPrincipal, principalArn } from './credentials.ts'

type Place = Pick<Account, 'partition' | 'id' | 'region'>

/** A text with the ARNs in it moved to the account's partition: scenarios are written with those of the commercial one. */
export const inPartition = ({ partition }: Pick<Account, 'partition'>, text: string): string =>
  text.replaceAll('arn:aws:', `arn:${partition}:`)

/** A role's ARN with its path. A role that was deleted counts as if its path were `/`. */
export const roleArn = (account: Account, roleName: string): string =>
  `arn:${account.partition}:iam::${account.id}:role${account.roles.get(roleName)?.path ?? '/'}${roleName}`

/** A user's ARN with its path. */
export const userArn = (account: Account, userName: string): string =>
  `arn:${account.partition}:iam::${account.id}:user${account.users.get(userName)?.path ?? '/'}${userName}`

/** An instance profile's ARN with its path. */
export const profileArn = (account: Account, profileName: string): string =>
  `arn:${account.partition}:iam::${account.id}:instance-profile${account.instanceProfiles.get(profileName)?.path ?? '/'}${profileName}`

/** A group's ARN with its path. */
export const groupArn = (account: Account, groupName: string): string =>
  `arn:${account.partition}:iam::${account.id}:group${account.groups.get(groupName)?.path ?? '/'}${groupName}`

/** The ARN of something of IAM's that has no path here: `policy`, `mfa`, `saml-provider`, `oidc-provider`. */
export const iamArn = ({ partition, id }: Place, kind: string, name: string): string =>
  `arn:${partition}:iam::${id}:${kind}/${name}`

/** The ARN of something of EC2's that belongs to the account: `instance`, `volume`. */
export const ec2Arn = (
  { partition, region, id }: Place,
  kind: 'instance' | 'volume' | 'key-pair' | 'security-group' | 'network-interface' | 'subnet',
  resourceId: string,
): string => `arn:${partition}:ec2:${region}:${id}:${kind}/${resourceId}`

/** A snapshot's ARN, which has no account in it ("Actions, resources, and condition keys for Amazon EC2"). */
export const snapshotArn = ({ partition, region }: Place, snapshotId: string): string =>
  `arn:${partition}:ec2:${region}::snapshot/${snapshotId}`

/** An image's ARN, which has no account in it. */
export const imageArn = ({ partition, region }: Place, imageId: string): string =>
  `arn:${partition}:ec2:${region}::image/${imageId}`

/** The ARNs by which a policy may name a caller: the user; the session and its role; otherwise the principal itself. */
export const principalArns = (account: Account, principal: CredentialPrincipal): readonly string[] => {
  if (principal.type === 'user') return [userArn(account, principal.userName)]
  const own = principalArn(account, principal)
  return principal.type === 'role-session' ? [own, roleArn(account, principal.roleName)] : [own]
}

/** A role of the account by its ARN, path included; undefined for one that it does not have. */
export const roleAtArn = (account: Account, arn: string): AccountRole | undefined =>
  [...account.roles.values()].find(({ name }) => roleArn(account, name) === arn)
