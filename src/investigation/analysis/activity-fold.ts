import { DAY_MS, floorTo, HOUR_MS } from '../../incident/values/duration.ts'
import { epochOf, type Instant } from '../../incident/values/instant.ts'
import { rawText } from '../../incident/values/untrusted.ts'
import { baselinePrincipalOf, type CallIdentity, isCallOf, type PrincipalRef, type Question } from '../question.ts'
import type { CloudTrailRecord } from '../record.ts'
import { type Api, apiName, busiestFirst, totalsBy } from './call-totals.ts'
import { type Counter, countRecordOnce, emptyCounter, mergeCounter } from './counter.ts'
import type { Fold } from './fold.ts'
import { instantAt, type Sighting, sightingsOf, type TimeBucket, timeBucketsOf } from './time-buckets.ts'
import { isWriteEvent, keepWriteEvent, mergeWriteEvents, type WriteEvents, writeEventsInOrder } from './write-events.ts'

/** When something was first seen with anybody else in the account, in milliseconds since the epoch. */
export interface AccountSeen {
  readonly apis: Map<string, number>
  readonly userAgents: Map<string, number>
  readonly sources: Map<string, number>
}

export interface ActivityState {
  readonly counter: Counter
  /**
   * Where the whole account is read: the baselinePrincipal, learnt from the first call of a key or session. Those have one role
   * or user only, so it does not matter which call is the first.
   */
  baselinePrincipal: PrincipalRef | undefined
  readonly writeEvents: WriteEvents
  readonly account: AccountSeen
}

/** A range with both ends. */
export interface ClosedRange {
  readonly from: Instant
  readonly until: Instant
}

/** All that was counted, parted into what was asked about and what it is compared with. The analyses read from here. */
export interface Counted {
  readonly question: Question
  /** Whose calls the baseline is: as asked, or found out. Missing when the principal has none, or made no call. */
  readonly baselinePrincipal?: PrincipalRef
  /** The calls asked about, by the minute. */
  readonly scope: Iterable<TimeBucket>
  /** The baseline principal's calls in the days before the scope, by the hour. */
  readonly baseline: Iterable<TimeBucket>
  /** The whole hours before the scope that the baseline is taken from. Missing when nothing tells where the scope begins. */
  readonly baselineRange?: ClosedRange
  /** Every caller that was given, with what it called from; not only in scope. */
  readonly sightings: Iterable<Sighting>
  /** The records in scope by which something was made or handed out, in the order of time. */
  readonly writeEvents: readonly CloudTrailRecord[]
  /** How many more of them there were: too many to keep, or counted by a database that gave no records. */
  readonly writeEventsLeftOut: number
  readonly account: AccountSeen
}

const hourOf = (milliseconds: number): number => floorTo(milliseconds, HOUR_MS)

/** Whether the moment (in milliseconds) lies between the ends; an end that is missing is open. */
const between = (at: number, from: number | undefined, until: number | undefined): boolean =>
  (from === undefined || at >= from) && (until === undefined || at < until)

const optionalEpoch = (instant: Instant | undefined): number | undefined => instant && epochOf(instant)

/**
 * Counts the records of a question: those of its principal in its scope, and around them those of its baselinePrincipal (of
 * everybody who is given, as long as the baselinePrincipal is not known). Give it every record that may matter; it chooses.
 */
export const activityFold = (question: Question): Fold<ActivityState, Question, Counted> => {
  const { principal, baselinePrincipal, scope, wholeAccount, baselineDays } = question
  const from = optionalEpoch(scope.from)
  const until = optionalEpoch(scope.until)
  const oldest = from === undefined ? undefined : hourOf(from) - baselineDays * DAY_MS
  const canLearn = wholeAccount && (principal.kind === 'access-key-id' || principal.kind === 'session')
  const add = (state: ActivityState, record: CloudTrailRecord): void => {
    const { counter, writeEvents, account } = state
    const at = epochOf(record.at)
    const ofPrincipal = isCallOf(principal, record)
    if (canLearn && ofPrincipal) state.baselinePrincipal ??= baselinePrincipalOf(record)
    if (ofPrincipal && between(at, from, until)) {
      if (countRecordOnce(counter, record, at, 'scope') && isWriteEvent(record)) keepWriteEvent(writeEvents, record)
      return
    }
    const compared = baselinePrincipal ?? state.baselinePrincipal
    const ofPopulation = ofPrincipal || compared === undefined || isCallOf(compared, record)
    if (ofPopulation && between(at, oldest, undefined)) countRecordOnce(counter, record, at, 'around')
    if (wholeAccount && !ofPopulation) note(account, record, at)
  }
  return { empty: emptyState, add, merge, finish }
}

