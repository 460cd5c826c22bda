import { Failure } from '../../../incident/values/failure.ts'

/** What the queries of a reading have used so far. */
export interface Spending {
  /** Bytes read by the queries: Athena and CloudTrail Lake are paid by them. */
  bytes: number
  /** The most bytes that they may read. */
  readonly most?: number
  /** API calls. */
  calls: number
  /** Pages of results. */
  pages: number
  /** CloudTrail events counted. */
  events: number
}

/** More was read than was allowed. Kept apart from other failures: what was read before it is still an answer. */
export class TooMuchRead extends Failure {}

/** Throws TooMuchRead when the queries have read as much as they may. */
export const mayRead = ({ bytes, most }: Spending, name: string): void => {
  if (most === undefined || bytes < most) return
  throw new TooMuchRead({
    kind: 'blocked',
    what: `${name} has read ${amountOf(bytes)}, and may read ${amountOf(most)}`,
    why: 'what a query will read is not known before it runs, so it is stopped when it has read too much',
    remedy: 'ask for less time with --since and --until, or allow more with --max-bytes',
  })
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Bytes as they are said: `1.2 GB`, in powers of a thousand. */
const amountOf = (bytes: number): string => {
  let amount = bytes
  let unit = 0
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1000
    unit += 1
  }
  const digits = unit === 0 || amount >= 99.5 ? 0 : 1
  return `${amount.toFixed(digits)} ${UNITS[unit]}`
}
