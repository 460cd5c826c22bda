import { floorTo, HOUR_MS, MINUTE_MS } from '../../incident/values/duration.ts'
import { type Instant, instantOf } from '../../incident/values/instant.ts'
import { rawText, untrusted } from '../../incident/values/untrusted.ts'
import { isCallOf, type PrincipalRef } from '../question.ts'
import type { Counter, CounterCall, CounterCaller, RecordPart } from './counter.ts'
import { type CounterOrigin, type NumberedOrigin, originAt } from './origin-table.ts'

/** Calls of one minute or hour that have caller, API, outcome and origin in common. */
export interface TimeBucket {
  readonly caller: CounterCaller
  readonly call: CounterCall
  readonly origin: NumberedOrigin
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
  readonly origin: NumberedOrigin
  readonly events: number
  readonly first: number
  readonly last: number
}

/** Which time buckets to give. A missing member selects all. */
export interface BucketSelection {
  readonly part?: RecordPart
  /** Buckets that begin at this moment or later, and before that one. Milliseconds since the epoch. */
  readonly from?: number
  readonly until?: number
  isOf?(caller: CounterCaller, origin: CounterOrigin): boolean
  /** Each caller and each call is looked at once: many buckets have few. */
  isCaller?(caller: CounterCaller): boolean
  isCall?(call: CounterCall): boolean
}

/** Up to this number, buckets are kept as objects: a few megabytes. More are made again for each iteration, so that memory stays flat. */
const BUCKETS_KEPT = 50_000

/** The selected time buckets of a counter that no longer changes. They can be iterated as often as needed. */
export const timeBucketsOf = (counter: Counter, selection: BucketSelection): Iterable<TimeBucket> => {
  const isSelectedAt = bucketFilter(counter, selection)
  const { size } = counter.timeBuckets.keys
  let selected: Int32Array | undefined
  let kept: readonly TimeBucket[] | undefined
  const indexes = (): Int32Array => {
    const found = new Int32Array(size)
    let count = 0
    for (let index = 0; index < size; index += 1) if (isSelectedAt(index)) found[count++] = index
    return found.subarray(0, count)
  }
  function* eachBucket(of: Int32Array): Generator<TimeBucket> {
    for (const index of of) {
      const bucket = bucketAt(counter, index)
      if (bucket) yield bucket
    }
  }
  const iterate = (): Iterator<TimeBucket> => {
    selected ??= indexes()
    if (selected.length <= BUCKETS_KEPT) kept ??= [...eachBucket(selected)]
    return (kept ?? eachBucket(selected))[Symbol.iterator]()
  }
  return { [Symbol.iterator]: iterate }
}

/** Whether calls are the principal's. Each caller is looked at once, because many calls have few callers; of an address, each call. */
export const memberOf = (principal: PrincipalRef): ((caller: CounterCaller, origin: CounterOrigin) => boolean) => {
  const known = new Map<CounterCaller, boolean>()
  return (caller, origin) => {
    if (principal.kind === 'ip') return rawText(origin.source) === principal.value
    const before = known.get(caller)
    if (before !== undefined) return before
    const isMember = isCallOf(principal, { ...caller, source: origin.source })
    known.set(caller, isMember)
    return isMember
  }
}

/** Selects the calls of a principal. */
export const callsOf = (principal: PrincipalRef): Pick<BucketSelection, 'isOf' | 'isCaller'> =>
  principal.kind === 'ip'
    ? { isOf: memberOf(principal) }
    : { isCaller: (caller) => isCallOf(principal, { ...caller, source: untrusted('') }) }

const bucketFilter = (counter: Counter, selection: BucketSelection) => {
  const { part, from = 0, until = Number.POSITIVE_INFINITY, isOf, isCaller, isCall } = selection
  const { timeBuckets, callers, calls, origins } = counter
  const scopeBit = part && (part === 'scope' ? 1 : 0)
  const isSelected = (callerNumber: number, originNumber: number): boolean => {
    const caller = callers.values[callerNumber]
    const origin = originAt(origins, originNumber)
    return caller !== undefined && origin !== undefined && isOf?.(caller, origin) === true
  }
  const isSelectedCaller = isCaller && onceEach(callers.values, isCaller)
  const isSelectedCall = isCall && onceEach(calls.values, isCall)
  return (index: number): boolean => {
    const { keys } = timeBuckets.keys
    const minutes = keys[4 * index + 3] ?? 0
    const start = Math.floor(minutes / 2) * MINUTE_MS
    if (
      (scopeBit !== undefined && minutes % 2 !== scopeBit) ||
      start < from ||
      start >= until ||
      !((timeBuckets.events[index] ?? 0) > 0) ||
      isSelectedCaller?.(keys[4 * index] ?? 0) === false ||
      isSelectedCall?.(keys[4 * index + 1] ?? 0) === false
    )
      return false
    return isOf === undefined || isSelected(keys[4 * index] ?? 0, keys[4 * index + 2] ?? 0)
  }
}

