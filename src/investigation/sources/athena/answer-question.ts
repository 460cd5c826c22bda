import { type ActivityState, activityFold } from '../../analysis/activity-fold.ts'
import { addCounted, type RecordPart } from '../../analysis/counter.ts'
import { instantAt, timeBucketsOf } from '../../analysis/time-buckets.ts'
import { baselinePrincipalOf, isCallOf, type PrincipalRef, type Question, type TimeRange } from '../../question.ts'
import { type Bounds, boundsOf, rangeOf } from './bounds.ts'
import type { QueryConnection } from './connection.ts'
import { secondOf } from './dialect.ts'
import { conditionOf } from './principal-condition.ts'
import { all, any, not, type WhereCondition } from './query.ts'
import { callsQuery, othersQuery } from './questions.ts'
import { readWriteEvents } from './read-write-events.ts'
import { countedCalls, noteOthers, type Row } from './rows.ts'

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
    entering(state, connection, 'around', () => true),
  )
  if (!question.wholeAccount) return
  // What others used later is nothing that was known before.
  const before = rangeOf(bounds.all.from, question.scope.from ?? firstIn(state))
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
