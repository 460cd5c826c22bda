import { epochOf } from '../../../incident/values/instant.ts'
import { rawText } from '../../../incident/values/untrusted.ts'
import type { AccountSeen } from '../../analysis/activity-fold.ts'
import { apiName } from '../../analysis/call-totals.ts'
import type { Count } from '../../analysis/counter.ts'
import { isWriteEvent } from '../../analysis/write-events.ts'
import { readRecord, readWholeRecord } from '../../read-record.ts'
import type { CloudTrailRecord } from '../../record.ts'
import { CALL_PLACES, JSON_PLACES, OWN_NAME, RECORD_PLACES } from './dialect.ts'
import { OTHERS } from './queries.ts'

/** A row of a result by column name; what is NULL is missing. */
export type Row = Readonly<Record<string, string | undefined>>

type Members = { [name: string]: unknown }

const TEXTS = Object.entries({ ...CALL_PLACES, ...RECORD_PLACES })
const DOCUMENTS = Object.entries(JSON_PLACES)

/** The record that a row stands for, as far as the query asked for its columns; undefined when it has no time or no name. */
const recordOf = (row: Row, eventTime: string | undefined, read = readRecord): CloudTrailRecord | undefined => {
  const document: Members = { eventTime }
  for (const [column, place] of DOCUMENTS) put(document, place, parsed(row[column]))
  const named = (place: readonly string[]) => place.map((part) => (part === OWN_NAME ? (row.eventname ?? '') : part))
  for (const [column, place] of TEXTS) put(document, named(place), row[column])
  if (Array.isArray(document.resources)) document.resources = document.resources.map(resourceOf)
  return read(document)
}

const put = (document: Members, place: readonly string[], value: unknown): void => {
  if (value === undefined || value === null) return
  const [name = '', ...rest] = place
  if (rest.length === 0) document[name] = value
  else {
    const inner = membersOf(document[name])
    document[name] = inner
    put(inner, rest, value)
  }
}

const membersOf = (value: unknown): Members => (typeof value === 'object' && value !== null ? (value as Members) : {})

const parsed = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Names of columns are in lower case, and older engines write a row as the list of its values. */
const resourceOf = (resource: unknown): unknown => {
  const { arn, ARN = arn } = membersOf(resource)
  return { ARN: Array.isArray(resource) ? resource[0] : ARN }
}

/** Calls that have everything in common but the moment. */
interface CountedCalls {
  /** The first of them. */
  readonly record: CloudTrailRecord
  readonly count: Count
}

/** What a row of `callsQuery` counts; undefined when it is none. */
export const countedCalls = (row: Row): CountedCalls | undefined => {
  const record = recordOf(row, row.firstseen)
  const last = recordOf(row, row.lastseen)?.at
  const events = Number(row.events)
  return record && last && events > 0 ? { record, count: { events, first: epochOf(record.at), last: epochOf(last) } } : undefined
}

/** The record of a row of a query for single records. */
export const singleRecordOf = (row: Row): CloudTrailRecord | undefined => recordOf(row, row.eventtime)

/** The record of a row of `writeEventsQuery`, when it is a write event. */
export const writeEventOf = (row: Row): CloudTrailRecord | undefined => {
  const record = singleRecordOf(row)
  return record && isWriteEvent(record) ? record : undefined
}

/** The record of a row of `everyRecordQuery`, with a document of the columns that there are. */
export const wholeRecordOf = (row: Row): CloudTrailRecord | undefined => recordOf(row, row.eventtime, readWholeRecord)

/** The record of a row of `touchesQuery`, when it touched something. The API's own record says what a call through an endpoint touched. */
export const touchOf = (row: Row): CloudTrailRecord | undefined => {
  const record = recordOf(row, row.eventtime)
  const isTwin = record?.category === 'network' && record.outcome === 'ok'
  return record?.touched && !isTwin ? record : undefined
}

/** Notes a row of `othersQuery`: an API, a user agent or an address, and when somebody else had it first. */
export const noteOthers = (account: AccountSeen, row: Row): void => {
  // A row of another list has no name: any will do to read the rest.
  const record = recordOf({ ...row, eventname: row.eventname ?? 'unknown' }, row.firstseen)
  if (!record) return
  if (row.list === OTHERS.api) earliest(account.apis, apiName(record), record)
  if (row.list === OTHERS.userAgent) earliest(account.userAgents, rawText(record.userAgent), record)
  if (row.list === OTHERS.source) earliest(account.sources, rawText(record.source), record)
}

const earliest = (seen: Map<string, number>, name: string, { at }: CloudTrailRecord): void => {
  seen.set(name, Math.min(seen.get(name) ?? epochOf(at), epochOf(at)))
}
