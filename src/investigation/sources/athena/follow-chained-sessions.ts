import type { ChildSession } from '../../../incident/facts/activity-rows.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { type Instant, isBefore } from '../../../incident/values/instant.ts'
import { activityFold } from '../../analysis/activity-fold.ts'
import { childSessions, MOST_CHILDREN, notFollowed, principalOfChild } from '../../analysis/chained-sessions.ts'
import { enterCounted } from '../../analysis/counter.ts'
import { deedsInOrder } from '../../analysis/write-events.ts'
import { isCallOf, type QuestionPrincipal, questionOf, type TimeRange } from '../../question.ts'
import { principalName } from '../../source.ts'
import { boundsOf, rangeOf } from './bounds.ts'
import type { QueryConnection } from './connection.ts'
import { conditionOf, conditionOfAny } from './principal-condition.ts'
import { inlined, type WhereCondition } from './query.ts'
import { callsQuery, deedsQuery } from './questions.ts'
import { type Answered, readDeeds } from './read-write-events.ts'
import { countedCalls } from './rows.ts'

interface Child extends Answered {
  readonly from: Instant
}

/**
 * Answers for the sessions that the principals obtained, and for those that these obtained: a level of them with each
 * round of queries, in whatever number, because every query reads all logs of its time.
 */
export const followChildren = async (states: Map<string, Answered>, range: TimeRange, desk: QueryConnection): Promise<void> => {
  const met: Met = { names: new Set(states.keys()), room: MOST_CHILDREN, unfollowed: new Set() }
  let parents: readonly Answered[] = [...states.values()]
  while (parents.length > 0) {
    const followed: Child[] = []
    for (const some of portions(childrenOf(parents, met, desk), desk)) {
      if (await readChildren(some, range, desk)) followed.push(...some)
    }
    for (const child of followed) states.set(principalName(child.question.principal), child)
    parents = followed
  }
  desk.incomplete.push(...notFollowed(met.unfollowed.size, false))
}

interface Met {
  readonly names: Set<string>
  /** So many more may be followed. */
  room: number
  /** Those who came too late for that. */
  readonly unfollowed: Set<string>
}

const childrenOf = (parents: readonly Answered[], met: Met, desk: QueryConnection): readonly Child[] => {
  const found: Child[] = []
  for (const { state } of parents) {
    for (const session of childSessions(deedsInOrder(state.deeds))) {
      const principal = session.succeeded ? principalOfChild(session) : undefined
      const name = principal && principalName(principal)
      if (!name || met.names.has(name)) continue
      if (met.room === 0) {
        met.unfollowed.add(name)
        continue
      }
      met.names.add(name)
      met.room -= 1
      const child = childFor(principal, session, desk)
      if (child) found.push(child)
    }
  }
  return found
}

/** The names of these sessions come out of records, where somebody else may have chosen them. */
const childFor = (principal: QuestionPrincipal, { at }: ChildSession, { incomplete }: QueryConnection): Child | undefined => {
  const question = questionOf(principal)
  try {
    conditionOf(principal)
    return { question, state: activityFold(question).empty(), from: at }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    incomplete.push(`a session that was obtained is not followed: ${error.what}`)
    return undefined
  }
}

/** In as few portions as fit into one query each: every query is paid for by what it reads. */
const portions = (children: readonly Child[], desk: QueryConnection): readonly (readonly Child[])[] => {
  for (let count = 1; ; count += 1) {
    const size = Math.ceil(children.length / count)
    const parts = Array.from({ length: count }, (_, index) => children.slice(index * size, (index + 1) * size))
    if (size <= 1 || parts.every((part) => isFit(part, desk))) return parts.filter(({ length }) => length > 0)
  }
}

const isFit = (children: readonly Child[], { dialect }: QueryConnection): boolean => {
  const { text, values } = deedsQuery(dialect, WHENEVER, conditionFor(children))
  return inlined(text, values).length <= dialect.longest
}

const conditionFor = (children: readonly Child[]): WhereCondition =>
  conditionOfAny(children.map(({ question: { principal } }) => principal))

const WHENEVER = { from: '2026-01-01T00:00:00Z' as Instant, until: '2026-01-01T00:00:00Z' as Instant }

const readChildren = async (children: readonly Child[], range: TimeRange, desk: QueryConnection): Promise<boolean> => {
  const [first] = children
  if (!first) return true
  // A key is not used before it is issued.
  const from = children.reduce((earliest, child) => (isBefore(child.from, earliest) ? child.from : earliest), first.from)
  const { scope } = boundsOf({ ...first.question, scope: rangeOf(from, undefined) }, range)
  const of = conditionFor(children)
  const isRead = await desk.ask(
    callsQuery(desk.dialect, { asks: 'the calls of sessions that were obtained', range: scope, of, by: 'minute' }),
    (row) => {
      const calls = countedCalls(row)
      if (!calls) return
      desk.spending.events += calls.count.events
      for (const { question, state } of children)
        if (isCallOf(question.principal, calls.record)) enterCounted(state.ledger, calls.record, 'scope', calls.count)
    },
  )
  if (isRead) await readDeeds(children, scope, of, desk)
  return isRead
}
