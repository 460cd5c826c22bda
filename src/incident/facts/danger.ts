import { epochOf, type Instant } from '../values/instant.ts'

/**
 * How dangerous something is that an attacker left, the most dangerous first; in this order it is shown and removed. A credential
 * that works comes before whoever may get one, and a trust before the sessions that it lets in: revoked sessions come back through
 * it. What the others stand on comes last, because IAM deletes no user, group, role or policy while anything is on it.
 */
export const DANGERS = [
  /** A credential that works, and has been used. */
  'used-credential',
  /** A credential that works. */
  'credential',
  /** Who may assume a role, or sign in through another provider. */
  'trust',
  /** A session that has not expired. */
  'session',
  /** What somebody may do: policies, memberships. */
  'permission',
  /** Code or a machine of the attacker's, and ways to it through the network. */
  'execution',
  /** Records and alarms that are switched off. */
  'defence',
  /** Copies and shares of data, and secrets that are known. */
  'data',
  /** Users, groups, roles, policies and profiles, by themselves. */
  'holder',
] as const

export type Danger = (typeof DANGERS)[number]

/**
 * The same things, the most dangerous first, and of equal danger the newest first: a later one may depend on an earlier one. Things
 * of one moment stay in the order in which they were given.
 */
export const byDanger = <T>(
  things: readonly T[],
  of: (thing: T) => { readonly danger: Danger; readonly at: Instant },
): readonly T[] =>
  things
    .map((thing) => ({ thing, ...of(thing) }))
    .sort((a, b) => DANGERS.indexOf(a.danger) - DANGERS.indexOf(b.danger) || epochOf(b.at) - epochOf(a.at))
    .map(({ thing }) => thing)
