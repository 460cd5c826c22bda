import type { Instant } from '../values/instant.ts'
import type { Untrusted } from '../values/untrusted.ts'
import type { Tag } from './role-profile.ts'

/** A step of the way from an organization's root to an account. */
export interface OrganizationStep {
  /** `r-…` or `ou-…`. */
  readonly id: string
  readonly kind: 'root' | 'unit'
  /** Absent when only its id could be read. */
  readonly name?: Untrusted
}

/** The organization that an account is in. */
export interface OrganizationRead {
  /** `o-…`. */
  readonly id: string
  readonly managementAccountId?: string
}

/** What the responder's own list of accounts says of one. */
export interface ListedAccount {
  readonly accountId: string
  readonly owner?: Untrusted
  readonly environment?: Untrusted
  readonly dataClass?: Untrusted
  /** The further columns, by their names, in their order. */
  readonly further: readonly { readonly name: Untrusted; readonly value: Untrusted }[]
}

/** In which account it happened: what IAM, AWS Organizations and the responder's list say of it. */
export interface AccountProfile {
  readonly accountId: string
  readonly alias?: Untrusted
  readonly organization?: OrganizationRead
  /** As AWS Organizations has them. */
  readonly name?: Untrusted
  readonly email?: Untrusted
  readonly status?: Untrusted
  readonly joinedAt?: Instant
  /** Who was asked; IAM and AWS Organizations where it is absent. */
  readonly sources?: readonly string[]
  /** From the root down to what the account lies in. */
  readonly path: readonly OrganizationStep[]
  readonly tags: readonly Tag[]
  readonly listed?: ListedAccount
  /** A sentence for everything that could not be read. */
  readonly incomplete: readonly string[]
}
