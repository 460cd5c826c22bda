import { type Compute, noCompute } from './compute.ts'

/** A version of a managed policy. Times here are ms since the epoch. */
export interface PolicyVersion {
  readonly id: string
  readonly document: string
  readonly createdAt: number
}

/** A managed policy by its default version. */
export interface ManagedPolicy {
  readonly name: string
  /** The default version's text: calls are decided by it. */
  readonly document: string
  /** Absent for what has had one version since long before the incident: AWS's own, and those that scenarios make. */
  readonly versions?: readonly PolicyVersion[]
  readonly defaultVersion?: string
}

export interface IdentityProvider {
  readonly arn: string
  readonly createdAt: number
  /** A SAML provider's metadata; an OpenID Connect provider's address. */
  readonly source: string
  readonly clientIds: readonly string[]
}

/** A token that an identity provider gave somebody: whoever holds it may assume the roles that trust its subject, until it expires. */
export interface WebIdentityToken {
  readonly token: string
  /** The provider's address without its scheme. */
  readonly provider: string
  readonly subject: string
  readonly audience: string
  readonly issuedAt: number
  readonly expiresAt: number
}

export interface KeyPair {
  readonly id: string
  readonly name: string
  readonly fingerprint: string
  readonly createdAt: number
}

export interface SecurityGroup {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly vpcId: string
  readonly tags: Readonly<Record<string, string>>
}

export interface SecurityGroupRule {
  readonly id: string
  readonly groupId: string
  readonly isEgress: boolean
  readonly protocol: string
  readonly fromPort: number
  readonly toPort: number
  readonly cidr: string
}

export interface Image {
  readonly id: string
  readonly name: string
  readonly instanceId: string
  readonly createdAt: number
}

/** Where a load balancer sends requests. */
export interface TargetGroup {
  readonly name: string
  readonly id: string
  readonly port: number
  readonly vpcId: string
  readonly instanceIds: readonly string[]
}

/** An object of a bucket. Its text is all that it holds. */
export interface StoredObject {
  readonly body: string
  readonly modifiedAt: number
}

/** A bucket of the account's Region, by its name. */
export interface StoredBucket {
  readonly name: string
  readonly createdAt: number
  /** By key. */
  readonly objects: Map<string, StoredObject>
  policy?: string
  readonly blocksPublicAccess: boolean
  /** Why its objects are not here, as a sentence: a service writes them that is not simulated. */
  readonly unserved?: string
}

interface KmsGrant {
  readonly id: string
  readonly name: string
  readonly grantee: string
  readonly operations: readonly string[]
  readonly createdAt: number
}

/** A KMS key. */
export interface KmsKey {
  readonly id: string
  /** Absent: the customer. */
  readonly manager?: 'AWS'
  readonly description: string
  readonly createdAt: number
  /** By id. */
  readonly grants: Map<string, KmsGrant>
}

/** A profile of IAM Roles Anywhere: the roles whose sessions certificates take through it. */
export interface CertificateProfile {
  readonly id: string
  readonly name: string
  roleNames: readonly string[]
  enabled: boolean
  readonly createdAt: number
  updatedAt: number
}

/** An authority whose certificates take sessions by IAM Roles Anywhere, and the serial numbers that it has revoked. */
export interface TrustAnchor {
  readonly id: string
  readonly name: string
  enabled: boolean
  /** Absent: no list was imported. */
  revocations?: { readonly serials: readonly string[]; readonly importedAt: number }
}

/** An identity pool of Amazon Cognito, and who gets identities from it. */
export interface IdentityPool {
  readonly id: string
  readonly name: string
  allowsGuests: boolean
  /** User pools that sign people in, by the names that the pool has for them. */
  readonly userPools?: readonly string[]
  readonly tags?: Readonly<Record<string, string>>
}

interface RegionalHoldings extends Compute {
  /** By id, which begins with the Region. */
  readonly identityPools: Map<string, IdentityPool>
  /** By id. */
  readonly certificateProfiles: Map<string, CertificateProfile>
  /** By id. */
  readonly trustAnchors: Map<string, TrustAnchor>
  /** By id. */
  readonly kmsKeys: Map<string, KmsKey>
  readonly keyPairs: Map<string, KeyPair>
  /** Those that somebody made: each network has one of its own besides. */
  readonly securityGroups: Map<string, SecurityGroup>
  readonly securityGroupRules: Map<string, SecurityGroupRule>
  readonly images: Map<string, Image>
  /** By name. */
  readonly targetGroups: Map<string, TargetGroup>
  /** Who a snapshot or an image is shared with: account ids, and `all`. */
  readonly shares: Map<string, ReadonlySet<string>>
}

/** What an account may hold besides roles, users, groups and instances: mostly what somebody leaves behind in it. */
export interface Holdings extends RegionalHoldings {
  /** The serials of virtual MFA devices that nobody has enabled: the others stand with their users. */
  readonly idleMfaDevices: Set<string>
  readonly identityProviders: Map<string, IdentityProvider>
  /** All lie in the account's Region, and every Region lists them. */
  readonly buckets: Map<string, StoredBucket>
  /** By the token. */
  readonly webIdentityTokens: Map<string, WebIdentityToken>
}

/** A Region in which nobody has made anything. */
export const noRegionalHoldings = (): RegionalHoldings => ({
  ...noCompute(),
  certificateProfiles: new Map(),
  trustAnchors: new Map(),
  identityPools: new Map(),
  kmsKeys: new Map(),
  keyPairs: new Map(),
  securityGroups: new Map(),
  securityGroupRules: new Map(),
  images: new Map(),
  targetGroups: new Map(),
  shares: new Map(),
})

/** An account in which nobody has made anything. */
export const noHoldings = (): Holdings => ({
  ...noRegionalHoldings(),
  idleMfaDevices: new Set(),
  identityProviders: new Map(),
  buckets: new Map(),
  webIdentityTokens: new Map(),
})
