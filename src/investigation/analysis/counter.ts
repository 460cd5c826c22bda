import { MINUTE_MS } from '../../incident/values/duration.ts'
import { hash64 } from '../fingerprint.ts'
import type { CallerFields } from '../question.ts'
import type { CloudTrailRecord } from '../record.ts'
import { type CountTable, count, countTable } from './count-table.ts'
import { type Dictionary, dictionary, type EntryRules, joined, mergeDictionary, numberOfEntry } from './dictionary.ts'
import { addKey, type KeyTable, keyTable } from './key-table.ts'
import { type CounterOrigin, mergeOrigins, numberOfOrigin, type OriginTable, originTable } from './origin-table.ts'
import { addTouch, mergeTouches, noTouches, type Touches } from './touches.ts'

/** Who called, as far as records say. */
export type CounterCaller = CallerFields & Pick<CloudTrailRecord, 'accountId' | 'issuedAt' | 'delivery' | 'sourceIdentity'>

/** What was called, where, and how it ended. */
export type CounterCall = Pick<CloudTrailRecord, 'eventSource' | 'eventName' | 'region' | 'outcome' | 'errorCode' | 'category'> &
  Pick<CloudTrailRecord, 'refusedBy' | 'recipientAccountId'>

/** Whether a record is in the scope of the question, or only compared with it. */
export type RecordPart = 'scope' | 'comparison'

/**
 * Records counted by caller, call, origin and time: by the minute in scope; by the hour, and by role or user alone, for the
 * records that are compared with it. A record that is met several times is counted once, because its id is kept (64 bits).
 * The sightings hold the callers of all records, without a time.
 */
export interface Counter {
  readonly callers: Dictionary<CounterCaller>
  /** For each caller the number of its role or user, once it was needed. */
  readonly principals: number[]
  readonly calls: Dictionary<CounterCall>
  readonly origins: OriginTable
  /** By caller, call, origin, and twice the minute since the epoch, plus one in scope. */
  readonly timeBuckets: CountTable
  /** By caller and origin. */
  readonly sightings: CountTable
  readonly ids: KeyTable
  /** What the calls in scope touched, once one has touched something. */
  touches: Touches | undefined
  bucketOfId: Uint32Array
  sightingOfId: Uint32Array
  /** Bucket, sighting and number of calls of rows that a database has counted, one after the other. They are not merged. */
  readonly withoutIds: number[]
}

const HOUR_MINUTES = 60
const FIRST_IDS = 4

export const emptyCounter = (): Counter => ({
  callers: dictionary(),
  principals: [],
  calls: dictionary(),
  origins: originTable(),
  timeBuckets: countTable(4),
  sightings: countTable(2),
  ids: keyTable(2),
  touches: undefined,
  bucketOfId: new Uint32Array(FIRST_IDS),
  sightingOfId: new Uint32Array(FIRST_IDS),
  withoutIds: [],
})

/**
 * Counts a record that was made at this moment (milliseconds since the epoch); false when it has been counted before.
 * The id alone does not identify a record: anonymised logs repeat it.
 */
export const countRecordOnce = (counter: Counter, record: CloudTrailRecord, at: number, part: RecordPart): boolean => {
  const isNetworkActivity = record.category === 'network'
  const call =
    record.requestId === undefined ? undefined : hash64(`${record.requestId} ${record.eventName} ${record.accessKeyId}`)
  const before = counter.ids.size
  const key = recordKey(record)
  const id = addKey(counter.ids, isNetworkActivity && call ? call : key)
  if (id < before) return false
  const { bucket, sighting } = enter(counter, record, part, { events: 1, first: at, last: at })
  rememberRecord(counter, id, bucket, sighting)
  if (call && !isNetworkActivity) rememberCall(counter, call)
  // The API's own record says what a call through an endpoint touched, unless the endpoint refused it.
  const isTwin = isNetworkActivity && record.outcome === 'ok'
  if (part === 'scope' && !isTwin) noteTouch(counter, record, key, at)
  return true
}

const noteTouch = (counter: Counter, record: CloudTrailRecord, key: ArrayLike<number>, at: number): void => {
  const { touched } = record
  if (touched !== undefined) addTouch(touchesOf(counter), { call: record, touched }, key, at)
}

/** What the calls in scope touched, ready for more. */
export const touchesOf = (counter: Counter): Touches => {
  counter.touches ??= noTouches()
  return counter.touches
}

/** A key that only this record has. Made-up logs give one id to a call that succeeded and to one that failed: both count. */
export const recordKey = ({ eventId, at, eventName, accessKeyId, errorCode = '' }: CloudTrailRecord): ArrayLike<number> =>
  hash64(`${eventId} ${at} ${eventName} ${accessKeyId} ${errorCode}`)