const emptyState = (): ActivityState => ({
  counter: emptyCounter(),
  baselinePrincipal: undefined,
  writeEvents: new Map(),
  account: { apis: new Map(), userAgents: new Map(), sources: new Map() },
})

const note = (account: AccountSeen, record: Api & Pick<CloudTrailRecord, 'source' | 'userAgent'>, at: number): void => {
  earliest(account.apis, apiName(record), at)
  earliest(account.userAgents, rawText(record.userAgent), at)
  earliest(account.sources, rawText(record.source), at)
}

const earliest = (seen: Map<string, number>, name: string, at: number): void => {
  const before = seen.get(name)
  if (before === undefined || at < before) seen.set(name, at)
}

const merge = (into: ActivityState, other: ActivityState): void => {
  into.baselinePrincipal ??= other.baselinePrincipal
  mergeCounter(into.counter, other.counter)
  mergeWriteEvents(into.writeEvents, other.writeEvents)
  for (const part of ['apis', 'userAgents', 'sources'] as const)
    for (const [name, at] of other.account[part]) earliest(into.account[part], name, at)
}

const finish = ({ counter, writeEvents, account }: ActivityState, question: Question): Counted => {
  const scope = timeBucketsOf(counter, { part: 'scope' })
  const baselinePrincipal = question.baselinePrincipal ?? baselinePrincipalIn(scope, question.principal)
  const baselineRange = rangeBefore(question, scope)
  const kept = writeEventsInOrder(writeEvents)
  if (question.wholeAccount && baselinePrincipal) noteOthers(account, counter, baselinePrincipal)
  return {
    question,
    ...(baselinePrincipal ? { baselinePrincipal } : {}),
    scope,
    baseline: baselinePrincipal && baselineRange ? baselineBuckets(counter, baselinePrincipal, baselineRange) : [],
    ...(baselineRange ? { baselineRange } : {}),
    sightings: sightingsOf(counter),
    writeEvents: kept,
    writeEventsLeftOut: writeEventsIn(scope) - kept.length,
    account,
  }
}

const writeEventsIn = (cells: Iterable<TimeBucket>): number => {
  let writeEvents = 0
  for (const { call, events } of cells) if (isWriteEvent(call)) writeEvents += events
  return writeEvents
}

/** Everybody else, where all records were counted because the baselinePrincipal was not known yet. */
const noteOthers = (account: AccountSeen, counter: Counter, baselinePrincipal: PrincipalRef): void => {
  const isOf = (called: CallIdentity): boolean => !isCallOf(baselinePrincipal, called)
  for (const { call, origin, first } of timeBucketsOf(counter, { part: 'around', isOf }))
    note(account, { ...call, ...origin }, first)
}

/** The role or user that most of the calls were made as; an address is compared with its own past. */
const baselinePrincipalIn = (scope: Iterable<TimeBucket>, principal: PrincipalRef): PrincipalRef | undefined => {
  if (principal.kind === 'ip' || principal.kind === 'role' || principal.kind === 'user') return principal
  const found = new Map<string, PrincipalRef>()
  const counts = totalsBy(scope, ({ caller }) => {
    const baselinePrincipal = baselinePrincipalOf(caller)
    if (baselinePrincipal) found.set(baselinePrincipal.value, baselinePrincipal)
    return baselinePrincipal?.value
  })
  const [most] = busiestFirst(counts)
  return most && found.get(most[0])
}

/** Whole hours, up to the one in which the scope begins: so that every hour of the baseline is a whole one. */
const rangeBefore = ({ scope: { from }, baselineDays }: Question, cells: Iterable<TimeBucket>): ClosedRange | undefined => {
  let first = optionalEpoch(from)
  if (first === undefined) for (const cell of cells) first = Math.min(first ?? cell.first, cell.first)
  if (first === undefined) return undefined
  const until = hourOf(first)
  return { from: instantAt(until - baselineDays * DAY_MS), until: instantAt(until) }
}

const baselineBuckets = (counter: Counter, baselinePrincipal: PrincipalRef, { from, until }: ClosedRange): Iterable<TimeBucket> =>
  timeBucketsOf(counter, {
    part: 'around',
    from: epochOf(from),
    until: epochOf(until),
    isOf: (called) => isCallOf(baselinePrincipal, called),
  })
