import { epochOf, type Instant } from '../values/instant.ts'

/**
 * How grave a deed is for whoever reads of it, the gravest first: every list of an investigation is ordered by this table and cut
 * at its end only (docs/investigate.md has it in words). `Danger` is another order: the one in which things are removed.
 */
export const GRAVITIES = [
  /** Rights to do everything, or to give oneself every right. */
  'administrator',
  /** Credentials that work: keys, passwords, second factors. */
  'credential',
  /** Somebody outside, or a provider, who may come in. */
  'trust',
  /** Data or machines opened to others: shares, public policies, open ports. */
  'exposure',
  /** Records, alarms and guards switched off. */
  'defence',
  /** Data or keys destroyed, or about to be. */
  'destruction',
  /** Other rights. */
  'permission',
  /** Code, commands and machines. */
  'execution',
  /** Users, groups, roles and policies by themselves. */
  'identity',
  /** Data and secrets read or copied. */
  'read',
] as const

export type Gravity = (typeof GRAVITIES)[number]

/** Each class in words, for a count of what a list leaves out. */
const GRAVITY_WORDS: Readonly<Record<Gravity, string>> = {
  administrator: 'administrator rights',
  credential: 'credentials',
  trust: 'trust',
  exposure: 'exposure',
  defence: 'defences',
  destruction: 'destruction',
  permission: 'permissions',
  execution: 'execution',
  read: 'reads and copies',
  identity: 'users, groups, roles and policies',
}

interface Deed {
  /** A journal of an earlier version has none. */
  readonly gravity?: Gravity
  readonly at: Instant
  readonly succeeded: boolean
  readonly undoneBy?: unknown
  readonly eventSource?: string
}

/**
 * The same deeds, the gravest first: those that failed come last, because they left nothing; within a class those that still stand
 * come before those that were undone, what concerns AWS's own records of the incident before other things, and else the earlier
 * comes first.
 */
export const byGravity = <T extends Deed>(deeds: readonly T[]): readonly T[] =>
  deeds.toSorted(
    (a, b) =>
      Number(b.succeeded) - Number(a.succeeded) ||
      rankOf(a) - rankOf(b) ||
      Number(a.undoneBy !== undefined) - Number(b.undoneBy !== undefined) ||
      Number(!isOfRecords(a)) - Number(!isOfRecords(b)) ||
      epochOf(a.at) - epochOf(b.at),
  )

const isOfRecords = ({ eventSource = '' }: Deed): boolean => /^(?:cloudtrail|guardduty)\./.test(eventSource)

const rankOf = ({ gravity = 'permission' }: Deed): number => GRAVITIES.indexOf(gravity)

/** How many of each class, in words, the gravest first: "3 reads and copies, 2 permissions". */
export const countByGravity = (deeds: readonly Pick<Deed, 'gravity'>[]): string =>
  GRAVITIES.flatMap((gravity) => {
    const count = deeds.filter((deed) => (deed.gravity ?? 'permission') === gravity).length
    return count > 0 ? [`${count} ${GRAVITY_WORDS[gravity]}`] : []
  }).join(', ')
