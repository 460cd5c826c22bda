/** Something that accounts lie in: the root (`r-…`) or an organizational unit (`ou-…`). */
export interface OrganizationUnit {
  readonly id: string
  readonly name: string
  /** Absent for the root. */
  readonly parentId?: string
}

/** An account as its organization has it. */
export interface MemberAccount {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly status: 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE'
  readonly joinedAt: number
  readonly parentId: string
  readonly tags: Readonly<Record<string, string>>
}

/** A service control policy, and what it is attached to: accounts by their ids. */
export interface ControlPolicy {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly content: string
  readonly targets: Set<string>
}

/** The organization that the account belongs to, as far as its reads show it. */
export interface Organization {
  /** `o-…`. */
  readonly id: string
  readonly managementAccountId: string
  readonly managementEmail: string
  /** Accounts that the management account lets administer a service: they may read the organization too. */
  readonly delegatedAdministrators: readonly string[]
  readonly units: ReadonlyMap<string, OrganizationUnit>
  readonly accounts: ReadonlyMap<string, MemberAccount>
  /** By id. AWS's own FullAWSAccess is attached everywhere besides. */
  readonly controlPolicies: Map<string, ControlPolicy>
}
