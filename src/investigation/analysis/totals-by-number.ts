import type { CallTotals } from './call-totals.ts'
import type { TimeBucket } from './time-buckets.ts'

/** Calls counted by a number that stands for a name: hundreds of thousands of names take little memory. */
export interface TotalsByNumber {
  /** The numbers are less than this one; some may have no calls. */
  readonly numbers: number
  /** How many numbers have calls. */
  readonly size: number
  nameOf(number: number): string
  callsAt(number: number): number
  /** Milliseconds since the epoch. */
  firstAt(number: number): number
  at(number: number): CallTotals
}

export interface NumberedCalls {
  readonly numbers: number
  /** Undefined: the bucket is not counted. */
  numberOf(bucket: TimeBucket): number | undefined
  nameOf(number: number): string
}

/** Counts the calls of each number. */
export const totalsByNumber = (
  buckets: Iterable<TimeBucket>,
  { numbers, numberOf, nameOf }: NumberedCalls,
  onBucket: (number: number, bucket: TimeBucket, isFirst: boolean) => void = () => undefined,
): TotalsByNumber => {
  const [succeeded, failed] = [new Float64Array(numbers), new Float64Array(numbers)]
  const [first, last] = [new Float64Array(numbers), new Float64Array(numbers)]
  const callsAt = (number: number): number => (succeeded[number] ?? 0) + (failed[number] ?? 0)
  let size = 0
  for (const bucket of buckets) {
    const number = numberOf(bucket)
    if (number === undefined) continue
    const isFirst = callsAt(number) === 0
    if (isFirst) size += 1
    const of = bucket.call.outcome === 'ok' ? succeeded : failed
    of[number] = (of[number] ?? 0) + bucket.events
    first[number] = isFirst ? bucket.first : Math.min(first[number] ?? 0, bucket.first)
    last[number] = isFirst ? bucket.last : Math.max(last[number] ?? 0, bucket.last)
    onBucket(number, bucket, isFirst)
  }
  return {
    ...{ numbers, size, nameOf, callsAt, firstAt: (number: number) => first[number] ?? 0 },
    at: (number) => ({
      ...{ succeeded: succeeded[number] ?? 0, failed: failed[number] ?? 0 },
      ...{ first: first[number] ?? 0, last: last[number] ?? 0 },
    }),
  }
}
