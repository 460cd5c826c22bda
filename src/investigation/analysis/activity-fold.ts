import type { TrailChange } from '../../incident/facts/coverage.ts'
import { floorTo, MINUTE_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { epochOf, type Instant } from '../../incident/values/instant.ts'
import { rawText } from '../../incident/values/untrusted.ts'
import { baselinePrincipalOf, isCallOf, type PrincipalRef, type Question } from '../question.ts'
import type { CloudTrailRecord } from '../record.ts'
import { type BaselineCalls, baselineCalls, baselineStart } from './baseline.ts'
import { type Api, apiName } from './call-totals.ts'
import { comparedFrom } from './compared-part.ts'
import { type Counter, type CounterCall, countRecordOnce, emptyCounter, mergeCounter } from './counter.ts'
import { keepDocument, mergeDocuments } from './documents-kept.ts'
import type { Fold } from './fold.ts'
import { trailChangeOf } from './logging-gaps.ts'
import type { OriginTable } from './origin-table.ts'
import {
  type CallerHours,
  callerHoursOf,
  instantAt,
  memberOf,
  type Sighting,
  type SightingsByCaller,
  sightingsOf,
  type TimeBucket,
  timeBucketsOf,
} from './time-buckets.ts'
import { keepUndoEvent, mergeUndoEvents } from './undo-events-kept.ts'
import { isWriteEvent, keepWriteEvent, mergeWriteEvents, type WriteEvents, writeEventsInOrder } from './write-events.ts'

/** When everybody else in the account first used something, in milliseconds since the epoch. */
export interface AccountSeen {
  readonly apis: Map<string, number>
  readonly userAgents: Map<string, number>
  readonly sources: Map<string, number>
}

export interface ActivityState {
  readonly counter: Counter
  /** Network activity events: where the API's record of the call is there too, they do not count again. */
  network: Counter | undefined
  /**
   * Where the whole account is read: the baseline principal, learnt from the first call of a key or session. A key or session
   * has one role or user only, so it does not matter which call is the first.
   */
  baselinePrincipal: PrincipalRef | undefined
  readonly writeEvents: WriteEvents
  /** Records of others about the principal, its instance, role or user. */
  readonly context: WriteEvents
  /** Changes of trails by others, after the principal has changed one. */
  readonly trailChanges: Map<string, TrailChange>
  /** Calls of others from the addresses of the principal. */
  atAddresses: Counter | undefined
  /** Network activity events of such calls: they do not count again either. */
  networkAtAddresses: Counter | undefined
  readonly account: AccountSeen
}

/** All that was counted, divided into the calls in scope and the baseline. The analyses read from here. */
export interface Counted extends BaselineCalls {
  /** The calls that the question asks about, by the minute. */
  readonly scope: Iterable<TimeBucket>
  /** Those of them that are compared with the baseline: all or, of a role, a user or a long-term key without a scope, the latest. */
  readonly recent: Iterable<TimeBucket>
  /** Where these begin, if they are not all. */
  readonly comparedFrom?: Instant
  /** All calls by caller and hour. */
  readonly callerHours: CallerHours
  /** Every caller with the source that it called from, at any time. */
  readonly sightings: SightingsByCaller
  /** The reports of SSM agents, at any time. */
  readonly agentReports: Iterable<TimeBucket>
  /** The write events in scope, in the order of time. */
  readonly writeEvents: readonly CloudTrailRecord[]
  /** How many more write events there were: too many to keep, or counted by a database that gave no records. */
  readonly writeEventsLeftOut: number
  /** What others did to the principal, its instance, role or user, and how it was issued, in the order of time. */
  readonly context: readonly CloudTrailRecord[]
  /** Everybody else who called from the addresses that the principal called from. */
  readonly atAddresses: Iterable<Sighting>
  readonly account: AccountSeen
  /** Of all calls in scope and before: the numbers of their origins. */
  readonly origins: OriginTable
}

/** Whether the moment (in milliseconds) lies between the ends; an end that is missing is open. */
const between = (at: number, from: number | undefined, until: number | undefined): boolean =>
  (from === undefined || at >= from) && (until === undefined || at < until)

const optionalEpoch = (instant: Instant | undefined): number | undefined => instant && epochOf(instant)

/**
 * Counts the records of a question: those of its principal in its scope, and for comparison those of its baseline principal
 * (of everybody, as long as the baseline principal is not known). Give it every record that may matter; it selects.
 */
export const activityFold = (question: Question): Fold<ActivityState, Question, Counted> => {
  if (question.principal.kind === 'resource') return undoFold(question)
  const { principal, baselinePrincipal, scope, wholeAccount } = question
  const from = optionalEpoch(scope.from)
  const until = optionalEpoch(scope.until)
  const oldest = from === undefined ? undefined : baselineStart(from, question)
  const canLearn = wholeAccount && (principal.kind === 'access-key-id' || principal.kind === 'session')
  const add = (state: ActivityState, record: CloudTrailRecord): void => {
    const { writeEvents, account } = state
    const counter = record.category === 'network' ? counterOf(state, 'network') : state.counter
    const at = epochOf(record.at)
    const ofPrincipal = isCallOf(principal, record)
    if (canLearn && ofPrincipal) state.baselinePrincipal ??= baselinePrincipalOf(record)
    if (ofPrincipal && between(at, from, until)) {
      countRecordOnce(counter, record, at, 'scope')
      if (isWriteEvent(record)) keepWriteEvent(writeEvents, record)
      return
    }
    const compared = baselinePrincipal ?? state.baselinePrincipal
    const isCompared = ofPrincipal || compared === undefined || isCallOf(compared, record)
    if (isCompared && between(at, oldest, undefined)) countRecordOnce(counter, record, at, 'comparison')
    if (wholeAccount && !isCompared) noteUse(account, record, at)
  }
  return { empty: emptyState, add, addContext, merge, finish }
}

/**
 * Of what is done to a resource, the events that may undo something are kept, and as context the documents that stood there before;
 * nothing is counted.
 */
const undoFold = ({ principal, moments = [] }: Question): Fold<ActivityState, Question, Counted> => ({
  empty: emptyState,
  add: ({ writeEvents, context }, record) => {
    if (!isCallOf(principal, record)) return
    keepUndoEvent(writeEvents, record, moments)
    keepDocument(context, record, moments)
  },
  merge: (into, other) => {
    mergeUndoEvents(into.writeEvents, other.writeEvents)
    mergeDocuments(into.context, other.context)
  },
  finish,
})

/** Counters that most states do not need: there are hundreds of states where many sessions were obtained. */
const SELDOM = ['network', 'atAddresses', 'networkAtAddresses'] as const

/** One of these counters, made on its first use. */
export const counterOf = (state: ActivityState, part: (typeof SELDOM)[number]): Counter => {
  const counter = state[part] ?? emptyCounter()
  state[part] = counter
  return counter
}

const emptyState = (): ActivityState => ({
  counter: emptyCounter(),
  network: undefined,
  baselinePrincipal: undefined,
  writeEvents: new Map(),
  context: new Map(),
  trailChanges: new Map(),
  atAddresses: undefined,
  networkAtAddresses: undefined,
  account: { apis: new Map(), userAgents: new Map(), sources: new Map() },
})

const addContext = (state: ActivityState, record: CloudTrailRecord, { kind }: PrincipalRef): void => {
  if (kind === 'ip') {
    const counter = counterOf(state, record.category === 'network' ? 'networkAtAddresses' : 'atAddresses')
    countRecordOnce(counter, record, epochOf(record.at), 'comparison')
  } else if (kind !== 'trail-changes') keepWriteEvent(state.context, record)
  else {
    const change = trailChangeOf(record)
    if (change) state.trailChanges.set(`${change.eventId} ${change.at}`, change)
  }
}

const noteUse = (account: AccountSeen, record: Api & Pick<CloudTrailRecord, 'source' | 'userAgent'>, at: number): void => {
  noteEarliest(account.apis, apiName(record), at)
  noteEarliest(account.userAgents, rawText(record.userAgent), at)
  noteEarliest(account.sources, rawText(record.source), at)
}

const noteEarliest = (seen: Map<string, number>, name: string, at: number): void => {
  const before = seen.get(name)
  if (before === undefined || at < before) seen.set(name, at)
}

const merge = (into: ActivityState, other: ActivityState): void => {
  into.baselinePrincipal ??= other.baselinePrincipal
  mergeCounter(into.counter, other.counter)
  mergeWriteEvents(into.writeEvents, other.writeEvents)
  mergeWriteEvents(into.context, other.context)
  for (const [name, change] of other.trailChanges) into.trailChanges.set(name, change)
  for (const part of SELDOM)
    if (other[part] && into[part]) mergeCounter(into[part], other[part])
    else if (other[part]) into[part] = other[part]
  for (const part of ['apis', 'userAgents', 'sources'] as const)
    for (const [name, at] of other.account[part]) noteEarliest(into.account[part], name, at)
}

const finish = (state: ActivityState, question: Question): Counted => {
  const { counter, writeEvents, context, account } = state
  if (state.network) mergeCounter(counter, state.network)
  if (state.networkAtAddresses) mergeCounter(counterOf(state, 'atAddresses'), state.networkAtAddresses)
  const from = optionalEpoch(question.scope.from)
  const scope = timeBucketsOf(counter, { part: 'scope', ...given({ from: from && floorTo(from, MINUTE_MS) }) })
  const split = comparedFrom(question, scope)
  const baseline = baselineCalls(question, counter, scope, split)
  const kept = writeEventsInOrder(writeEvents).filter(({ at }) => from === undefined || epochOf(at) >= from)
  if (question.wholeAccount && baseline.baselinePrincipal) noteOthers(account, counter, baseline.baselinePrincipal)
  return {
    ...baseline,
    scope,
    recent: split === undefined ? scope : timeBucketsOf(counter, { part: 'scope', from: split }),
    ...given({ comparedFrom: split === undefined ? undefined : instantAt(split) }),
    callerHours: callerHoursOf(counter),
    sightings: sightingsOf(counter),
    agentReports: timeBucketsOf(counter, { isCall: isAgentReport }),
    writeEvents: kept,
    writeEventsLeftOut: writeEventsIn(scope) - kept.length,
    context: writeEventsInOrder(context),
    atAddresses: state.atAddresses ? sightingsOf(state.atAddresses) : [],
    account,
    origins: counter.origins,
  }
}

/** A report of an SSM agent, or of somebody who says to be one. */
const isAgentReport = ({ eventName, eventSource, outcome }: CounterCall): boolean =>
  eventName === 'UpdateInstanceInformation' && eventSource === 'ssm.amazonaws.com' && outcome === 'ok'

const writeEventsIn = (scope: Iterable<TimeBucket>): number => {
  let writeEvents = 0
  for (const { call, events } of scope) if (isWriteEvent(call)) writeEvents += events
  return writeEvents
}

/** Everybody else's use, where all records were counted because the baseline principal was not known yet. */
const noteOthers = (account: AccountSeen, counter: Counter, baselinePrincipal: PrincipalRef): void => {
  const isOwn = memberOf(baselinePrincipal)
  const others = timeBucketsOf(counter, { part: 'comparison', isOf: (caller, origin) => !isOwn(caller, origin) })
  for (const { call, origin, first } of others)
    noteUse(account, { ...call, source: origin.source, userAgent: origin.userAgent }, first)
}
