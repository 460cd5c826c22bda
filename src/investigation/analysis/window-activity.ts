import type { ApiRow } from '../../incident/facts/activity-rows.ts'
import { floorTo, MINUTE_MS } from '../../incident/values/duration.ts'
import { epochOf } from '../../incident/values/instant.ts'
import { type Untrusted, untrusted } from '../../incident/values/untrusted.ts'
import type { TimeRange } from '../question.ts'
import type { Counted } from './activity-fold.ts'
import { inOrder, serviceOf, sourceName } from './call-totals.ts'
import { apiRows } from './session-summary.ts'
import type { TimeBucket } from './time-buckets.ts'

/** The calls of one address, service or key in a window, with what was called. */
export interface WindowRow {
  readonly name: Untrusted
  readonly succeeded: number
  readonly failed: number
  /** The most successful first, as Detective sorts them. */
  readonly apis: readonly ApiRow[]
}

/** The three tabs in which Detective shows the activity of a time window. */
export interface WindowActivity {
  readonly byIp: readonly WindowRow[]
  readonly byService: readonly WindowRow[]
  readonly byAccessKeyId: readonly WindowRow[]
}

/** What happened in a window of the scope. Its ends are widened to whole minutes. */
export const windowActivity = ({ scope }: Pick<Counted, 'scope'>, { from, until }: TimeRange): WindowActivity => {
  const start = from === undefined ? Number.NEGATIVE_INFINITY : floorTo(epochOf(from), MINUTE_MS)
  const end = until === undefined ? Number.POSITIVE_INFINITY : Math.ceil(epochOf(until) / MINUTE_MS) * MINUTE_MS
  const buckets = [...scope].filter((bucket) => bucket.start >= start && bucket.start < end)
  return {
    byIp: rowsBy(buckets, sourceName),
    byService: rowsBy(buckets, ({ call }) => serviceOf(call.eventSource)),
    byAccessKeyId: rowsBy(buckets, ({ caller }) => caller.accessKeyId ?? 'no access key'),
  }
}

const rowsBy = (buckets: readonly TimeBucket[], name: (bucket: TimeBucket) => string): readonly WindowRow[] => {
  const groups = new Map<string, TimeBucket[]>()
  for (const bucket of buckets) {
    const group = groups.get(name(bucket))
    if (group) group.push(bucket)
    else groups.set(name(bucket), [bucket])
  }
  return [...groups]
    .map(([of, own]) => rowOf(of, own))
    .sort((a, b) => mostSuccessful(a, b) || inOrder(a.name.untrusted, b.name.untrusted))
}

const rowOf = (name: string, buckets: readonly TimeBucket[]): WindowRow => {
  const apis = apiRows(buckets)
  return {
    name: untrusted(name),
    succeeded: apis.reduce((sum, { succeeded }) => sum + succeeded, 0),
    failed: apis.reduce((sum, { failed }) => sum + failed, 0),
    apis: [...apis].sort(mostSuccessful),
  }
}

type Counts = Pick<WindowRow, 'succeeded' | 'failed'>

const mostSuccessful = (a: Counts, b: Counts): number => b.succeeded - a.succeeded || b.failed - a.failed
