import type { AwsClock } from '../../../aws/clock.ts'
import { given } from '../../../incident/values/given.ts'
import { type ActivityState, activityFold } from '../../analysis/activity-fold.ts'
import { principalName, type RecordSource } from '../../source.ts'
import { type Answered, answerQuestion } from './answer-question.ts'
import type { SqlDialect } from './dialect.ts'
import { followChainedSessions } from './follow-chained-sessions.ts'
import type { QueryEngine } from './query-engine.ts'
import { readEveryRecord } from './read-every-record.ts'
import { openConnection, queryReport } from './run-query.ts'

/** A table that is asked in SQL. */
interface SqlTable {
  readonly dialect: SqlDialect
  /** What it cannot show, a sentence each. */
  readonly limits: readonly string[]
  /** Those of them by which records may be missing that it could show. */
  readonly gaps?: readonly string[]
}

/** A table in a service that runs queries. */
export interface SqlSourceOptions {
  readonly name: string
  readonly engine: QueryEngine
  readonly clock: AwsClock
  /** The most bytes that the queries of one reading may read. */
  readonly mostBytes?: number
  /** Looks at the table before the first query. */
  readonly describe: () => Promise<SqlTable>
}

/**
 * A source that counts where the records are: what comes here are counts, and the records by which something was made or
 * handed out. They are entered into the same state as the records of other sources, so that the same analyses answer.
 */
export const sqlSource = ({ name, engine, clock, mostBytes, describe }: SqlSourceOptions): RecordSource => ({
  name,
  read: async ({ questions, followChainedSessions: isFollowing, range }, reading) => {
    reading.signal.throwIfAborted()
    const { dialect, limits } = await describe()
    const spending = { bytes: 0, calls: 0, pages: 0, events: 0, ...given({ most: mostBytes }) }
    const connection = openConnection({ dialect, running: { engine, clock, spending }, reading, started: clock.now() })
    const states = new Map<string, Answered>()
    for (const [index, question] of questions.entries()) {
      const early = (state: ActivityState) => {
        if (index === 0 && spending.events > 0) reading.firstRecords?.(question, copyOf(question, state))
      }
      states.set(principalName(question.principal), { question, state: await answerQuestion(question, range, connection, early) })
    }
    if (isFollowing) await followChainedSessions(states, range, connection)
    return { states, report: queryReport(name, connection, limits) }
  },
  readRecords: async (asked, range, reading, take) => {
    reading.signal.throwIfAborted()
    const { dialect, limits } = await describe()
    const spending = { bytes: 0, calls: 0, pages: 0, events: 0, ...given({ most: mostBytes }) }
    const connection = openConnection({ dialect, running: { engine, clock, spending }, reading, started: clock.now() })
    await readEveryRecord(asked, range, connection, take)
    return queryReport(name, connection, limits)
  },
})

const copyOf = (question: Answered['question'], state: ActivityState): ActivityState => {
  const fold = activityFold(question)
  const copy = fold.empty()
  fold.merge(copy, state)
  return copy
}
