/**
 * Pseudo-random numbers in [0, 1) from a seed (mulberry32): the same seed gives the same account.
 * For a simulation only; nothing secret is made of them.
 */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** One of the items, evenly. Throws RangeError when there are none. */
export const pick = <T>(random: () => number, items: readonly T[]): T => {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new RangeError('nothing to pick from')
  return item
}

/** A number in [low, high). */
export const between = (random: () => number, low: number, high: number): number => low + random() * (high - low)

/** Random lower-case hexadecimal digits, from the account's own randomness: the tail of EC2's identifiers. */
export const hexFrom = (random: () => number, length: number): string =>
  Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('')

const ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** A unique id of IAM's (`AIDA…` a user, `AROA…` a role, `AGPA…` a group, `ANPA…` a policy): 17 characters after the prefix. */
export const iamIdFrom = (random: () => number, prefix: string): string =>
  prefix + Array.from({ length: 17 }, () => ID_CHARACTERS.charAt(Math.floor(random() * 32))).join('')
