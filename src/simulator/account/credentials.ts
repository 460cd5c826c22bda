/** Who a set of credentials stands for. */
export type CredentialPrincipal =
  | { readonly type: 'role-session'; readonly roleName: string; readonly roleId: string; readonly sessionName: string }
  | { readonly type: 'user'; readonly userName: string; readonly userId: string }
  /** A session of GetFederationToken: `federatedName` is what the broker calls its own user; the permissions come from the IAM user. */
  | { readonly type: 'federated-user'; readonly userName: string; readonly userId: string; readonly federatedName: string }
  | { readonly type: 'root' }
  /** Somebody with an identity provider's token and no credentials yet. `provider` is the provider's address without its scheme. */
  | { readonly type: 'web-identity'; readonly provider: string; readonly subject: string; readonly audience: string }

/** One registered key: everything the account knows about it. Times in ms since the epoch. */
export interface IssuedCredential {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly principal: CredentialPrincipal
  /** The account it belongs to, where that is not the simulated one. */
  readonly accountId?: string
  readonly issuedAt: number
  readonly expiresAt?: number
  /** How the metadata service delivered it: '1.0' (IMDSv1) or '2.0' (IMDSv2); absent for everything else. */
  readonly ec2RoleDelivery?: '1.0' | '2.0'
  readonly instanceId?: string
  /** What the caller limited the session to when it was made: documents as text. Absent: nothing. */
  readonly sessionPolicies?: readonly string[]
  /** Tags that were passed when the session was made. */
  readonly sessionTags?: Readonly<Record<string, string>>
  /** A session of the console: it may call IAM, which sessions of GetSessionToken without MFA may not. */
  readonly viaConsole?: boolean
  /** A session of AssumeRoot: `aws:AssumedRoot`. */
  readonly assumedRoot?: boolean
}

export interface CredentialStore {
  register(credential: IssuedCredential): IssuedCredential
  find(accessKeyId: string): IssuedCredential | undefined
  all(): readonly IssuedCredential[]
}

export const createCredentialStore = (): CredentialStore => {
  const byKey = new Map<string, IssuedCredential>()
  return {
    register: (credential) => {
      byKey.set(credential.accessKeyId, credential)
      return credential
    },
    find: (accessKeyId) => byKey.get(accessKeyId),
    all: () => [...byKey.values()],
  }
}

/** The account that a set of credentials belongs to. */
export const accountOf = ({ id }: { readonly id: string }, { accountId = id }: IssuedCredential): string => accountId

/** The ARN by which STS and error messages name a principal. */
export const principalArn = (
  { partition, id }: { readonly partition: string; readonly id: string },
  principal: CredentialPrincipal,
): string => {
  switch (principal.type) {
    case 'user':
      return `arn:${partition}:iam::${id}:user/${principal.userName}`
    case 'role-session':
      return `arn:${partition}:sts::${id}:assumed-role/${principal.roleName}/${principal.sessionName}`
    case 'federated-user':
      return `arn:${partition}:sts::${id}:federated-user/${principal.federatedName}`
    case 'root':
      return `arn:${partition}:iam::${id}:root`
    case 'web-identity':
      return `arn:${partition}:iam::${id}:oidc-provider/${principal.provider}:${principal.audience}:${principal.subject}`
  }
}

/** The unique id that `aws:userid` and CloudTrail's principalId carry. */
export const principalId = (
  account: { readonly partition: string; readonly id: string },
  principal: CredentialPrincipal,
): string => {
  switch (principal.type) {
    case 'user':
      return principal.userId
    case 'role-session':
      return `${principal.roleId}:${principal.sessionName}`
    case 'federated-user':
      return `${account.id}:${principal.federatedName}`
    case 'root':
      return account.id
    case 'web-identity':
      return principalArn(account, principal)
  }
}

/** The name that findings give a principal: for a session of a role, the role's. */
export const findingUserName = (principal: CredentialPrincipal): string => {
  switch (principal.type) {
    case 'role-session':
      return principal.roleName
    case 'root':
      return 'Root'
    case 'federated-user':
      return principal.federatedName
    case 'web-identity':
      return principal.subject
    case 'user':
      return principal.userName
  }
}

/** CloudTrail's `userIdentity.type`, and a finding's UserType. */
export const principalType = ({ type }: CredentialPrincipal): string =>
  ({
    user: 'IAMUser',
    'role-session': 'AssumedRole',
    'federated-user': 'FederatedUser',
    root: 'Root',
    'web-identity': 'WebIdentityUser',
  })[type]