/** Stands for no bucket: the id is that of a call whose API's record was counted. */
const COUNTED_ELSEWHERE = 0xffffffff

/** A call through a VPC endpoint can have a second record, of its network activity: with this id it does not count again. */
const rememberCall = (counter: Counter, call: ArrayLike<number>): void => {
  const before = counter.ids.size
  const id = addKey(counter.ids, call)
  if (id === before) rememberRecord(counter, id, COUNTED_ELSEWHERE, COUNTED_ELSEWHERE)
}

/** The fields of a record that the counter counts by, besides the time. */
type Countable = CounterCaller & CounterCall & CounterOrigin

/** Records with everything in common, of one minute (in scope) or one hour; milliseconds since the epoch. */
export interface Count {
  readonly events: number
  readonly first: number
  readonly last: number
}

/** Adds records that a database has counted, each of them once. Gives the indexes of their time bucket and sighting. */
export const addCounted = (counter: Counter, record: Countable, part: RecordPart, counted: Count): Entered => {
  const entered = enter(counter, record, part, counted)
  counter.withoutIds.push(entered.bucket, entered.sighting, counted.events)
  return entered
}

/** Where a record was entered: the indexes of its time bucket and sighting. */
interface Entered {
  readonly bucket: number
  readonly sighting: number
}

const enter = (counter: Counter, record: Countable, part: RecordPart, { events, first, last }: Count): Entered => {
  const caller = numberOfEntry(counter.callers, CALLERS, record)
  const call = numberOfEntry(counter.calls, CALLS, record)
  const origin = numberOfOrigin(counter.origins, record)
  const minute = Math.floor(first / MINUTE_MS)
  const key =
    part === 'scope'
      ? [caller, call, origin, 2 * minute + 1]
      : [principalNumber(counter, caller, record), call, origin, 2 * (minute - (minute % HOUR_MINUTES))]
  return {
    bucket: count(counter.timeBuckets, key, events, first, last),
    sighting: count(counter.sightings, [caller, origin], events, first, last),
  }
}

const principalNumber = ({ callers, principals }: Counter, caller: number, record: Countable): number => {
  const known = principals[caller]
  if (known !== undefined) return known
  const number = numberOfEntry(callers, PRINCIPALS, principalOf(record))
  principals[caller] = number
  return number
}

const CALLERS: EntryRules<CounterCaller, Countable> = {
  recentBy: ({ accessKeyId, principalId }) => accessKeyId ?? principalId ?? '',
  isSame: (known, record) =>
    known.principalId === record.principalId &&
    known.accessKeyId === record.accessKeyId &&
    known.sessionArn === record.sessionArn &&
    known.issuedAt === record.issuedAt &&
    known.delivery === record.delivery &&
    known.sessionName === record.sessionName &&
    known.roleArn === record.roleArn &&
    known.roleName === record.roleName &&
    known.userName === record.userName &&
    known.accountId === record.accountId &&
    known.principalKind === record.principalKind &&
    known.sourceIdentity === record.sourceIdentity,
  key: (of) =>
    joined(
      ...[of.accessKeyId, of.principalId, of.sessionArn, of.sessionName, of.issuedAt, of.delivery, of.sourceIdentity],
      ...[of.principalKind, of.roleArn, of.roleName, of.userName, of.accountId],
    ),
  make: (of) =>
    definedMembers({
      ...{ accessKeyId: of.accessKeyId, principalId: of.principalId, principalKind: of.principalKind },
      ...{ sessionArn: of.sessionArn, sessionName: of.sessionName, roleArn: of.roleArn, roleName: of.roleName },
      ...{ userName: of.userName, accountId: of.accountId, issuedAt: of.issuedAt },
      ...{ delivery: of.delivery, sourceIdentity: of.sourceIdentity },
    }),
}

/** The role or user of a caller, without its session: it stays the same over weeks. */
const principalOf = (record: Countable): CounterCaller => {
  const { principalKind, roleArn, roleName, accountId, principalId, sessionArn, userName } = record
  return definedMembers({
    ...{ principalKind, roleArn, roleName, accountId },
    ...(roleName === undefined
      ? { principalId, sessionArn, userName }
      : { principalId: principalId?.replace(/:.*$/s, ':'), sessionArn: undefined, userName: undefined }),
  })
}

const PRINCIPALS: EntryRules<CounterCaller, CounterCaller> = {
  recentBy: ({ roleName, principalId, sessionArn }) => `without session ${roleName ?? principalId ?? sessionArn}`,
  isSame: (known, of) =>
    known.principalId === of.principalId &&
    known.sessionArn === of.sessionArn &&
    known.userName === of.userName &&
    known.roleArn === of.roleArn &&
    known.roleName === of.roleName &&
    known.accountId === of.accountId &&
    known.principalKind === of.principalKind &&
    known.accessKeyId === undefined,
  key: ({ principalId, sessionArn, principalKind, roleArn, roleName, userName, accountId }) =>
    joined('without session', principalId, sessionArn, principalKind, roleArn, roleName, userName, accountId),
  make: (of) => of,
}

