import type { AddressUse } from './facts/subject.ts'
import type { Instant } from './values/instant.ts'

/** Which calls of a role are counted: those of its own sessions, never calls of the stolen key or of a service on its behalf. */
export interface RoleCallsAsked {
  /** The role's unique id (`AROA…`), and the account that it belongs to, where that is known. */
  readonly role: { readonly id: string; readonly accountId?: string }
  readonly stolenKey: string
  readonly from: Instant
  /** Calls at this moment or later do not count. */
  readonly until: Instant
  readonly addresses: readonly string[]
}

/** How the calls of a role are distributed over the addresses that were asked for. */
export interface RoleCallsCounted {
  /** From whatever address. */
  readonly calls: number
  /** The first of them. */
  readonly first?: Instant
  readonly addresses: readonly AddressUse[]
  /** Bytes that the service read, by which it is paid. */
  readonly bytes: number
  /** Why something may be missing, a sentence each. */
  readonly incomplete: readonly string[]
}

/** Where an account's records are kept besides CloudTrail's event history, and counted: Athena or CloudTrail Lake. */
export interface RoleHistory {
  /** As sentences name it: `Athena table logs.trail`. */
  readonly name: string
  /** As sentences name the service that counts. */
  readonly service: string
  /**
   * Counts the calls that a role made, within so many seconds of AWS's time; when they are over, the query is stopped. Throws a
   * Failure that says why there is no answer; the signal's reason when that is given.
   */
  count(asked: RoleCallsAsked, limits: { readonly signal: AbortSignal; readonly within: number }): Promise<RoleCallsCounted>
}
