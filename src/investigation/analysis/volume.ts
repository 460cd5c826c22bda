import type { VolumeBucket } from '../../incident/facts/activity-rows.ts'
import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import type { Counted } from './activity-fold.ts'
import { inOrder } from './call-totals.ts'
import { instantAt, type TimeBucket } from './time-buckets.ts'
import { type HourCounts, OUTCOMES, type UsualAt, type UsualHours, unitOf, usualHours } from './usual-hours.ts'

export interface CallVolume {
  /** Seconds of a bucket: 3,600, or 60 for a scope of at most six hours; longer ones for years, and for centuries. */
  readonly bucketSeconds: number
  /** Every bucket from the first to the last call, the quiet ones too. */
  readonly buckets: readonly VolumeBucket[]
}

/** The rule that marks a spike, in words for the responder. */
export const SPIKE_RULE =
  'A spike is an hour with at least 10 calls, at least three times the mean of that hour of the day over the baseline plus three standard deviations, and more than one and a half times of what came in one hour at least twice: a burst that recurs is usual. From two weeks of baseline on, weekends are compared with weekends. A session is compared with its own earlier hours or, where it is new, with those of the role’s other sessions; a user’s key with its own (one by one, up to 500 of them). Within a spike, the minutes with at least 10 calls are marked, or the busiest one.'

const SPIKE_CALLS = 10
const SPIKE_TIMES = 3
const SPIKE_DEVIATIONS = 3
const RECURRING_TIMES = 1.5
const MINUTES_UP_TO = 6 * HOUR_MS
/** A scope of years has its buckets by the day, so that nobody draws 10,000 of them. */
const MOST_HOURS = 24 * 100
/** And a record with a time that cannot be, thousands of years away, makes no millions of days. A chart doubles 56 days. */
const MOST_DAYS = 366 * 100
const LONGEST = 448 * DAY_MS

/** Successful and failed calls over time, with the baseline line and the spikes. */
export const volumeOf = (counted: Counted): CallVolume => {
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const bucket of counted.scope) {
    first = Math.min(first, bucket.first)
    last = Math.max(last, bucket.last)
  }
  const size = sizeFor(last - first)
  if (last < first) return { bucketSeconds: size / SECOND_MS, buckets: [] }
  const counts = countsBy(counted.scope, size)
  const usual = usualHours(counted)
  const lines = usual ? linesOf(counted, usual) : []
  const spikes = markedBuckets(lines, size, counts)
  const line = lines[0]?.usual
  const buckets: VolumeBucket[] = []
  for (let start = first - (first % size); start <= last; start += size) {
    const marked = spikes.get(start)
    buckets.push({
      start: instantAt(start),
      ...(counts.get(start) ?? NONE),
      ...given({ usual: line && usualIn(line, start, size) }),
      spikes: OUTCOMES.filter((kind) => marked?.kinds.has(kind)),
      ...given({ spikeOf: marked && marked.of.size > 0 ? [...marked.of].sort(inOrder).map(untrusted) : undefined }),
    })
  }
  return { bucketSeconds: size / SECOND_MS, buckets }
}

const NONE: HourCounts = { succeeded: 0, failed: 0 }

const sizeFor = (length: number): number => {
  if (length <= MINUTES_UP_TO) return MINUTE_MS
  if (length <= MOST_HOURS * HOUR_MS) return HOUR_MS
  return length <= MOST_DAYS * DAY_MS ? DAY_MS : LONGEST
}

type Growing = Map<number, { -readonly [K in keyof HourCounts]: HourCounts[K] }>

const addBucket = (counts: Growing, { start, call, events }: TimeBucket, size: number): void => {
  const begin = floorTo(start, size)
  const before = counts.get(begin) ?? { ...NONE }
  before[call.outcome === 'ok' ? 'succeeded' : 'failed'] += events
  counts.set(begin, before)
}

const countsBy = (timeBuckets: Iterable<TimeBucket>, size: number): ReadonlyMap<number, HourCounts> => {
  const counts: Growing = new Map()
  for (const bucket of timeBuckets) addBucket(counts, bucket, size)
  return counts
}

/** Calls that are compared with what is usual for them: all of them, or those of one session or key. */
interface ComparedLine {
  /** The session or key; missing for all. */
  readonly unit?: string
  readonly hours: ReadonlyMap<number, HourCounts>
  readonly usual: UsualAt
}

