import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { epochOf, type Instant } from '../../incident/values/instant.ts'

type Kind = 'succeeded' | 'failed'

/** The calls of one time bucket, from the analysis of the call volume. */
export interface ChartBucket {
  readonly start: Instant
  readonly succeeded: number
  readonly failed: number
  /** Calls of such a bucket in the baseline; missing without a baseline. */
  readonly usual?: Readonly<Record<Kind, number>>
  readonly spikes: readonly Kind[]
}

export interface VolumeChart {
  readonly bucketSeconds: number
  /** In the order of time. */
  readonly buckets: readonly ChartBucket[]
}

/** In milliseconds since the epoch. The end is not in it. */
export interface TimeSpan {
  readonly from: number
  readonly until: number
}

/** One bar of a chart: a bucket, or neighbours that share a bar. */
export interface Bar extends TimeSpan {
  readonly succeeded: number
  readonly failed: number
  /** Calls of such a bar in the baseline. */
  readonly usual?: number
  readonly spikes: readonly Kind[]
}

export interface Bars {
  /** Milliseconds of a bar. */
  readonly size: number
  /** Without gaps, in the order of time. */
  readonly bars: readonly Bar[]
}

/** Round lengths of clocks and calendars. Longer ones double the last. */
const ROUND_LENGTHS = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 28].map((days) => days * DAY_MS),
]

/** The shortest round length that is long enough, in milliseconds. */
export const roundLength = (isEnough: (length: number) => boolean): number => {
  const found = ROUND_LENGTHS.find(isEnough)
  if (found !== undefined) return found
  let length = 56 * DAY_MS
  while (!isEnough(length) && length < Number.MAX_SAFE_INTEGER / 2) length *= 2
  return length
}

/** At most `most` bars for the buckets, or for those in `span`. Where there are more buckets, neighbours share a bar of a round length. */
export const barsOf = ({ bucketSeconds, buckets }: VolumeChart, most: number, span?: TimeSpan): Bars => {
  const shown = span ? buckets.filter(({ start }) => isIn(span, epochOf(start))) : buckets
  const bucket = bucketSeconds * SECOND_MS
  const [first, last] = [shown.at(0), shown.at(-1)]
  if (!first || !last) return { size: bucket, bars: [] }
  const from = epochOf(first.start)
  const count = (size: number): number => Math.floor(epochOf(last.start) / size) - Math.floor(from / size) + 1
  const size = count(bucket) <= most ? bucket : roundLength((length) => length % bucket === 0 && count(length) <= most)
  const begin = Math.floor(from / size) * size
  const bars = Array.from({ length: count(size) }, (_, index) => emptyBar(begin + index * size, size))
  for (const one of shown) {
    const index = Math.floor((epochOf(one.start) - begin) / size)
    const bar = bars[index]
    if (bar) bars[index] = plusBucket(bar, one)
  }
  return { size, bars }
}

const isIn = ({ from, until }: TimeSpan, at: number): boolean => at >= from && at < until

const emptyBar = (from: number, size: number): Bar => ({ from, until: from + size, succeeded: 0, failed: 0, spikes: [] })

const plusBucket = (bar: Bar, { succeeded, failed, usual, spikes }: ChartBucket): Bar => ({
  ...bar,
  succeeded: bar.succeeded + succeeded,
  failed: bar.failed + failed,
  ...given({ usual: usual ? (bar.usual ?? 0) + usual.succeeded + usual.failed : undefined }),
  spikes: [...new Set([...bar.spikes, ...spikes])],
})

/** The length of a bar in words: `an hour`, `every 3 hours`. */
export const spanWords = (size: number): string => {
  const [length, one, many] = UNITS.find(([unit]) => size >= unit && size % unit === 0) ?? SECOND
  const count = size / length
  return count === 1 ? one : `every ${count} ${many}`
}

const SECOND = [SECOND_MS, 'a second', 'seconds'] as const

const UNITS = [
  [DAY_MS, 'a day', 'days'],
  [HOUR_MS, 'an hour', 'hours'],
  [MINUTE_MS, 'a minute', 'minutes'],
] as const

/** `spike of failed calls`; empty without a spike. */
export const spikeWords = (spikes: readonly Kind[]): string => {
  const kinds = [spikes.includes('succeeded') ? 'ok' : '', spikes.includes('failed') ? 'failed' : ''].filter(Boolean)
  return kinds.length === 0 ? '' : `spike of ${kinds.join(' and ')} calls`
}

/** A mean number of calls: whole from ten on, else with one decimal. */
export const meanWords = (mean: number): string => (mean >= 10 ? String(Math.round(mean)) : String(Math.round(mean * 10) / 10))
