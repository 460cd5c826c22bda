import { DAY_MS, floorTo, HOUR_MS } from '../../../incident/values/duration.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { given } from '../../../incident/values/given.ts'
import { epochOf, type Instant, instantOf, isBefore } from '../../../incident/values/instant.ts'
import { type ActivityState, activityFold } from '../../analysis/activity-fold.ts'
import { serviceOf } from '../../analysis/call-totals.ts'
import { comparedFrom } from '../../analysis/compared-part.ts'
import { addCounted, type RecordPart, recordKey, touchesOf } from '../../analysis/counter.ts'
import { instantAt, timeBucketsOf } from '../../analysis/time-buckets.ts'
import { addTouch } from '../../analysis/touches.ts'
import { isWriteEvent, keepWriteEvent } from '../../analysis/write-events.ts'
import { storeRulesOf } from '../../objects/stores.ts'
import { baselinePrincipalOf, isCallOf, type PrincipalRef, type Question, type TimeRange } from '../../question.ts'
import { secondOf } from './dialect.ts'
import { conditionOf } from './principal-condition.ts'
import { callsQuery, othersQuery, TOUCHES_READ, touchesQuery, writeEventsQuery } from './queries.ts'
import { all, any, not, type WhereCondition } from './query.ts'
import { countedCalls, noteOthers, type Row, touchOf, writeEventOf } from './rows.ts'
import type { QueryConnection } from './run-query.ts'

/**
 * The state that `activityFold` would have after all records of the range: the calls asked about, the records among them
 * by which something was made or handed out, the calls they are compared with and, where the question is about the whole
 * account, what everybody else used. `early` hears the state when the calls asked about are in it.
 */
export const answerQuestion = async (
  question: Question,
  range: TimeRange,
  connection: QueryConnection,
  early: (state: ActivityState) => void,
): Promise<ActivityState> => {
  const { principal } = question
  const { dialect } = connection
  const bounds = boundsOf(question, range)
  const of = conditionOf(principal)
  const state = activityFold(question).empty()
  await connection.ask(
    callsQuery(dialect, { asks: 'the calls in scope', range: bounds.scope, of, by: 'minute' }),
    entering(state, connection, 'scope', (record) => isCallOf(principal, record)),
  )
  early(state)
  await readWriteEvents([{ question, state }], bounds.scope, of, connection)
  await readAround(question, state, connection, bounds)
  await readTouches([{ question, state }], bounds.scope, of, connection)
  return state
}

/** Enters rows of `callsQuery`. */
const entering =
  (
    { counter }: ActivityState,
    { spending }: QueryConnection,
    part: RecordPart,
    isWanted: (record: Parameters<typeof isCallOf>[1]) => boolean,
  ) =>
  (row: Row): void => {
    const calls = countedCalls(row)
    if (!calls || !isWanted(calls.record)) return
    addCounted(counter, calls.record, part, calls.count)
    spending.events += calls.count.events
  }

const readAround = async (
  question: Question,
  state: ActivityState,
  connection: QueryConnection,
  bounds: Bounds,
): Promise<void> => {
  const { dialect } = connection
  const baselinePrincipals = baselinePrincipalsOf(question, state)
  if (baselinePrincipals.length === 0) return
  state.baselinePrincipal ??= baselinePrincipals[0]
  const of = conditionOf(question.principal)
  const everyone = any(of, ...baselinePrincipals.map(conditionOf))
  const around = all(everyone, not(all(of, ...momentIn(bounds.scope))))
  await connection.ask(
    callsQuery(dialect, { asks: 'the calls to compare with', range: bounds.around, of: around, by: 'hour' }),
    entering(state, connection, 'comparison', () => true),
  )
  if (!question.wholeAccount) return
  // What others used later is nothing that was known before.
  const compared = comparedFrom(question, timeBucketsOf(state.counter, { part: 'scope' }))
  const until = compared === undefined ? firstIn(state) : instantAt(compared)
  const before = rangeOf(bounds.all.from, question.scope.from ?? until)
  await connection.ask(othersQuery(dialect, before, not(everyone)), (row) => noteOthers(state.account, row))
}

const firstIn = ({ counter }: ActivityState) => {
  let first: number | undefined
  for (const cell of timeBucketsOf(counter, { part: 'scope' })) first = Math.min(first ?? cell.first, cell.first)
  return first === undefined ? undefined : instantAt(first)
}

/** With whose calls those in scope are compared: a role, a user and an address are compared with themselves. */
const baselinePrincipalsOf = (
  { principal, baselinePrincipal }: Question,
  { counter }: ActivityState,
): readonly PrincipalRef[] => {
  if (baselinePrincipal) return [baselinePrincipal]
  if (principal.kind === 'role' || principal.kind === 'user' || principal.kind === 'ip') return [principal]
  const found = new Map<string, PrincipalRef>()
  for (const { caller } of timeBucketsOf(counter, { part: 'scope' })) {
    const of = baselinePrincipalOf(caller)
    if (of) found.set(`${of.kind} ${of.value}`, of)
  }
  return [...found.values()]
}

const momentIn = ({ from, until }: TimeRange): readonly WhereCondition[] => [
  ...(from ? [{ text: 'substr(eventtime, 1, 19) >= ?', values: [secondOf(from, 'T')] }] : []),
  ...(until ? [{ text: 'substr(eventtime, 1, 19) < ?', values: [secondOf(until, 'T')] }] : []),
]

/** The ranges of time that a question is answered from. */
interface Bounds {
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
  ...given({ from, until }),
})

const latest = (a: Instant | undefined, b: Instant | undefined): Instant | undefined => (a && b && isBefore(b, a) ? a : (b ?? a))
const earliest = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a && b && isBefore(a, b) ? a : (b ?? a)

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

/** Counts what was touched, where the calls that were counted show that something may have been. */
export const readTouches = async (
  answered: readonly Answered[],
  range: TimeRange,
  of: WhereCondition,
  connection: QueryConnection,
): Promise<void> => {
  if (!answered.some(({ state }) => mayTouch(state))) return
  let rows = 0
  await connection.ask(touchesQuery(connection.dialect, range, of), (row) => {
    rows += 1
    const record = touchOf(row)
    if (record?.touched === undefined) return
    const touching = { call: record, touched: record.touched }
    for (const { question, state } of answered)
      if (isCallOf(question.principal, record))
        addTouch(touchesOf(state.counter), touching, recordKey(record), epochOf(record.at))
  })
  if (rows >= TOUCHES_READ) connection.incomplete.push(`what was touched was counted for the first ${TOUCHES_READ} calls only`)
}

const mayTouch = ({ counter }: ActivityState): boolean => {
  for (const { call } of timeBucketsOf(counter, { part: 'scope' }))
    if (storeRulesOf(serviceOf(call.eventSource), call.eventName).length > 0) return true
  return false
}

const hasWriteEvents = ({ counter }: ActivityState): boolean => {
  for (const { call } of timeBucketsOf(counter, { part: 'scope' })) if (isWriteEvent(call)) return true
  return false
}
