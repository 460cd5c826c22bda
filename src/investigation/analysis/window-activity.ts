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
  const cells = [...scope].filter((cell) => cell.start >= start && cell.start < end)
  return {
    byIp: rowsBy(cells, sourceName),
    byService: rowsBy(cells, ({ call }) => serviceOf(call.eventSource)),
    byAccessKeyId: rowsBy(cells, ({ caller }) => caller.accessKeyId ?? 'no access key'),
  }
}

const rowsBy = (cells: readonly TimeBucket[], name: (cell: TimeBucket) => string): readonly WindowRow[] => {
  const groups = new Map<string, TimeBucket[]>()
  for (const cell of cells) {
    const group = groups.get(name(cell))
    if (group) group.push(cell)
    else groups.set(name(cell), [cell])
  }
  return [...groups]
    .map(([of, own]) => rowOf(of, own))
    .sort((a, b) => mostSuccessful(a, b) || inOrder(a.name.untrusted, b.name.untrusted))
}

const rowOf = (name: string, cells: readonly TimeBucket[]): WindowRow => {
  const apis = apiRows(cells)
  return {
    name: untrusted(name),
    succeeded: apis.reduce((sum, { succeeded }) => sum + succeeded, 0),
    failed: apis.reduce((sum, { failed }) => sum + failed, 0),
    apis: [...apis].sort(mostSuccessful),
  }
}

type Counts = Pick<WindowRow, 'succeeded' | 'failed'>

const mostSuccessful = (a: Counts, b: Counts): number => b.succeeded - a.succeeded || b.failed - a.failed
