import { isCallOf, isWithin, type Question, type TimeRange } from '../../question.ts'
import type { TakeRecord } from '../../source.ts'
import { boundsOf, rangeOf } from './answer-question.ts'
import { conditionOfAny } from './principal-condition.ts'
import { everyRecordQuery } from './queries.ts'
import { wholeRecordOf } from './rows.ts'
import type { QueryConnection } from './run-query.ts'

/** So many principals in a query: one for CloudTrail Lake has 10,000 characters. */
const TOGETHER = 40

/** Gives each record of the principals to `take`. Every query reads all logs of its time, and is billed for them. */
export const readEveryRecord = async (
  questions: readonly Question[],
  range: TimeRange,
  connection: QueryConnection,
  take: TakeRecord,
): Promise<void> => {
  for (let first = 0; first < questions.length; first += TOGETHER) {
    const some = questions.slice(first, first + TOGETHER)
    const [one] = some
    if (!one) return
    // Chained sessions have no scope of their own: the range bounds them.
    const scope = some.length === 1 ? one.scope : rangeOf(range.from, range.until)
    const bounds = boundsOf({ ...one, scope, baselineDays: 0 }, range)
    const of = conditionOfAny(some.map(({ principal }) => principal))
    await connection.ask(everyRecordQuery(connection.dialect, bounds.scope, of), (row) => {
      const record = wholeRecordOf(row)
      if (!record) return
      connection.spending.events += 1
      for (const [index, { principal, scope: own }] of some.entries())
        if (isCallOf(principal, record) && isWithin(own, record.at)) take(record, first + index)
    })
  }
}
