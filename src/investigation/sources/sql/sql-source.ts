import type { AwsClock } from '../../../aws/clock.ts'
import { given } from '../../../incident/values/given.ts'
import { type ActivityState, activityFold } from '../../analysis/activity-fold.ts'
import {
  MOST_RESOURCE_NAMES,
  principalName,
  type ReadHooks,
  type ReadRequest,
  type RecordSource,
  type SourceReport,
} from '../../source.ts'
import { type Answered, answerQuestion, boundsOf } from './answer-question.ts'
import type { SqlDialect } from './dialect.ts'
import { followChainedSessions } from './follow-chained-sessions.ts'
import type { QueryEngine } from './query-engine.ts'
import { type ContextRead, readContext } from './read-context.ts'
import { readCoverage } from './read-coverage.ts'
import { readEveryRecord } from './read-every-record.ts'
import { readResources } from './read-resources.ts'
import { openConnection, type QueryConnection, queryReport, type Spending } from './run-query.ts'

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
export const sqlSource = ({ name, engine, clock, mostBytes, describe }: SqlSourceOptions): RecordSource => {
  // What several readings of one command read is paid for together.
  const spent: Spending[] = []
  const open = async (reading: Reading) => {
    reading.signal.throwIfAborted()
    const { dialect, limits } = await describe()
    const before = spent.at(-1)?.bytes ?? 0
    const spending = { bytes: before, before, calls: 0, pages: 0, events: 0, ...given({ most: mostBytes }) }
    spent.push(spending)
    return {
      limits,
      connection: openConnection({ dialect, running: { engine, clock, spending }, reading, started: clock.now() }),
    }
  }
  return {
    name,
    resourceQuestions: { most: MOST_RESOURCE_NAMES },
    read: async (asked, reading) => {
      const { connection, limits } = await open(reading)
      const { states, ...others } = await answersTo(name, asked, reading, connection)
      return { states, report: { ...queryReport(name, connection, limits), ...others } }
    },
    readRecords: async (asked, range, reading, take) => {
      const { connection, limits } = await open(reading)
      await readEveryRecord(asked, range, connection, take)
      return queryReport(name, connection, limits)
    },
  }
}

type Reading = Pick<ReadHooks<ActivityState>, 'signal' | 'progress'>

const answersTo = async (
  name: string,
  { questions, followChainedSessions: isFollowing, range }: ReadRequest,
  reading: ReadHooks<ActivityState>,
  connection: QueryConnection,
): Promise<{ readonly states: ReadonlyMap<string, Answered> } & Pick<SourceReport, 'contextNotRead' | 'coverage'>> => {
  const states = new Map<string, Answered>()
  const aboutResources = questions.filter(({ principal }) => principal.kind === 'resource')
  for (const answered of await readResources(aboutResources, range, connection)) states.set(nameOf(answered), answered)
  const asked: Answered[] = []
  for (const question of questions.filter(({ principal }) => principal.kind !== 'resource')) {
    const early = (state: ActivityState) => {
      if (asked.length === 0 && connection.spending.events > 0) reading.firstRecords?.(question, copyOf(question, state))
    }
    asked.push({ question, state: await answerQuestion(question, range, connection, early) })
  }
  for (const answered of asked) states.set(nameOf(answered), answered)
  if (isFollowing) await followChainedSessions(states, range, connection)
  // Last, so that the most bytes that may be read cut this before the calls themselves.
  const contexts: ContextRead[] = []
  for (const answered of asked) contexts.push(await readContext(answered, range, connection, reading))
  const notRead = contexts.flatMap((context) => context.notRead ?? [])
  const [first] = asked
  const covered = first && (await readCoverage(name, boundsOf(first.question, range).all, connection, reading))
  return {
    states,
    ...given({ contextNotRead: notRead[0] }),
    coverage: {
      ...covered,
      trailChanges: contexts.flatMap(({ trailChanges }) => trailChanges),
      gapsOfAll: contexts.some(({ areTrailsRead }) => areTrailsRead),
    },
  }
}

const nameOf = ({ question }: Answered): string => principalName(question.principal)

const copyOf = (question: Answered['question'], state: ActivityState): ActivityState => {
  const fold = activityFold(question)
  const copy = fold.empty()
  fold.merge(copy, state)
  return copy
}
