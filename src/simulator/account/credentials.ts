/** Who a set of credentials stands for. */
export type CredentialPrincipal =
  | { readonly type: 'role-session'; readonly roleName: string; readonly roleId: string; readonly sessionName: string }
  | { readonly type: 'user'; readonly userName: string; readonly userId: string }

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
): string =>
  principal.type === 'user'
    ? `arn:${partition}:iam::${id}:user/${principal.userName}`
    : `arn:${partition}:sts::${id}:assumed-role/${principal.roleName}/${principal.sessionName}`

/** The unique id that `aws:userid` and CloudTrail's principalId carry. */
export const principalId = (principal: CredentialPrincipal): string =>
  principal.type === 'user' ? principal.userId : `${principal.roleId}:${principal.sessionName}`