const CALLS: EntryRules<CounterCall, Countable> = {
  recentBy: ({ eventName }) => eventName,
  isSame: (known, record) =>
    known.eventName === record.eventName &&
    known.eventSource === record.eventSource &&
    known.region === record.region &&
    known.outcome === record.outcome &&
    known.errorCode === record.errorCode &&
    known.refusedBy === record.refusedBy &&
    known.category === record.category &&
    known.recipientAccountId === record.recipientAccountId,
  key: ({ eventSource, eventName, region, outcome, errorCode, refusedBy, category, recipientAccountId }) =>
    joined(eventName, eventSource, region, outcome, errorCode, refusedBy, category, recipientAccountId),
  make: ({ eventSource, eventName, region, outcome, errorCode, refusedBy, category, recipientAccountId }) =>
    definedMembers({ eventSource, eventName, region, outcome, errorCode, refusedBy, category, recipientAccountId }),
}

/** The members that have a value. */
const definedMembers = <T extends object>(members: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T

/** Notes where the record with this id was counted, so that a copy in another counter is recognised. */
const rememberRecord = (counter: Counter, id: number, bucket: number, sighting: number): void => {
  if (id >= counter.bucketOfId.length) {
    counter.bucketOfId = doubled(counter.bucketOfId)
    counter.sightingOfId = doubled(counter.sightingOfId)
  }
  counter.bucketOfId[id] = bucket
  counter.sightingOfId[id] = sighting
}

const doubled = (values: Uint32Array): Uint32Array => {
  const more = new Uint32Array(values.length * 2)
  more.set(values)
  return more
}

/**
 * Adds what another counter counted, each record once: the ids say which of its records are known here already.
 * The other one is left as it was.
 */
export const mergeCounter = (into: Counter, other: Counter): void => {
  const callers = mergeDictionary(into.callers, other.callers)
  const calls = mergeDictionary(into.calls, other.calls)
  const origins = mergeOrigins(into.origins, other.origins)
  const buckets = countAdder(into.timeBuckets, other.timeBuckets, (key) => [
    callers[key[0] ?? 0] ?? 0,
    calls[key[1] ?? 0] ?? 0,
    origins[key[2] ?? 0] ?? 0,
    key[3] ?? 0,
  ])
  const sightings = countAdder(into.sightings, other.sightings, (key) => [callers[key[0] ?? 0] ?? 0, origins[key[1] ?? 0] ?? 0])
  const key = new Uint32Array(2)
  for (let id = 0; id < other.ids.size; id += 1) {
    const before = into.ids.size
    key[0] = other.ids.keys[2 * id] ?? 0
    key[1] = other.ids.keys[2 * id + 1] ?? 0
    const here = addKey(into.ids, key)
    if (other.bucketOfId[id] === COUNTED_ELSEWHERE) {
      if (here === before) rememberRecord(into, here, COUNTED_ELSEWHERE, COUNTED_ELSEWHERE)
      continue
    }
    const bucket = buckets.addOne(other.bucketOfId[id] ?? 0, here === before)
    const sighting = sightings.addOne(other.sightingOfId[id] ?? 0, here === before)
    if (here === before) rememberRecord(into, here, bucket, sighting)
  }
  if (other.touches) mergeTouches(touchesOf(into), other.touches)
  buckets.addRest()
  sightings.addRest()
}

/** Adds the counts of one table to another, whose keys have other numbers. */
const countAdder = (into: CountTable, from: CountTable, translate: (key: Uint32Array) => readonly number[]) => {
  const { keys } = from
  const places = new Int32Array(keys.size).fill(-1)
  const known = new Float64Array(keys.size)
  const add = (index: number, events: number): number => {
    const key = translate(keys.keys.subarray(index * keys.width, (index + 1) * keys.width))
    return count(into, key, events, from.first[index] ?? 0, from.last[index] ?? 0)
  }
  /** One event of the key at `index`, which may be counted already; gives the index of the key in the other table. */
  const addOne = (index: number, isNew: boolean): number => {
    known[index] = (known[index] ?? 0) + 1
    const place = places[index] ?? -1
    if (place < 0) {
      places[index] = add(index, isNew ? 1 : 0)
      return places[index] ?? 0
    }
    if (isNew) into.events[place] = (into.events[place] ?? 0) + 1
    return place
  }
  /** Events that came as numbers and have no ids. */
  const addRest = (): void => {
    for (let index = 0; index < keys.size; index += 1) {
      const without = (from.events[index] ?? 0) - (known[index] ?? 0)
      if (without > 0) add(index, without)
    }
  }
  return { addOne, addRest }
}
