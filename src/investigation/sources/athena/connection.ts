import { type Instant, secondsBetween } from '../../../incident/values/instant.ts'
import type { ReadHooks, SourceReport } from '../../source.ts'
import type { SqlDialect } from './dialect.ts'
import type { Query } from './query.ts'
import type { Row } from './rows.ts'
import { type Running, runQuery } from './run-query.ts'
import { type Spending, TooMuchRead } from './spending.ts'

/** Where queries are handed in during one reading. */
export interface QueryConnection {
  readonly dialect: SqlDialect
  readonly spending: Spending
  readonly incomplete: string[]
  /** Runs a query; false when it could not be run because too much had been read. Throws other Failures. */
  readonly ask: (query: Query, take: (row: Row) => void) => Promise<boolean>
}

interface ConnectionOptions {
  readonly dialect: SqlDialect
  readonly running: Omit<Running, 'signal' | 'progress'>
  readonly reading: Pick<ReadHooks<unknown>, 'signal' | 'progress'>
  readonly started: Instant
}

export const openConnection = ({ dialect, running, reading, started }: ConnectionOptions): QueryConnection => {
  const { spending, clock } = running
  const incomplete: string[] = []
  const progress = () =>
    reading.progress({
      unit: 'page',
      done: spending.pages,
      events: spending.events,
      bytes: spending.bytes,
      seconds: secondsBetween(started, clock.now()),
    })
  const ask: QueryConnection['ask'] = async (query, take) => {
    try {
      const missing = await runQuery(query, { ...running, signal: reading.signal, progress }, take)
      if (missing) incomplete.push(missing)
      return true
    } catch (error) {
      // With nothing read yet there is no answer at all.
      if (!(error instanceof TooMuchRead) || spending.events === 0) throw error
      incomplete.push(`${query.asks} could not be read: ${error.message}`)
      return false
    }
  }
  return { dialect, spending, incomplete, ask }
}

/** What a reading by queries was. */
export const queryReport = (
  source: string,
  { spending, incomplete }: QueryConnection,
  limits: readonly string[],
): SourceReport => ({
  source,
  incomplete: [...new Set(incomplete)],
  limits,
  badFiles: [],
  calls: spending.calls,
  files: 0,
  events: spending.events,
  bytes: spending.bytes,
})
