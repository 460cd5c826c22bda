import type { ObtainedSession } from '../../../incident/facts/activity-rows.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { type Instant, isBefore } from '../../../incident/values/instant.ts'
import { activityFold } from '../../analysis/activity-fold.ts'
import { MOST_CHAINED_SESSIONS, notFollowed } from '../../analysis/chained-sessions.ts'
import { addCounted } from '../../analysis/counter.ts'
import { obtainedCredentials, principalOfChainedSession } from '../../analysis/obtained-credentials.ts'
import { writeEventsInOrder } from '../../analysis/write-events.ts'
import { isCallOf, type PrincipalRef, questionOf, type TimeRange } from '../../question.ts'
import { principalName } from '../../source.ts'
import { type Answered, boundsOf, rangeOf, readTouches, readWriteEvents } from './answer-question.ts'
import { portionsThatFit } from './portions.ts'
import { conditionOf, conditionOfAny } from './principal-condition.ts'
import { callsQuery, writeEventsQuery } from './queries.ts'
import { inlined, type WhereCondition } from './query.ts'
import { countedCalls } from './rows.ts'
import type { QueryConnection } from './run-query.ts'

interface ChainedSession extends Answered {
  readonly from: Instant
}

/**
 * Answers for the sessions that the principals obtained, and for those that these obtained: a level of them with each
 * round of queries, in whatever number, because every query reads all logs of its time.
 */
export const followChainedSessions = async (
  states: Map<string, Answered>,
  range: TimeRange,
  connection: QueryConnection,
): Promise<void> => {
  const met: Met = { names: new Set(states.keys()), room: MOST_CHAINED_SESSIONS, unfollowed: new Set() }
  let parents: readonly Answered[] = [...states.values()]
  while (parents.length > 0) {
    const followed: ChainedSession[] = []
    for (const some of portionsThatFit(chainedSessionsOf(parents, met, connection), (part) => isFit(part, connection))) {
      if (await readChainedSessions(some, range, connection)) followed.push(...some)
    }
    for (const chainedSession of followed) states.set(principalName(chainedSession.question.principal), chainedSession)
    parents = followed
  }
  connection.incomplete.push(...notFollowed(met.unfollowed.size, false))
}

interface Met {
  readonly names: Set<string>
  /** So many more may be followed. */
  room: number
  /** Those who came too late for that. */
  readonly unfollowed: Set<string>
}

const chainedSessionsOf = (parents: readonly Answered[], met: Met, connection: QueryConnection): readonly ChainedSession[] => {
  const found: ChainedSession[] = []
  for (const { state } of parents) {
    for (const session of obtainedCredentials(writeEventsInOrder(state.writeEvents))) {
      const principal = session.succeeded ? principalOfChainedSession(session) : undefined
      const name = principal && principalName(principal)
      if (!name || met.names.has(name)) continue
      if (met.room === 0) {
        met.unfollowed.add(name)
        continue
      }
      met.names.add(name)
      met.room -= 1
      const chainedSession = chainedSessionFor(principal, session, connection)
      if (chainedSession) found.push(chainedSession)
    }
  }
  return found
}

/** The names of these sessions come out of records, where somebody else may have chosen them. */
const chainedSessionFor = (
  principal: PrincipalRef,
  { at }: ObtainedSession,
  { incomplete }: QueryConnection,
): ChainedSession | undefined => {
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

const isFit = (chainedSessions: readonly ChainedSession[], { dialect }: QueryConnection): boolean => {
  const { text, values } = writeEventsQuery(dialect, WHENEVER, conditionFor(chainedSessions))
  return inlined(text, values).length <= dialect.longest
}

const conditionFor = (chainedSessions: readonly ChainedSession[]): WhereCondition =>
  conditionOfAny(chainedSessions.map(({ question: { principal } }) => principal))

const WHENEVER = { from: '2026-01-01T00:00:00Z' as Instant, until: '2026-01-01T00:00:00Z' as Instant }

const readChainedSessions = async (
  chainedSessions: readonly ChainedSession[],
  range: TimeRange,
  connection: QueryConnection,
): Promise<boolean> => {
  const [first] = chainedSessions
  if (!first) return true
  // A key is not used before it is issued.
  const from = chainedSessions.reduce(
    (earliest, chainedSession) => (isBefore(chainedSession.from, earliest) ? chainedSession.from : earliest),
    first.from,
  )
  const { scope } = boundsOf({ ...first.question, scope: rangeOf(from, undefined) }, range)
  const of = conditionFor(chainedSessions)
  const isRead = await connection.ask(
    callsQuery(connection.dialect, { asks: 'the calls of sessions that were obtained', range: scope, of, by: 'minute' }),
    (row) => {
      const calls = countedCalls(row)
      if (!calls) return
      connection.spending.events += calls.count.events
      for (const { question, state } of chainedSessions)
        if (isCallOf(question.principal, calls.record)) addCounted(state.counter, calls.record, 'scope', calls.count)
    },
  )
  if (isRead) await readWriteEvents(chainedSessions, scope, of, connection)
  if (isRead) await readTouches(chainedSessions, scope, of, connection)
  return isRead
}
