import type { AwsClock } from '../../../aws/clock.ts'
import { allPages } from '../../../aws/pager.ts'
import { settle } from '../../../aws/settle.ts'
import { Failure } from '../../../incident/values/failure.ts'
import type { Query } from './query.ts'
import type { QueryEngine } from './query-engine.ts'
import type { Row } from './rows.ts'
import { mayRead, type Spending } from './spending.ts'

export interface Running {
  readonly engine: QueryEngine
  readonly clock: AwsClock
  readonly signal: AbortSignal
  readonly spending: Spending
  /** Called whenever `spending` has changed, and between two looks at a query. */
  readonly progress: () => void
}

/** Seconds of AWS's time between two looks at a query. */
const EVERY = 1
/** Athena ends a query after 30 minutes by itself ("Service Quotas"), CloudTrail Lake after an hour; waiting in the queue comes before. */
const WITHIN = 5_400
/** Pages of 1,000 rows. An answer that is larger is told as incomplete. */
const PAGES = 2_000

/**
 * Runs a query to its end and gives every row of its result to `take`. Returns why rows may be missing; undefined: none is.
 * Interrupted, in trouble, or past the bytes that may be read, it stops the query, so that nothing goes on and is billed.
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
  const { engine, clock, signal, spending } = running
  const before = spending.bytes
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
    if (await settle(look, { every: EVERY, within: WITHIN, clock, signal, between })) return
    throw tooLong(engine.name)
  } catch (error) {
    const goingOn = over ? undefined : await stopped(id, running)
    signal.throwIfAborted()
    throw orGoingOn(engine.failureOf(error), goingOn)
  }
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

const tooLong = (name: string): Failure =>
  new Failure({
    kind: 'unavailable',
    what: `${name} did not answer in ${WITHIN / 60} minutes`,
    remedy: 'try again later, or ask for less time with --since and --until',
  })
