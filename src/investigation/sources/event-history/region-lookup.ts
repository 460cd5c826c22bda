import { SECOND_MS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, instantOf } from '../../../incident/values/instant.ts'
import type { LookupBy } from './lookups.ts'

/** How far one lookup has come in one Region. */
export interface LookupCursor {
  /** Those that are not read to their end. */
  readonly windows: readonly Window[]
}

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

/**
 * A part of a lookup's time range that is read page by page, the newest events first. All times are whole seconds since the
 * epoch, because LookupEvents knows no parts of a second; both ends belong to the window. Plain JSON: a cursor is made of it.
 */
export interface Window {
  /** What the query asks for. */
  readonly from: number
  readonly until: number
  /** Earlier events are another window's: later than `from` once the window has been split. */
  stop: number
  /** The oldest event that was read; `until` at the beginning. */
  reached: number
  /** Where the next page begins. Missing before the first page, and after the last. */
  token?: string
  pages: number
  /** Seconds of history on a page: its own, or for want of that its parent's. */
  secondsPerPage?: number
  done: boolean
  /** Why it is read no further, a clause. Another reading may try again. */
  gap?: string
}

export const openWindow = (from: number, until: number, secondsPerPage?: number): Window => ({
  from,
  until,
  stop: from,
  reached: until,
  pages: 0,
  ...given({ secondsPerPage }),
  done: false,
})

/** What of a page moves its window on. */
interface TurnedPage {
  /** The oldest event on the page; missing when it is empty. */
  readonly oldest?: number
  readonly token?: string
}

/** Notes a page; the window is done when there is no next one, or when the next one is another window's. */
export const turnPage = (window: Window, { oldest, token }: TurnedPage): void => {
  window.pages += 1
  if (oldest !== undefined) {
    window.reached = Math.min(window.reached, oldest)
    window.secondsPerPage = Math.max(1, (window.until - window.reached) / window.pages)
  }
  delete window.token
  if (token !== undefined) window.token = token
  window.done = token === undefined || window.reached < window.stop
}

/** How many pages are probably left, judged by those that were read. */
export const pagesLeft = ({ done, gap, reached, stop, secondsPerPage }: Window): number =>
  done || gap !== undefined ? 0 : Math.max(1, secondsPerPage === undefined ? 1 : (reached - stop) / secondsPerPage)

const WORTH_SPLITTING = 2

/**
 * Parts what is left of a window in two: it keeps the newer half, and the older one is given. Undefined when nothing is
 * known of it, or when too little is left.
 */
export const split = (window: Window): Window | undefined => {
  if (window.secondsPerPage === undefined || pagesLeft(window) < WORTH_SPLITTING) return undefined
  const middle = window.stop + Math.ceil((window.reached - window.stop) / 2)
  if (middle <= window.stop || middle >= window.reached) return undefined
  const older = openWindow(window.stop, middle - 1, window.secondsPerPage)
  window.stop = middle
  return older
}

/** The rest of a window as a new query: for a token that is refused. Events of its last second are read twice. */
export const restOfWindow = ({ stop, reached, secondsPerPage }: Window): Window => openWindow(stop, reached, secondsPerPage)
