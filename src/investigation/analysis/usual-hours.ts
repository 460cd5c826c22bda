import { DAY_MS, floorTo, HOUR_MS } from '../../incident/values/duration.ts'
import { epochOf } from '../../incident/values/instant.ts'
import type { Counted } from './activity-fold.ts'
import { baselineOf, TRAINING_DAYS } from './baseline.ts'
import type { CounterCaller } from './counter.ts'
import { type CallerHours, memberOf, type Sighting } from './time-buckets.ts'

/** Successful and failed calls. */
export interface HourCounts {
  readonly succeeded: number
  readonly failed: number
}

export const OUTCOMES = ['succeeded', 'failed'] as const
type OutcomeKind = (typeof OUTCOMES)[number]

/** What is usual in one hour. */
export interface UsualHour {
  readonly mean: HourCounts
  readonly deviation: HourCounts
  /** As many calls came in an hour at least twice: a burst of that size recurs. */
  readonly recurring: HourCounts
}

/** What is usual at a moment, in milliseconds since the epoch. */
export type UsualAt = (hour: number) => UsualHour

/** What calls are compared with: a session of a role with its earlier hours, a key of a user with its own. */
export const unitOf = ({ principalId, sessionArn, sessionName, accessKeyId }: CounterCaller): string =>
  sessionName === undefined ? (accessKeyId ?? principalId ?? sessionArn ?? '') : (principalId ?? sessionArn ?? sessionName)

/** How it was before the scope, in all and unit by unit. */
export interface UsualHours {
  readonly whole: UsualAt
  /** Of one unit: by its own hours before or, where it has none, by the hours of the others. */
  ofUnit(unit: string): UsualAt
}

/** What is usual, by the hours of the baseline. Undefined without a baseline. */
export const usualHours = (counted: Counted): UsualHours | undefined => {
  const { days } = baselineOf(counted)
  const { baselineRange, baselinePrincipal, callerHours } = counted
  if (days === 0 || !baselineRange || !baselinePrincipal) return undefined
  const until = epochOf(baselineRange.until)
  const from = Math.max(epochOf(baselineRange.from), until - Math.max(1, Math.ceil(days)) * DAY_MS)
  const span: BaselineSpan = { from, until, isByWeek: days >= TRAINING_DAYS }
  const units = new Map<string, number>()
  const unitNumberOf = numberer(units, callerHours, memberOf(baselinePrincipal))
  const seen: UnitHours = { begin: floorTo(from, HOUR_MS), slots: 2 * Math.ceil((until - from) / HOUR_MS + 1), events: new Map() }
  callerHours.each((sighting, hour, isOk, events) => {
    if (hour < from || hour >= until) return
    const unit = unitNumberOf(sighting)
    if (unit !== NOT_COMPARED) addEvents(seen, unit, hour, isOk, events)
  })
  const whole = once(() => usualOf(hoursOf(seen, seen.events.keys()), span))
  const others = once(() => usualOfOthers(seen))
  const keys = once(() => keysByUnit(seen))
  return {
    whole: (hour) => whole()(hour),
    ofUnit: (unit) => {
      const number = units.get(unit)
      return number === undefined ? others() : usualOf(hoursOf(seen, keys().get(number) ?? []), span)
    },
  }
}

/** Events by unit, hour and outcome, in one number each: units and hours may be very many. */
interface UnitHours {
  /** The first hour, in milliseconds since the epoch. */
  readonly begin: number
  /** Two for each hour: of the calls that succeeded, and of those that failed. */
  readonly slots: number
  readonly events: Map<number, number>
}

const addEvents = ({ begin, slots, events }: UnitHours, unit: number, hour: number, isOk: boolean, more: number): void => {
  const key = unit * slots + 2 * ((hour - begin) / HOUR_MS) + (isOk ? 0 : 1)
  events.set(key, (events.get(key) ?? 0) + more)
}

const NOT_COMPARED = -1
const NOT_KNOWN = -2

/** Gives the number of a sighting's unit, and looks at each once; NOT_COMPARED where it is not one of those that are compared. */
const numberer = (
  units: Map<string, number>,
  { sightings, sighting }: CallerHours,
  isCompared: ReturnType<typeof memberOf>,
): ((number: number) => number) => {
  const known = new Int32Array(sightings).fill(NOT_KNOWN)
  const numberOf = ({ caller, origin }: Pick<Sighting, 'caller' | 'origin'>): number => {
    if (!isCompared(caller, origin)) return NOT_COMPARED
    const unit = unitOf(caller)
    const number = units.get(unit) ?? units.size
    units.set(unit, number)
    return number
  }
  return (number) => {
    const before = known[number] ?? NOT_COMPARED
    if (before !== NOT_KNOWN) return before
    const seen = sighting(number)
    const unit = seen ? numberOf(seen) : NOT_COMPARED
    known[number] = unit
    return unit
  }
}

