import { floorTo, HOUR_MS, MINUTE_MS } from '../../incident/values/duration.ts'
import { type Instant, instantOf } from '../../incident/values/instant.ts'
import type { CallIdentity } from '../question.ts'
import type { Counter, CounterCall, CounterCaller, CounterOrigin, RecordPart } from './counter.ts'

/** Calls of one minute or hour that have caller, API, outcome and origin in common. */
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

/** More origins than a counter can hold. */
const MOST_ORIGINS = 2 ** 26

/** Which time buckets to give. A missing member selects all. */
export interface BucketSelection {
  readonly part?: RecordPart
  /** Buckets that begin at this moment or later, and before that one. Milliseconds since the epoch. */
  readonly from?: number
  readonly until?: number
  isOf?(called: CallIdentity): boolean
}

/** Up to this number, buckets are kept as objects: a few megabytes. More are made again for each iteration, so that memory stays flat. */
const BUCKETS_KEPT = 50_000

/** The selected time buckets of a counter that no longer changes. They can be iterated as often as needed. */
export const timeBucketsOf = (counter: Counter, selection: BucketSelection): Iterable<TimeBucket> => {
  const isSelectedAt = bucketFilter(counter, selection)
  const { size } = counter.timeBuckets.keys
  let kept: readonly TimeBucket[] | undefined
  let areMany = false
  const collect = (): readonly TimeBucket[] | undefined => {
    const buckets: TimeBucket[] = []
    for (let index = 0; index < size && !areMany; index += 1) {
      const bucket = isSelectedAt(index) ? bucketAt(counter, index) : undefined
      if (bucket) buckets.push(bucket)
      areMany = buckets.length > BUCKETS_KEPT
    }
    return areMany ? undefined : buckets
  }
  function* eachBucket(): Generator<TimeBucket> {
    for (let index = 0; index < size; index += 1) {
      const bucket = isSelectedAt(index) ? bucketAt(counter, index) : undefined
      if (bucket) yield bucket
    }
  }
  const iterate = (): Iterator<TimeBucket> => {
    if (!areMany) kept ??= collect()
    return (kept ?? eachBucket())[Symbol.iterator]()
  }
  return { [Symbol.iterator]: iterate }
}

/** Compares numbers, and looks at each caller with its origin once: a baseline is iterated often and has many buckets. */
const bucketFilter = (counter: Counter, { part, from = 0, until = Number.POSITIVE_INFINITY, isOf }: BucketSelection) => {
  const { timeBuckets, callers, origins } = counter
  const scopeBit = part && (part === 'scope' ? 1 : 0)
  const known = new Map<number, boolean>()
  const isSelected = (callerNumber: number, originNumber: number): boolean => {
    const pair = callerNumber * MOST_ORIGINS + originNumber
    const before = known.get(pair)
    if (before !== undefined) return before
    const caller = callers.values[callerNumber]
    const origin = origins.values[originNumber]
    const selected = caller !== undefined && origin !== undefined && isOf?.({ ...caller, source: origin.source }) === true
    known.set(pair, selected)
    return selected
  }
  return (index: number): boolean => {
    const { keys } = timeBuckets.keys
    const minutes = keys[4 * index + 3] ?? 0
    const start = Math.floor(minutes / 2) * MINUTE_MS
    if (
      (scopeBit !== undefined && minutes % 2 !== scopeBit) ||
      start < from ||
      start >= until ||
      !((timeBuckets.events[index] ?? 0) > 0)
    )
      return false
    return isOf === undefined || isSelected(keys[4 * index] ?? 0, keys[4 * index + 2] ?? 0)
  }
}

const bucketAt = ({ timeBuckets, callers, calls, origins }: Counter, index: number): TimeBucket | undefined => {
  const { keys } = timeBuckets.keys
  const caller = callers.values[keys[4 * index] ?? 0]
  const call = calls.values[keys[4 * index + 1] ?? 0]
  const origin = origins.values[keys[4 * index + 2] ?? 0]
  const minutes = keys[4 * index + 3] ?? 0
  if (!caller || !call || !origin) return undefined
  const part = minutes % 2 === 1 ? 'scope' : 'comparison'
  const start = Math.floor(minutes / 2) * MINUTE_MS
  const { events, first, last } = timeBuckets
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

/** Calls of one caller, with its session, in one hour. The same caller and hour may come several times. */
export interface CallerHour {
  readonly caller: CounterCaller
  readonly origin: CounterOrigin
  /** Milliseconds since the epoch at its beginning. */
  readonly hour: number
  readonly isOk: boolean
  readonly events: number
}

/** All calls by caller and hour: calls before the scope are counted without their session, but their sightings have it. */
export const callerHoursOf = (counter: Counter): Iterable<CallerHour> => ({
  *[Symbol.iterator]() {
    const { ids, bucketOfId, sightingOfId, withoutIds } = counter
    for (let id = 0; id < ids.size; id += 1) {
      const one = callerHourAt(counter, bucketOfId[id] ?? 0, sightingOfId[id] ?? 0, 1)
      if (one) yield one
    }
    for (let at = 0; at < withoutIds.length; at += 3) {
      const one = callerHourAt(counter, withoutIds[at] ?? 0, withoutIds[at + 1] ?? 0, withoutIds[at + 2] ?? 0)
      if (one) yield one
    }
  },
})

const callerHourAt = (
  { timeBuckets, sightings, callers, calls, origins }: Counter,
  bucket: number,
  sighting: number,
  events: number,
): CallerHour | undefined => {
  const caller = callers.values[sightings.keys.keys[2 * sighting] ?? 0]
  const call = calls.values[timeBuckets.keys.keys[4 * bucket + 1] ?? 0]
  const origin = origins.values[sightings.keys.keys[2 * sighting + 1] ?? 0]
  const minute = Math.floor((timeBuckets.keys.keys[4 * bucket + 3] ?? 0) / 2)
  if (!caller || !call || !origin) return undefined
  return { caller, origin, hour: floorTo(minute * MINUTE_MS, HOUR_MS), isOk: call.outcome === 'ok', events }
}

export const instantAt = (milliseconds: number): Instant => instantOf(new Date(milliseconds))
