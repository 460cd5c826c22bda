import type { ActivityState } from '../../analysis/activity-fold.ts'
import { timeBucketsOf } from '../../analysis/time-buckets.ts'
import { isWriteEvent, keepWriteEvent } from '../../analysis/write-events.ts'
import { isCallOf, type Question, type TimeRange } from '../../question.ts'
import type { QueryConnection } from './connection.ts'
import type { WhereCondition } from './query.ts'
import { writeEventsQuery } from './questions.ts'
import { writeEventOf } from './rows.ts'

/** What was counted for a question. */
export interface Answered {
  readonly question: Question
  readonly state: ActivityState
}

/**
 * Reads the records by which something was made or handed out, where the calls that were counted show that there are any:
 * every query reads all logs of its time.
 */
export const readWriteEvents = async (
  answered: readonly Answered[],
  range: TimeRange,
  of: WhereCondition,
  connection: QueryConnection,
): Promise<void> => {
  if (!answered.some(({ state }) => hasWriteEvents(state))) return
  await connection.ask(writeEventsQuery(connection.dialect, range, of), (row) => {
    const record = writeEventOf(row)
    if (!record) return
    for (const { question, state } of answered)
      if (isCallOf(question.principal, record)) keepWriteEvent(state.writeEvents, record)
  })
}

const hasWriteEvents = ({ counter }: ActivityState): boolean => {
  for (const { call } of timeBucketsOf(counter, { part: 'scope' })) if (isWriteEvent(call)) return true
  return false
}
