import { ecsRecord } from './ecs-record.ts'
import { ORIGINALS } from './field-names.ts'
import { ocsfRecord } from './ocsf-record.ts'
import { hasOtherNames, renamedRecord } from './renamed-record.ts'
import { rowOfFields, rowsOfTable } from './result-rows.ts'

/** No tool wraps a record deeper than this. */
const DEEPEST = 12

/**
 * The CloudTrail records in a JSON value: in a log file, a list, EventBridge's `detail`, LookupEvents' `CloudTrailEvent`, or any
 * other object that a tool wraps around them. Those that CloudTrail wrote are given unchanged; those in another form (ECS, OCSF,
 * other names, rows of a query) in CloudTrail's. Nothing inside a record is a record.
 */
export const recordDocuments = (value: unknown): unknown[] => {
  const found: unknown[] = []
  gather(value, DEEPEST, found)
  return found
}

const gather = (value: unknown, depth: number, found: unknown[]): void => {
  if (depth === 0) return
  if (typeof value === 'string') gatherText(value, depth, found)
  else if (Array.isArray(value)) gatherList(value, depth, found)
  else if (typeof value === 'object' && value !== null) gatherObject(value, depth, found)
}

const gatherList = (list: readonly unknown[], depth: number, found: unknown[]): void => {
  const row = rowOfFields(list)
  if (row) gatherObject(row, depth - 1, found)
  else for (const item of list) gather(item, depth - 1, found)
}

const gatherObject = (value: object, depth: number, found: unknown[]): void => {
  if (isAsWritten(value) || (isWithoutCaller(value) && !isNotification(value))) found.push(value)
  else gatherOther(value, depth, found)
}

/** Whether an object is a record as CloudTrail writes it. */
const isAsWritten = (value: object): boolean =>
  !isNotification(value) &&
  'eventName' in value &&
  typeof value.eventName === 'string' &&
  'userIdentity' in value &&
  typeof value.userIdentity === 'object' &&
  value.userIdentity !== null &&
  !('principalid' in value.userIdentity || 'accesskeyid' in value.userIdentity || 'access_key_id' in value.userIdentity)

const gatherOther = (value: object, depth: number, found: unknown[]): void => {
  if (isNotification(value)) return
  const rows = rowsOfTable(value)
  if (rows) for (const row of rows) gather(row, depth - 1, found)
  else {
    const record = ecsRecord(value) ?? ocsfRecord(value) ?? renamedRecord(value)
    if (record) found.push(originalIn(value, depth) ?? record)
    else for (const member of Object.values(value)) gather(member, depth - 1, found)
  }
}

/** What S3, SNS and others send to functions has records with the same names, and an event source such as `aws:s3`. */
const isNotification = (value: object): boolean =>
  'eventSource' in value && typeof value.eventSource === 'string' && value.eventSource.startsWith('aws:')

/** A record that does not say who called, and holds it under no other name either. */
const isWithoutCaller = (value: object): boolean =>
  'eventName' in value &&
  typeof value.eventName === 'string' &&
  !('userIdentity' in value && value.userIdentity) &&
  !hasOtherNames(value) &&
  !ORIGINALS.some((name) => name in value)

/** The record as CloudTrail wrote it, where a tool keeps it beside its own members. */
const originalIn = (value: object, depth: number): unknown => {
  const event = 'event' in value && typeof value.event === 'object' && value.event !== null ? value.event : {}
  const carriers = { ...value, ...('original' in event ? { 'event.original': event.original } : {}) } as Record<string, unknown>
  for (const name of ORIGINALS) {
    if (carriers[name] === undefined) continue
    const found: unknown[] = []
    gather(carriers[name], depth - 1, found)
    if (found.length === 1) return found[0]
  }
  return undefined
}

const MAY_HOLD_RECORD = /event_?name/i
const START_IN_TEXT = /\{\s*"eventVersion"\s*:/

/** Some tools write a record as a string, with a time before it or not: LookupEvents, a log group, the export of a search engine. */
const gatherText = (text: string, depth: number, found: unknown[]): void => {
  if (!MAY_HOLD_RECORD.test(text)) return
  const start = /^\s*[{[]/.test(text) ? 0 : text.search(START_IN_TEXT)
  if (start < 0) return
  try {
    gather(JSON.parse(text.slice(start)), depth - 1, found)
  } catch {
    // It only looks like JSON.
  }
}
