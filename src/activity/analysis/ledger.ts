import { epochOf } from '../../incident/instant.ts'
import { rawText } from '../../incident/untrusted.ts'
import { hash64 } from '../fingerprint.ts'
import type { Caller } from '../question.ts'
import type { CloudTrailRecord } from '../record.ts'
import { type CountTable, count, countTable } from './count-table.ts'
import { type Dictionary, dictionary, joined, numberOf, takeOver } from './dictionary.ts'
import { addKey, type KeyTable, keyTable } from './key-table.ts'

/** Who called, as far as records say. */
export type LedgerCaller = Caller & Pick<CloudTrailRecord, 'accountId' | 'issuedAt' | 'delivery' | 'sourceIdentity'>

/** What was called, where, and how it ended. */
export type LedgerCall = Pick<CloudTrailRecord, 'eventSource' | 'eventName' | 'region' | 'outcome' | 'errorCode' | 'category'> &
  Pick<CloudTrailRecord, 'recipientAccountId'>

/** Where a call came from. */
export type LedgerOrigin = Pick<CloudTrailRecord, 'source' | 'userAgent' | 'invokedBy' | 'vpcEndpointId'>

/** Whether a record is one of those asked about, or only something to compare with. */
export type Part = 'scope' | 'around'

/**
 * Records counted by caller, call, origin and time: the minute for those asked about; the hour, and the role or user alone,
 * for the others. Every duplicate is counted once, wherever the copies were met, because the ids are kept (as 64 bits each).
 * The callers of all records stand in the sightings, without a time.
 */
export interface Ledger {
  readonly callers: Dictionary<LedgerCaller>
  readonly calls: Dictionary<LedgerCall>
  readonly origins: Dictionary<LedgerOrigin>
  /** By caller, call, origin, and the minute (since the epoch) twice, plus one in scope. */
  readonly cells: CountTable
  /** By caller and origin. */
  readonly sightings: CountTable
  readonly ids: KeyTable
  cellOfId: Uint32Array
  sightingOfId: Uint32Array
}

const MINUTE = 60_000
const HOUR_MINUTES = 60
const FIRST_IDS = 64

export const emptyLedger = (): Ledger => ({
  callers: dictionary(),
  calls: dictionary(),
  origins: dictionary(),
  cells: countTable(4),
  sightings: countTable(2),
  ids: keyTable(2),
  cellOfId: new Uint32Array(FIRST_IDS),
  sightingOfId: new Uint32Array(FIRST_IDS),
})

/** Counts a record; false when it has been counted before. The id alone is not trusted: logs with names made up repeat it. */
export const enter = (ledger: Ledger, record: CloudTrailRecord, part: Part): boolean => {
  const before = ledger.ids.size
  const id = addKey(ledger.ids, hash64(joined(record.eventId, record.at, record.eventName, record.accessKeyId)))
  if (id < before) return false
  const { cell, sighting } = enterCounted(ledger, record, part, 1, record)
  remember(ledger, id, cell, sighting)
  return true
}

/** What of a record the ledger counts by; `at` is any moment of the minute. */
export type Countable = LedgerCaller & LedgerCall & LedgerOrigin & Pick<CloudTrailRecord, 'at'>

/**
 * Counts records that somebody else has counted already, each of them once: those of one minute (in scope) or hour, with
 * everything in common, seen between the two moments. Gives where they stand.
 */
export const enterCounted = (
  ledger: Ledger,
  record: Countable,
  part: Part,
  events: number,
  seen: { readonly at: string; readonly last?: string },
): { readonly cell: number; readonly sighting: number } => {
  const caller = callerNumber(ledger, record)
  const call = callNumber(ledger, record)
  const origin = originNumber(ledger, record)
  const first = Date.parse(seen.at)
  const last = seen.last === undefined ? first : Date.parse(seen.last)
  const minute = Math.floor(epochOf(record.at) / MINUTE)
  const key =
    part === 'scope'
      ? [caller, call, origin, 2 * minute + 1]
      : [populationNumber(ledger, record), call, origin, 2 * (minute - (minute % HOUR_MINUTES))]
  return {
    cell: count(ledger.cells, key, events, first, last),
    sighting: count(ledger.sightings, [caller, origin], events, first, last),
  }
}

const callerNumber = ({ callers }: Ledger, record: Countable): number => {
  const { accessKeyId, principalId, principalKind, sessionArn, sessionName, roleArn, roleName, userName } = record
  const { accountId, issuedAt, delivery, sourceIdentity } = record
  const session = joined(accessKeyId, principalId, sessionArn, sessionName, issuedAt, delivery, sourceIdentity)
  return numberOf(callers, joined(session, principalKind, roleArn, roleName, userName, accountId), () =>
    chosen({
      ...{ accessKeyId, principalId, principalKind, sessionArn, sessionName, roleArn, roleName, userName },
      ...{ accountId, issuedAt, delivery, sourceIdentity },
    }),
  )
}

/** The role or the user of a caller, without the session: what stays the same over weeks. */
const populationNumber = ({ callers }: Ledger, record: Countable): number => {
  const { principalKind, roleArn, roleName, accountId, principalId, sessionArn } = record
  const isSession = roleName !== undefined
  const id = isSession ? principalId?.split(':', 1)[0] : principalId
  const arn = isSession ? undefined : sessionArn
  const userName = isSession ? undefined : record.userName
  return numberOf(callers, joined('population', id, arn, principalKind, roleArn, roleName, userName, accountId), () =>
    chosen({
      ...{ principalKind, roleArn, roleName, userName, accountId, sessionArn: arn },
      principalId: isSession && id ? `${id}:` : id,
    }),
  )
}

const callNumber = ({ calls }: Ledger, record: Countable): number => {
  const { eventSource, eventName, region, outcome, errorCode, category, recipientAccountId } = record
  return numberOf(calls, joined(eventName, eventSource, region, outcome, errorCode, category, recipientAccountId), () =>
    chosen({ eventSource, eventName, region, outcome, errorCode, category, recipientAccountId }),
  )
}

const originNumber = ({ origins }: Ledger, record: Countable): number => {
  const { source, userAgent, invokedBy, vpcEndpointId } = record
  return numberOf(origins, joined(rawText(source), rawText(userAgent), invokedBy, vpcEndpointId), () =>
    chosen({ source, userAgent, invokedBy, vpcEndpointId }),
  )
}

/** The members that have a value. */
const chosen = <T extends object>(members: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T

const remember = (ledger: Ledger, id: number, cell: number, sighting: number): void => {
  if (id >= ledger.cellOfId.length) {
    ledger.cellOfId = twice(ledger.cellOfId)
    ledger.sightingOfId = twice(ledger.sightingOfId)
  }
  ledger.cellOfId[id] = cell
  ledger.sightingOfId[id] = sighting
}

const twice = (values: Uint32Array): Uint32Array => {
  const more = new Uint32Array(values.length * 2)
  more.set(values)
  return more
}
