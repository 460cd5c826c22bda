import type { VolumeBucket } from '../../incident/facts/activity-rows.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { epochOf } from '../../incident/values/instant.ts'
import type { Counted } from './activity-fold.ts'
import { baselineOf } from './baseline.ts'
import { instantAt, type TimeBucket } from './time-buckets.ts'

export interface CallVolume {
  /** Seconds of a bucket: 3,600, or 60 for a scope of at most six hours; longer ones for years, and for centuries. */
  readonly bucketSeconds: number
  /** Every bucket from the first to the last call, the quiet ones too. */
  readonly buckets: readonly VolumeBucket[]
}

/** The rule that marks a spike, in words for the responder. */
export const SPIKE_RULE =
  'A spike is an hour (or minute) with at least 10 calls, and at least three times the mean of that hour of the day over the baseline plus three standard deviations.'

const SPIKE_CALLS = 10
const SPIKE_TIMES = 3
const SPIKE_DEVIATIONS = 3
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
  const buckets: VolumeBucket[] = []
  for (let start = first - (first % size); start <= last; start += size)
    buckets.push(bucketAt(start, counts.get(start) ?? NONE, usual?.(start, size)))
  return { bucketSeconds: size / SECOND_MS, buckets }
}

interface Counts {
  readonly succeeded: number
  readonly failed: number
}

const NONE: Counts = { succeeded: 0, failed: 0 }

const sizeFor = (length: number): number => {
  if (length <= MINUTES_UP_TO) return MINUTE_MS
  if (length <= MOST_HOURS * HOUR_MS) return HOUR_MS
  return length <= MOST_DAYS * DAY_MS ? DAY_MS : LONGEST
}

const countsBy = (timeBuckets: Iterable<TimeBucket>, size: number): ReadonlyMap<number, Counts> => {
  const counts = new Map<number, { -readonly [K in keyof Counts]: Counts[K] }>()
  for (const { start, call, events } of timeBuckets) {
    const begin = start - (start % size)
    const before = counts.get(begin) ?? { ...NONE }
    before[call.outcome === 'ok' ? 'succeeded' : 'failed'] += events
    counts.set(begin, before)
  }
  return counts
}

interface Usual {
  readonly mean: Counts
  readonly deviation: Counts
}

const bucketAt = (start: number, { succeeded, failed }: Counts, usual: Usual | undefined): VolumeBucket => ({
  start: instantAt(start),
  succeeded,
  failed,
  ...given({ usual: usual?.mean }),
  spikes: usual ? KINDS.filter((kind) => isSpike({ succeeded, failed }[kind], usual.mean[kind], usual.deviation[kind])) : [],
})

const KINDS = ['succeeded', 'failed'] as const

/** Whether a number of calls is a spike: the SPIKE_RULE. */
export const isSpike = (calls: number, mean: number, deviation: number): boolean =>
  calls >= SPIKE_CALLS && calls >= SPIKE_TIMES * mean + SPIKE_DEVIATIONS * deviation

/**
 * Mean and standard deviation of each hour of the day over the days of the baseline, the hours without calls counted too.
 * A minute has a sixtieth of its hour's mean and of its variance.
 */
const usualHours = (counted: Counted): ((start: number, size: number) => Usual) | undefined => {
  const { days } = baselineOf(counted)
  if (days === 0 || !counted.baselineRange) return undefined
  const hours = countsBy(counted.baseline, HOUR_MS)
  const until = epochOf(counted.baselineRange.until)
  const byHour = Array.from({ length: 24 }, (_, hour) =>
    usualAt(hour, { hours, from: until - Math.max(1, Math.round(days)) * DAY_MS, until }),
  )
  const wholeDay = { mean: sumOf(byHour, ({ mean }) => mean), deviation: rootSum(byHour) }
  return (start, size) => {
    const hour = byHour[new Date(start).getUTCHours()]
    if (size >= DAY_MS || !hour)
      return { mean: scaled(wholeDay.mean, size / DAY_MS), deviation: scaled(wholeDay.deviation, Math.sqrt(size / DAY_MS)) }
    const share = size / HOUR_MS
    return { mean: scaled(hour.mean, share), deviation: scaled(hour.deviation, Math.sqrt(share)) }
  }
}

interface History {
  readonly hours: ReadonlyMap<number, Counts>
  readonly from: number
  readonly until: number
}

const usualAt = (hour: number, { hours, from, until }: History): Usual => {
  const seen: Counts[] = []
  for (let start = from + ((hour * HOUR_MS - (from % DAY_MS) + DAY_MS) % DAY_MS); start < until; start += DAY_MS)
    seen.push(hours.get(start) ?? NONE)
  const mean = scaled(
    sumOf(seen, (counts) => counts),
    1 / Math.max(1, seen.length),
  )
  const squares = sumOf(seen, (counts) => ({
    succeeded: (counts.succeeded - mean.succeeded) ** 2,
    failed: (counts.failed - mean.failed) ** 2,
  }))
  const n = Math.max(1, seen.length)
  return { mean, deviation: { succeeded: Math.sqrt(squares.succeeded / n), failed: Math.sqrt(squares.failed / n) } }
}

const sumOf = <T>(items: readonly T[], counts: (item: T) => Counts): Counts =>
  items.reduce<Counts>((sum, item) => {
    const { succeeded, failed } = counts(item)
    return { succeeded: sum.succeeded + succeeded, failed: sum.failed + failed }
  }, NONE)

const rootSum = (hours: readonly Usual[]): Counts => ({
  succeeded: Math.sqrt(hours.reduce((sum, { deviation }) => sum + deviation.succeeded ** 2, 0)),
  failed: Math.sqrt(hours.reduce((sum, { deviation }) => sum + deviation.failed ** 2, 0)),
})

const scaled = ({ succeeded, failed }: Counts, by: number): Counts => ({ succeeded: succeeded * by, failed: failed * by })
