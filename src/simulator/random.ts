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
