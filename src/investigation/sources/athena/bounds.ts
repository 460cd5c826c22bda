import { DAY_MS, floorTo, HOUR_MS } from '../../../incident/values/duration.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { epochOf, type Instant, instantOf, isBefore } from '../../../incident/values/instant.ts'
import type { Question, TimeRange } from '../../question.ts'

/** The ranges of time that a question is answered from. */
export interface Bounds {
  /** What is asked about. */
  readonly scope: TimeRange
  /** That, and what it is compared with. */
  readonly around: TimeRange
  /** All that is read: what anybody in the account did before is known as far back. */
  readonly all: TimeRange
}

/**
 * The ranges of a question, within what is read at all. Throws a Failure of kind 'usage' where nothing tells a beginning:
 * a query without one reads, and is billed for, every log file that there ever was.
 */
export const boundsOf = ({ scope, baselineDays }: Question, range: TimeRange): Bounds => {
  const oldest = scope.from && instantOf(new Date(floorTo(epochOf(scope.from), HOUR_MS) - baselineDays * DAY_MS))
  const around = rangeOf(latest(oldest, range.from), range.until)
  if (!around.from) {
    throw new Failure({
      kind: 'usage',
      what: 'a question in SQL needs a beginning',
      why: 'without one all logs that there are would be read, and billed',
      remedy: 'give --since',
    })
  }
  const all = rangeOf(range.from ?? around.from, range.until)
  return { around, all, scope: rangeOf(latest(scope.from, range.from), earliest(scope.until, range.until)) }
}

export const rangeOf = (from: Instant | undefined, until: Instant | undefined): TimeRange => ({
  ...(from ? { from } : {}),
  ...(until ? { until } : {}),
})

const latest = (a: Instant | undefined, b: Instant | undefined): Instant | undefined => (a && b && isBefore(b, a) ? a : (b ?? a))
const earliest = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a && b && isBefore(a, b) ? a : (b ?? a)
