import { SECOND_MS } from '../../../incident/values/duration.ts'
import { type Instant, instantOf } from '../../../incident/values/instant.ts'
import type { LookupCursor } from './cursor.ts'
import type { LookupBy } from './lookups.ts'
import { openWindow, restOfWindow, type Window } from './window.ts'

/** A lookup in one Region, and how far it has come. */
export interface RegionLookup {
  readonly region: string
  readonly by: LookupBy | undefined
  /** All windows that it was cut into. */
  readonly windows: Window[]
}

/** Both ends included; moments are taken to the whole second that CloudTrail knows. */
export interface LookupRange {
  readonly from: Instant
  readonly until: Instant
}

export const beginLookup = (region: string, by: LookupBy | undefined, { from, until }: LookupRange): RegionLookup => ({
  region,
  by,
  windows: [openWindow(Math.floor(Date.parse(from) / SECOND_MS), Math.floor(Date.parse(until) / SECOND_MS))],
})

/** A lookup where a cursor left it; what failed then is tried again. */
export const continueLookup = (region: string, by: LookupBy | undefined, { windows }: LookupCursor): RegionLookup => ({
  region,
  by,
  windows: windows.map((window) => (window.gap === undefined ? { ...window } : restOfWindow(window))),
})

export const lookupCursorOf = ({ windows }: RegionLookup): LookupCursor => ({
  windows: windows.filter(({ done }) => !done).map((window) => ({ ...window })),
})

const nameOfLookup = (by: LookupBy | undefined): string => (by ? `${by.attribute} ${by.value}` : 'every event')

/** What makes a lookup of a reading the same as one of the reading before. */
export const lookupKeyOf = (region: string, by: LookupBy | undefined, { from, until }: LookupRange): string =>
  `${region} ${nameOfLookup(by)} ${from}/${until}`

const at = (seconds: number): Instant => instantOf(new Date(seconds * SECOND_MS))

/** What of a lookup is not known, a sentence without a full stop for each reason. */
export const gapsOf = ({ region, by, windows }: RegionLookup): readonly string[] => {
  const ranges = new Map<string, string[]>()
  for (const { gap, stop, reached } of [...windows].sort((a, b) => a.stop - b.stop))
    if (gap !== undefined) ranges.set(gap, [...(ranges.get(gap) ?? []), `${at(stop)} to ${at(reached)}`])
  return [...ranges].map(
    ([why, missing]) => `CloudTrail in ${region}, ${nameOfLookup(by)}, was not read from ${missing.join(' and from ')}: ${why}`,
  )
}
