import type { RegionLookup } from './region-lookup.ts'
import type { RegionReader } from './region-reader.ts'
import { pagesLeft } from './window.ts'

const CALLS_A_SECOND = 2
const SLOWEST = 0.1

/** Seconds until all Regions are read, as far as lookups are begun: at the rate of each, which is at most two calls a second. */
export const secondsLeft = (lookups: readonly RegionLookup[], readers: readonly RegionReader[], seconds: number): number => {
  const left = readers.map((reader) => {
    const pages = lookups
      .filter(({ region }) => region === reader.region)
      .flatMap(({ windows }) => windows)
      .reduce((sum, window) => sum + pagesLeft(window), 0)
    const rate = seconds > 1 ? reader.calls() / seconds : CALLS_A_SECOND
    return pages / Math.min(CALLS_A_SECOND, Math.max(SLOWEST, rate))
  })
  return Math.max(0, ...left)
}