type Hours = Map<number, { succeeded: number; failed: number }>

const addTo = (hours: Hours, hour: number, isOk: boolean, events: number): void => {
  const counts = hours.get(hour) ?? { succeeded: 0, failed: 0 }
  counts[isOk ? 'succeeded' : 'failed'] += events
  hours.set(hour, counts)
}

const keysByUnit = ({ slots, events }: UnitHours): ReadonlyMap<number, number[]> => {
  const keys = new Map<number, number[]>()
  for (const key of events.keys()) {
    const unit = Math.floor(key / slots)
    const known = keys.get(unit)
    if (known) known.push(key)
    else keys.set(unit, [key])
  }
  return keys
}

const hoursOf = ({ begin, slots, events }: UnitHours, keys: Iterable<number>): Hours => {
  const hours: Hours = new Map()
  for (const key of keys) addTo(hours, begin + Math.floor((key % slots) / 2) * HOUR_MS, key % 2 === 0, events.get(key) ?? 0)
  return hours
}

interface BaselineSpan {
  readonly from: number
  readonly until: number
  /** Whether weekends are compared with weekends: two weeks have two of each day. */
  readonly isByWeek: boolean
}

const HOURS = 24
const NONE: HourCounts = { succeeded: 0, failed: 0 }

const isWeekend = (at: number): boolean => new Date(at).getUTCDay() % 6 === 0

/** The same hour of the day, of weekdays or of weekends; the hours without calls count too. Recurring: also an hour earlier or later. */
const usualOf = (hours: ReadonlyMap<number, HourCounts>, span: BaselineSpan): UsualAt => {
  const known = new Map<string, UsualHour>()
  return (at) => {
    const hourOfDay = Math.floor(at / HOUR_MS) % HOURS
    const weekend = span.isByWeek && isWeekend(at)
    const name = `${weekend} ${hourOfDay}`
    const before = known.get(name)
    if (before) return before
    const samples = (shift: number): readonly HourCounts[] => samplesAt(hours, (hourOfDay + shift + HOURS) % HOURS, weekend, span)
    const own = samples(0)
    const usual = { ...spreadOf(own), recurring: secondLargest([...own, ...samples(-1), ...samples(1)]) }
    known.set(name, usual)
    return usual
  }
}

const samplesAt = (
  hours: ReadonlyMap<number, HourCounts>,
  hourOfDay: number,
  weekend: boolean,
  { from, until, isByWeek }: BaselineSpan,
): readonly HourCounts[] => {
  const samples: HourCounts[] = []
  const first = from + ((hourOfDay * HOUR_MS - (from % DAY_MS) + DAY_MS) % DAY_MS)
  for (let hour = first; hour < until; hour += DAY_MS)
    if (!isByWeek || isWeekend(hour) === weekend) samples.push(hours.get(hour) ?? NONE)
  return samples
}

/** Of a unit that is new: the hours in which any of the others called, whenever that was. */
const usualOfOthers = ({ events }: UnitHours): UsualAt => {
  const hours: Hours = new Map()
  for (const [key, calls] of events) addTo(hours, Math.floor(key / 2), key % 2 === 0, calls)
  const samples = [...hours.values()]
  const usual = { ...spreadOf(samples), recurring: secondLargest(samples) }
  return () => usual
}

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

const spreadOf = (samples: readonly HourCounts[]): Pick<UsualHour, 'mean' | 'deviation'> => {
  const n = Math.max(1, samples.length)
  const mean = both((kind) => samples.reduce((sum, counts) => sum + counts[kind], 0) / n)
  const deviation = both((kind) => Math.sqrt(samples.reduce((sum, counts) => sum + (counts[kind] - mean[kind]) ** 2, 0) / n))
  return { mean, deviation }
}

const secondLargest = (samples: readonly HourCounts[]): HourCounts =>
  both((kind) => {
    let [largest, second] = [0, 0]
    for (const { [kind]: calls } of samples) {
      if (calls > largest) [largest, second] = [calls, largest]
      else if (calls > second) second = calls
    }
    return second
  })

const both = (of: (kind: OutcomeKind) => number): HourCounts => ({ succeeded: of('succeeded'), failed: of('failed') })
