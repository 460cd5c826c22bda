import { MINUTE_MS } from '../../incident/values/duration.ts'
import { type Instant, instantOf } from '../../incident/values/instant.ts'
import type { CallIdentity } from '../question.ts'
import type { Counter, CounterCall, CounterCaller, CounterOrigin, RecordPart } from './counter.ts'

/** Calls that have everything in common but the moment. */
export interface TimeBucket {
  readonly caller: CounterCaller
  readonly call: CounterCall
  readonly origin: CounterOrigin
  readonly part: RecordPart
  /** The minute (in scope) or the hour that these calls fell into: milliseconds since the epoch at its beginning. */
  readonly start: number
  readonly events: number
  /** Milliseconds since the epoch. */
  readonly first: number
  readonly last: number
}

/** All calls of one caller from one origin, whenever they were made. */
export interface Sighting {
  readonly caller: CounterCaller
  readonly origin: CounterOrigin
  readonly events: number
  readonly first: number
  readonly last: number
}

/** More than there can be. */
const MOST_ORIGINS = 2 ** 26

/** Which cells are wanted: what is missing does not matter. */
export interface WantedBuckets {
  readonly part?: RecordPart
  /** Cells that begin at this moment or later, and before that one. Milliseconds since the epoch. */
  readonly from?: number
  readonly until?: number
  isOf?(called: CallIdentity): boolean
}

/** So many cells are remembered: a few megabytes. More are made anew for each walk, so that memory stays flat. */
const BUCKETS_KEPT = 50_000

/** The cells that are wanted of a counter that does not change any more, one at a time, as often as they are walked. */
export const timeBucketsOf = (counter: Counter, wanted: WantedBuckets): Iterable<TimeBucket> => {
  const isWanted = chooser(counter, wanted)
  const { size } = counter.timeBuckets.keys
  let remembered: readonly TimeBucket[] | undefined
  let areMany = false
  const gathered = (): readonly TimeBucket[] | undefined => {
    const cells: TimeBucket[] = []
    for (let index = 0; index < size && !areMany; index += 1) {
      const cell = isWanted(index) ? cellAt(counter, index) : undefined
      if (cell) cells.push(cell)
      areMany = cells.length > BUCKETS_KEPT
    }
    return areMany ? undefined : cells
  }
  function* walk(): Generator<TimeBucket> {
    for (let index = 0; index < size; index += 1) {
      const cell = isWanted(index) ? cellAt(counter, index) : undefined
      if (cell) yield cell
    }
  }
  const iterate = (): Iterator<TimeBucket> => {
    if (!areMany) remembered ??= gathered()
    return (remembered ?? walk())[Symbol.iterator]()
  }
  return { [Symbol.iterator]: iterate }
}

/** Looks at numbers only, and at each caller with its origin once: a baseline is walked often, and its cells are many. */
const chooser = (counter: Counter, { part, from = 0, until = Number.POSITIVE_INFINITY, isOf }: WantedBuckets) => {
  const { timeBuckets: cells, callers, origins } = counter
  const odd = part && (part === 'scope' ? 1 : 0)
  const known = new Map<number, boolean>()
  const isAsked = (caller: number, origin: number): boolean => {
    const place = caller * MOST_ORIGINS + origin
    const before = known.get(place)
    if (before !== undefined) return before
    const [who, whence] = [callers.values[caller], origins.values[origin]]
    const is = who !== undefined && whence !== undefined && isOf?.({ ...who, source: whence.source }) === true
    known.set(place, is)
    return is
  }
  return (index: number): boolean => {
    const { keys } = cells.keys
    const minutes = keys[4 * index + 3] ?? 0
    const start = Math.floor(minutes / 2) * MINUTE_MS
    if ((odd !== undefined && minutes % 2 !== odd) || start < from || start >= until || !((cells.events[index] ?? 0) > 0))
      return false
    return isOf === undefined || isAsked(keys[4 * index] ?? 0, keys[4 * index + 2] ?? 0)
  }
}

const cellAt = ({ timeBuckets: cells, callers, calls, origins }: Counter, index: number): TimeBucket | undefined => {
  const { keys } = cells.keys
  const caller = callers.values[keys[4 * index] ?? 0]
  const call = calls.values[keys[4 * index + 1] ?? 0]
  const origin = origins.values[keys[4 * index + 2] ?? 0]
  const minutes = keys[4 * index + 3] ?? 0
  if (!caller || !call || !origin) return undefined
  const part = minutes % 2 === 1 ? 'scope' : 'around'
  const start = Math.floor(minutes / 2) * MINUTE_MS
  const { events, first, last } = cells
  return { caller, call, origin, part, start, events: events[index] ?? 0, first: first[index] ?? 0, last: last[index] ?? 0 }
}

export const sightingsOf = ({ sightings, callers, origins }: Counter): Iterable<Sighting> => ({
  *[Symbol.iterator]() {
    for (let index = 0; index < sightings.keys.size; index += 1) {
      const caller = callers.values[sightings.keys.keys[2 * index] ?? 0]
      const origin = origins.values[sightings.keys.keys[2 * index + 1] ?? 0]
      const events = sightings.events[index] ?? 0
      if (!caller || !origin || events === 0) continue
      yield { caller, origin, events, first: sightings.first[index] ?? 0, last: sightings.last[index] ?? 0 }
    }
  },
})

export const instantAt = (milliseconds: number): Instant => instantOf(new Date(milliseconds))
