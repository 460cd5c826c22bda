import { gravityOfApi } from './api-gravity.ts'
import { type CallTotals, inOrder } from './call-totals.ts'
import type { CounterCall } from './counter.ts'
import type { TimeBucket } from './time-buckets.ts'
import { type NumberedCalls, type TotalsByNumber, totalsByNumber } from './totals-by-number.ts'

/** How long a list by address, user agent … may be. */
interface RowLimits {
  /** So many rows at most, besides those that are never folded. */
  readonly rows: number
  /** Of each API that does more than look, by outcome, so many of the first callers are never folded. */
  readonly ofAnApi: number
}

const LIMITS: RowLimits = { rows: 20_000, ofAnApi: 1_000 }

/** What is counted together: so many names that are not listed, and their calls. */
export interface FoldedRows {
  readonly names: number
  readonly succeeded: number
  readonly failed: number
}

/** A name, its counts, and its number. */
type Row = readonly [name: string, counts: CallTotals, number: number]

export interface KeptRows {
  /** The busiest first. */
  readonly rows: readonly Row[]
  /** Missing where all are listed. */
  readonly folded?: FoldedRows
}

interface Kept extends NumberedCalls {
  /** Whether a name is never folded, whatever its calls are. */
  isKept?(name: string): boolean
  /** Hears of each bucket that counts. */
  onBucket?(number: number, bucket: TimeBucket, isFirst: boolean): void
  /** Hears of each name that is folded. */
  onFolded?(number: number, counts: CallTotals): void
}

/**
 * The names with their counts, the busiest first. Of more names than the limit those are folded that made the fewest calls and none
 * that stands out: whoever called with success and only looked is usual; of every other API, refused or not, the first callers are kept.
 */
export const busiestKept = (buckets: Iterable<TimeBucket>, by: Kept, limits: RowLimits = LIMITS): KeptRows => {
  const totals = totalsByNumber(buckets, by, by.onBucket)
  if (totals.size <= limits.rows) return divided(totals, () => true)
  const isListed = standingOut(buckets, by, limits)
  let listed = 0
  for (let number = 0; number < totals.numbers; number += 1) {
    if (totals.callsAt(number) === 0) continue
    if (by.isKept?.(by.nameOf(number))) isListed[number] = 1
    listed += isListed[number] ?? 0
  }
  for (const number of busiest(totals, isListed, limits.rows - listed)) isListed[number] = 1
  return divided(totals, (number) => isListed[number] === 1, by.onFolded)
}

/** The numbers of so many names that are not listed yet: the busiest, of equally busy ones the earliest, and of these the first in order. */
const busiest = (totals: TotalsByNumber, isListed: Uint8Array, most: number): readonly number[] => {
  if (most <= 0) return []
  const all = new Uint32Array(totals.numbers).map((_, number) => number)
  const others = all.filter((number) => isListed[number] === 0 && totals.callsAt(number) > 0)
  const byCalls = least(others, (number) => -totals.callsAt(number), most)
  const byTime = least(byCalls.tied, (number) => totals.firstAt(number), most - byCalls.chosen.length)
  const chosen = [...byCalls.chosen, ...byTime.chosen]
  const named = [...byTime.tied].map((number) => ({ number, name: totals.nameOf(number) }))
  named.sort((a, b) => inOrder(a.name, b.name))
  return [...chosen, ...named.slice(0, most - chosen.length).map(({ number }) => number)]
}

/** Those with the smallest keys, as far as there is room, and those of which only some have room. Sorting numbers makes no objects. */
const least = (numbers: Uint32Array, keyOf: (number: number) => number, room: number) => {
  if (room <= 0) return { chosen: numbers.subarray(0, 0), tied: numbers.subarray(0, 0) }
  const limit = Float64Array.from(numbers, keyOf).sort()[room - 1] ?? Number.POSITIVE_INFINITY
  return { chosen: numbers.filter((number) => keyOf(number) < limit), tied: numbers.filter((number) => keyOf(number) === limit) }
}

const divided = (totals: TotalsByNumber, isListed: (number: number) => boolean, onFolded?: Kept['onFolded']): KeptRows => {
  const rows: Row[] = []
  const folded = { names: 0, succeeded: 0, failed: 0 }
  for (let number = 0; number < totals.numbers; number += 1) {
    if (totals.callsAt(number) === 0) continue
    const counts = totals.at(number)
    if (isListed(number)) {
      rows.push([totals.nameOf(number), counts, number])
      continue
    }
    folded.names += 1
    folded.succeeded += counts.succeeded
    folded.failed += counts.failed
    onFolded?.(number, counts)
  }
  return { rows: rows.sort(busier), ...(folded.names > 0 ? { folded } : {}) }
}

const busier = ([a, x]: Row, [b, y]: Row): number => y.succeeded + y.failed - (x.succeeded + x.failed) || inOrder(a, b)

/** A mark for each name that is among the first callers of an API that does more than look, or of one that failed. */
const standingOut = (
  buckets: Iterable<TimeBucket>,
  { numbers, numberOf, nameOf }: NumberedCalls,
  { ofAnApi }: RowLimits,
): Uint8Array => {
  const usual = new Map<CounterCall, boolean>()
  const firstOf = new Map<string, Map<number, number>>()
  for (const bucket of buckets) {
    const { call } = bucket
    const isUsual = usual.get(call) ?? (call.outcome === 'ok' && gravityOfApi(call) === 'look')
    usual.set(call, isUsual)
    const number = isUsual ? undefined : numberOf(bucket)
    if (number === undefined) continue
    const api = `${call.eventSource} ${call.eventName} ${call.outcome}`
    const first = firstOf.get(api) ?? new Map<number, number>()
    firstOf.set(api, first)
    first.set(number, Math.min(first.get(number) ?? bucket.first, bucket.first))
    if (first.size >= 2 * ofAnApi) keepFirst(first, nameOf, ofAnApi)
  }
  const marks = new Uint8Array(numbers)
  for (const first of firstOf.values()) {
    keepFirst(first, nameOf, ofAnApi)
    for (const number of first.keys()) marks[number] = 1
  }
  return marks
}

/** Whose first call comes later than that of so many others is not among the first, whatever comes. */
const keepFirst = (first: Map<number, number>, nameOf: NumberedCalls['nameOf'], most: number): void => {
  if (first.size <= most) return
  const inTime = [...first].sort(([a, x], [b, y]) => x - y || inOrder(nameOf(a), nameOf(b)))
  for (const [number] of inTime.slice(most)) first.delete(number)
}
