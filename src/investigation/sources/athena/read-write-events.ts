import type { ActivityState } from '../../analysis/activity-fold.ts'
import { cellsOf } from '../../analysis/time-buckets.ts'
import { isDeed, keepDeed } from '../../analysis/write-events.ts'
import { isCallOf, type Question, type TimeRange } from '../../question.ts'
import type { QueryConnection } from './connection.ts'
import type { WhereCondition } from './query.ts'
import { deedsQuery } from './questions.ts'
import { deedOf } from './rows.ts'

/** What was counted for a question. */
export interface Answered {
  readonly question: Question
  readonly state: ActivityState
}

/**
 * Reads the records by which something was made or handed out, where the calls that were counted show that there are any:
 * every query reads all logs of its time.
 */
export const readDeeds = async (
  answered: readonly Answered[],
  range: TimeRange,
  of: WhereCondition,
  desk: QueryConnection,
): Promise<void> => {
  if (!answered.some(({ state }) => hasDeeds(state))) return
  await desk.ask(deedsQuery(desk.dialect, range, of), (row) => {
    const record = deedOf(row)
    if (!record) return
    for (const { question, state } of answered) if (isCallOf(question.principal, record)) keepDeed(state.deeds, record)
  })
}

const hasDeeds = ({ ledger }: ActivityState): boolean => {
  for (const { call } of cellsOf(ledger, { part: 'scope' })) if (isDeed(call)) return true
  return false
}
