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
}
