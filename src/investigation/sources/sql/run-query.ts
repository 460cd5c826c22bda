import type { AwsClock } from '../../../aws/clock.ts'
import { allPages } from '../../../aws/pager.ts'
import { settle } from '../../../aws/settle.ts'
import { byteAmount } from '../../../incident/values/byte-amount.ts'
import { duration } from '../../../incident/values/duration.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { type Instant, secondsBetween } from '../../../incident/values/instant.ts'
import type { ReadHooks, SourceReport } from '../../source.ts'
import type { SqlDialect } from './dialect.ts'
import type { Query } from './query.ts'
import type { QueryEngine } from './query-engine.ts'
import type { Row } from './rows.ts'

interface Running {
  readonly engine: QueryEngine
  readonly clock: AwsClock
  readonly signal: AbortSignal
  readonly spending: Spending
  /** Called whenever `spending` has changed, and between two looks at a query. */
  readonly progress: () => void
  /** When a query that has not ended is stopped, in AWS's time. Without it: when the service would have ended it itself. */
  readonly deadline?: Instant
}

/** Athena ends a query after 30 minutes by itself ("Service Quotas"), CloudTrail Lake after an hour; waiting in the queue comes before. */
const WITHIN = 5_400
/** Pages of 1,000 rows. An answer that is larger is reported as incomplete. */
const PAGES = 2_000

/**
 * Runs a query to its end and gives every row of its result to `take`. Returns why rows may be missing; undefined: none is.
 * Interrupted, in trouble, at the deadline, or past the bytes that may be read, it stops the query, so that nothing goes on and is billed.
 * Throws Failures with what to do about them; TooMuchRead for the bytes; the signal's reason when that is given.
 */
export const runQuery = async (query: Query, running: Running, take: (row: Row) => void): Promise<string | undefined> => {
  const { engine, signal, spending } = running
  mayRead(spending, engine.name)
  signal.throwIfAborted()
  spending.calls += 1
  // Not to be interrupted: of a query whose id never came, nobody could say that it was stopped.
  const id = await engine.start(query.text, query.values).catch((error: unknown) => {
    throw engine.failureOf(error)
  })
  await finished(id, running)
  return rowsOf(id, running, take)
}

const finished = async (id: string, running: Running): Promise<void> => {
  const { engine, clock, signal, spending, deadline } = running
  const before = spending.bytes
  const started = clock.now()
  const within = deadline === undefined ? WITHIN : secondsBetween(started, deadline)
  let over = false
  const look = async (): Promise<true | undefined> => {
    spending.calls += 1
    const seen = await engine.look(id)
    spending.bytes = before + seen.bytes
    over = seen.state !== 'running'
    if (seen.state === 'failed') throw engine.failureOf(seen.reason)
    if (!over) mayRead(spending, engine.name)
    return over || undefined
  }
  const between = async () => running.progress()
  try {
    if (await settle(look, { kind: 'query', within, clock, signal, between })) return
  } catch (error) {
    const goingOn = over ? undefined : await stopped(id, running)
    signal.throwIfAborted()
    throw orGoingOn(engine.failureOf(error), goingOn)
  }
  const goingOn = await stopped(id, running)
  const read = spending.bytes > before ? `; it had read ${byteAmount(spending.bytes - before)}` : ''
  throw noAnswerIn(secondsBetween(started, clock.now()), engine.name, goingOn ?? `the query was stopped${read}`)
}

/** Stops a query; gives a sentence when that failed. */
const stopped = async (id: string, { engine, spending }: Running): Promise<string | undefined> => {
  try {
    spending.calls += 1
    await engine.stop(id)
    return undefined
  } catch {
    return `query ${id} could not be stopped: it goes on, and is billed, until it ends`
  }
}

const orGoingOn = (failure: Failure, goingOn: string | undefined): Failure => {
  if (goingOn === undefined) return failure
  const { kind, what, why, remedy = '' } = failure
  return new Failure({ kind, what, why: why === undefined ? goingOn : `${why}; ${goingOn}`, remedy, cause: failure })
}

const rowsOf = async (id: string, running: Running, take: (row: Row) => void): Promise<string | undefined> => {
  const { engine, signal, spending } = running
  try {
    const { incomplete } = await allPages(
      async (token) => {
        signal.throwIfAborted()
        spending.calls += 1
        const { rows, next } = await engine.page(id, token)
        spending.pages += 1
        for (const row of rows) take(row)
        running.progress()
        return { items: [], next }
      },
      { pages: PAGES, items: Number.POSITIVE_INFINITY },
    )
    return incomplete && `${engine.name}: ${incomplete}; not all rows of a result were read`
  } catch (error) {
    signal.throwIfAborted()
    throw engine.failureOf(error)
  }
}

/** There is no answer after so many seconds; `why` says what became of the query. */
export const noAnswerIn = (seconds: number, name: string, why: string): Failure =>
  new Failure({
    kind: 'unavailable',
    what: `${name} did not answer in ${duration(seconds)}`,
    why,
    remedy: 'try again later, or ask for less time with --since and --until',
  })

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
      bytes: spending.bytes - (spending.before ?? 0),
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
): Omit<SourceReport, 'contextNotRead' | 'coverage'> => ({
  source,
  incomplete: [...new Set(incomplete)],
  limits,
  badFiles: [],
  calls: spending.calls,
  files: 0,
  events: spending.events,
  bytes: spending.bytes - (spending.before ?? 0),
})

/** What the queries of a reading have used so far. */
export interface Spending {
  /** Bytes read by the queries: Athena and CloudTrail Lake are paid by them. */
  bytes: number
  /** Bytes that the queries of earlier readings of the same source read. They count towards the most. */
  readonly before?: number
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
class TooMuchRead extends Failure {}

/** Throws TooMuchRead when the queries have read as much as they may. */
export const mayRead = ({ bytes, most }: Spending, name: string): void => {
  if (most === undefined || bytes < most) return
  throw new TooMuchRead({
    kind: 'blocked',
    what: `${name} has read ${byteAmount(bytes)}, and may read ${byteAmount(most)}`,
    why: 'what a query will read is not known before it runs, so it is stopped when it has read too much',
    remedy: 'ask for less time with --since and --until, or allow more with --max-bytes',
  })
}