/** Answers by number, and looks at each value once. */
const onceEach = <T>(values: readonly T[], isSelected: (value: T) => boolean): ((number: number) => boolean) => {
  const [no, yes] = [1, 2]
  const known = new Uint8Array(values.length)
  return (number) => {
    const value = values[number]
    if (value === undefined) return false
    if (!known[number]) known[number] = isSelected(value) ? yes : no
    return known[number] === yes
  }
}

const bucketAt = ({ timeBuckets, callers, calls, origins }: Counter, index: number): TimeBucket | undefined => {
  const { keys } = timeBuckets.keys
  const caller = callers.values[keys[4 * index] ?? 0]
  const call = calls.values[keys[4 * index + 1] ?? 0]
  const origin = originAt(origins, keys[4 * index + 2] ?? 0)
  const minutes = keys[4 * index + 3] ?? 0
  if (!caller || !call || !origin) return undefined
  const part = minutes % 2 === 1 ? 'scope' : 'comparison'
  const start = Math.floor(minutes / 2) * MINUTE_MS
  const { events, first, last } = timeBuckets
  return { caller, call, origin, part, start, events: events[index] ?? 0, first: first[index] ?? 0, last: last[index] ?? 0 }
}

/** Sightings, which may be hundreds of thousands. */
export interface SightingsByCaller extends Iterable<Sighting> {
  /** Those of some callers. Each caller is looked at once: many sightings have few. */
  by(isCaller: (caller: CounterCaller) => boolean): Iterable<Sighting>
}

export const sightingsOf = ({ sightings, callers, origins }: Counter): SightingsByCaller => {
  function* each(isSelected: (callerNumber: number) => boolean): Generator<Sighting> {
    for (let index = 0; index < sightings.keys.size; index += 1) {
      const callerNumber = sightings.keys.keys[2 * index] ?? 0
      const events = sightings.events[index] ?? 0
      if (events === 0 || !isSelected(callerNumber)) continue
      const caller = callers.values[callerNumber]
      const origin = originAt(origins, sightings.keys.keys[2 * index + 1] ?? 0)
      if (caller && origin) yield { caller, origin, events, first: sightings.first[index] ?? 0, last: sightings.last[index] ?? 0 }
    }
  }
  return {
    [Symbol.iterator]: () => each(() => true),
    by: (isCaller) => ({ [Symbol.iterator]: () => each(onceEach(callers.values, isCaller)) }),
  }
}

/** Calls by caller, with its session, and by the hour: milliseconds since the epoch at its beginning. The same may come several times. */
export interface CallerHours {
  /** So many sightings there are. */
  readonly sightings: number
  sighting(number: number): Pick<Sighting, 'caller' | 'origin'> | undefined
  each(take: (sighting: number, hour: number, isOk: boolean, events: number) => void): void
}

/** All calls by caller and hour: calls before the scope are counted without their session, but their sightings have it. */
export const callerHoursOf = (counter: Counter): CallerHours => {
  const { ids, bucketOfId, sightingOfId, withoutIds, sightings, callers, calls, origins, timeBuckets } = counter
  const hourOf = (bucket: number): number =>
    floorTo(Math.floor((timeBuckets.keys.keys[4 * bucket + 3] ?? 0) / 2) * MINUTE_MS, HOUR_MS)
  const isOk = (bucket: number): boolean => calls.values[timeBuckets.keys.keys[4 * bucket + 1] ?? 0]?.outcome === 'ok'
  return {
    sightings: sightings.keys.size,
    sighting: (number) => {
      const caller = callers.values[sightings.keys.keys[2 * number] ?? 0]
      const origin = originAt(origins, sightings.keys.keys[2 * number + 1] ?? 0)
      return caller && origin && { caller, origin }
    },
    each: (take) => {
      for (let id = 0; id < ids.size; id += 1) {
        const bucket = bucketOfId[id] ?? 0
        take(sightingOfId[id] ?? 0, hourOf(bucket), isOk(bucket), 1)
      }
      for (let at = 0; at < withoutIds.length; at += 3) {
        const bucket = withoutIds[at] ?? 0
        take(withoutIds[at + 1] ?? 0, hourOf(bucket), isOk(bucket), withoutIds[at + 2] ?? 0)
      }
    },
  }
}

export const instantAt = (milliseconds: number): Instant => instantOf(new Date(milliseconds))