/**
 * All calls beside what is usual for the role or user, and each session or key beside its own: a busy role does not hide one
 * key. One set of credentials is compared with itself alone. The line that is drawn comes first.
 */
const linesOf = ({ recent, question: { principal } }: Counted, usual: UsualHours): readonly ComparedLine[] => {
  const whole: Growing = new Map()
  const units = new Map<string, Growing>()
  for (const bucket of recent) {
    addBucket(whole, bucket, HOUR_MS)
    const unit = unitOf(bucket.caller)
    const hours: Growing = units.get(unit) ?? new Map()
    addBucket(hours, bucket, HOUR_MS)
    units.set(unit, hours)
  }
  const isOne = principal.kind === 'access-key-id' || principal.kind === 'session' || principal.kind === 'instance-id'
  const [only, ...others] = units.keys()
  if (isOne && only !== undefined && others.length === 0) return [{ hours: whole, usual: usual.ofUnit(only) }]
  const perUnit = [...units].map(([unit, hours]): ComparedLine => ({ unit, hours, usual: usual.ofUnit(unit) }))
  return [{ hours: whole, usual: usual.whole }, ...(units.size > MOST_UNITS ? [] : perUnit)]
}

/** More sessions or keys are not compared one by one. */
const MOST_UNITS = 500

/** Whether a number of calls in an hour is a spike: the SPIKE_RULE. */
export const isSpike = (calls: number, mean: number, deviation: number, recurring = 0): boolean =>
  calls >= SPIKE_CALLS && calls >= SPIKE_TIMES * mean + SPIKE_DEVIATIONS * deviation && calls > RECURRING_TIMES * recurring

interface Marked {
  readonly kinds: Set<(typeof OUTCOMES)[number]>
  /** The sessions and keys by themselves, where not all calls together are a spike. */
  readonly of: Set<string>
}

const markedBuckets = (
  lines: readonly ComparedLine[],
  size: number,
  counts: ReadonlyMap<number, HourCounts>,
): ReadonlyMap<number, Marked> => {
  const marked = new Map<number, Marked>()
  for (const { unit, hours, usual } of lines)
    for (const [hour, calls] of hours) {
      const { mean, deviation, recurring } = usual(hour)
      for (const kind of OUTCOMES) {
        if (!isSpike(calls[kind], mean[kind], deviation[kind], recurring[kind])) continue
        for (const start of bucketsOf(hour, size, counts, kind)) {
          const mark = marked.get(start) ?? { kinds: new Set(), of: new Set() }
          mark.kinds.add(kind)
          if (unit !== undefined) mark.of.add(unit)
          marked.set(start, mark)
        }
      }
    }
  return marked
}

/** The buckets that show a spike of an hour: the one that it lies in or, of its minutes, those that make it. */
const bucketsOf = (
  hour: number,
  size: number,
  counts: ReadonlyMap<number, HourCounts>,
  kind: (typeof OUTCOMES)[number],
): readonly number[] => {
  if (size >= HOUR_MS) return [floorTo(hour, size)]
  const minutes = Array.from({ length: HOUR_MS / size }, (_, index) => hour + index * size)
  const callsAt = (start: number): number => counts.get(start)?.[kind] ?? 0
  const busy = minutes.filter((start) => callsAt(start) >= SPIKE_CALLS)
  if (busy.length > 0) return busy
  return [minutes.reduce((best, start) => (callsAt(start) > callsAt(best) ? start : best), hour)]
}

/** The mean of a minute is a sixtieth of its hour's; that of a longer bucket, the sum of its hours'. */
const usualIn = (usual: UsualAt, start: number, size: number): HourCounts => {
  if (size <= HOUR_MS) return scaled(usual(floorTo(start, HOUR_MS)).mean, size / HOUR_MS)
  const day = Array.from({ length: 24 }, (_, hour) => usual(start + hour * HOUR_MS).mean)
  const sum = day.reduce(
    (all, { succeeded, failed }) => ({ succeeded: all.succeeded + succeeded, failed: all.failed + failed }),
    NONE,
  )
  return scaled(sum, size / DAY_MS)
}

const scaled = ({ succeeded, failed }: HourCounts, by: number): HourCounts => ({ succeeded: succeeded * by, failed: failed * by })
