import { DAY_MS, HOUR_SECONDS, MINUTE_SECONDS, SECOND_MS } from '../../../../incident/values/duration.ts'
import { type Instant, instantOf } from '../../../../incident/values/instant.ts'
import type { Untrusted } from '../../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../../record.ts'

/** Members that are equal in many records of one caller. */
export const CALLER = [
  ...(['accessKeyId', 'principalId', 'principalKind', 'sessionArn', 'sessionName', 'roleArn', 'roleName', 'userName'] as const),
  ...(['accountId', 'delivery', 'sourceIdentity', 'invokedBy'] as const),
] as const

/** Members that are equal in many calls of one API method. */
export const CALL = [
  ...(['eventName', 'eventSource', 'region', 'outcome', 'errorCode', 'explicitDeny', 'refusedBy', 'category'] as const),
  ...(['eventType', 'readOnly', 'recipientAccountId'] as const),
] as const

/** Members that each row stores. */
const OWN = ['source', 'userAgent', 'at', 'issuedAt', 'eventId', 'requested', 'resources'] as const

const STORED_APART: ReadonlySet<string> = new Set<keyof CloudTrailRecord>([...CALLER, ...CALL, ...OWN])

export type Parts = Readonly<Record<string, unknown>>

const MISSING = '\u0001'

/** A text that differs when any of the members differs. */
export const partsName = (record: CloudTrailRecord, members: typeof CALLER | typeof CALL): string => {
  let name = ''
  for (const member of members) name += `${record[member] ?? MISSING}\u0000`
  return name
}

/** The members as JSON. */
export const jsonOf = (record: CloudTrailRecord, members: typeof CALLER | typeof CALL): string =>
  JSON.stringify(Object.fromEntries(members.map((member) => [member, record[member]])))

/** Members that a record as it was read makes when they are asked for. */
const MADE_ON_USE = ['touched', 'request', 'response'] satisfies (keyof CloudTrailRecord)[]

/** The rest of a record: the members that are in neither the caller, the call nor the row. Undefined when there are none. */
export const restOfRecord = (record: CloudTrailRecord): Parts | undefined => {
  const rest: Record<string, unknown> = {}
  let size = 0
  const add = (member: string, value: unknown): void => {
    rest[member] = value
    size += 1
  }
  for (const member of [...Object.keys(record), ...MADE_ON_USE]) {
    const value = record[member as keyof CloudTrailRecord]
    if (value !== undefined && !STORED_APART.has(member)) add(member, value)
  }
  if (record.resources.length > 0) add('resources', record.resources)
  if (record.requested.roleArn || record.requested.roleSessionName) add('requested', record.requested)
  return size > 0 ? rest : undefined
}

/** The parts of one record that its row stores. */
export interface OwnParts {
  readonly source: Untrusted
  readonly userAgent: Untrusted
  /** Milliseconds since 1970; NaN when missing. */
  readonly at: number
  readonly issuedAt: number
  readonly eventId: string
  readonly rest: Parts | undefined
}

/** Like `instantOf`, which takes longer than the rest of a record. `days` caches the text of each day. */
const instantText = (milliseconds: number, days: Map<number, string>): Instant => {
  const day = Math.floor(milliseconds / DAY_MS)
  const rest = milliseconds - day * DAY_MS
  const date = days.get(day) ?? instantOf(new Date(day * DAY_MS)).slice(0, 'YYYY-MM-DDT'.length)
  days.set(day, date)
  if (rest % SECOND_MS !== 0) return instantOf(new Date(milliseconds))
  const seconds = rest / SECOND_MS
  return `${date}${two(seconds / HOUR_SECONDS)}:${two((seconds / MINUTE_SECONDS) % 60)}:${two(seconds % 60)}Z` as Instant
}

const two = (number: number): string => {
  const whole = Math.floor(number)
  return whole < 10 ? `0${whole}` : `${whole}`
}

type Shaped<Name extends string> = { readonly [N in Name]: unknown }

/** All members in the same order, though some have no value: see `recordOf`. */
const shaped = <Name extends string>(parts: Parts, members: readonly Name[]): Shaped<Name> =>
  Object.fromEntries(members.map((member) => [member, parts[member]])) as Shaped<Name>

export type CallerParts = Shaped<(typeof CALLER)[number]>
export type CallParts = Shaped<(typeof CALL)[number]>

export const callerParts = (parts: Parts): CallerParts => shaped(parts, CALLER)
export const callParts = (parts: Parts): CallParts => shaped(parts, CALL)

const NOTHING_REQUESTED = {}
const NO_RESOURCES: readonly string[] = []

/**
 * Rebuilds a record from its parts. Every record gets all members, some undefined: V8 makes and reads objects of one shape
 * several times as fast as objects of many. `days` is a cache that one reading shares.
 */
export const recordOf = (caller: CallerParts, call: CallParts, own: OwnParts, days: Map<number, string>): CloudTrailRecord => {
  const record = {
    eventId: own.eventId,
    at: instantText(own.at, days),
    source: own.source,
    userAgent: own.userAgent,
    eventName: call.eventName,
    eventSource: call.eventSource,
    region: call.region,
    outcome: call.outcome,
    errorCode: call.errorCode,
    explicitDeny: call.explicitDeny,
    refusedBy: call.refusedBy,
    category: call.category,
    eventType: call.eventType,
    readOnly: call.readOnly,
    recipientAccountId: call.recipientAccountId,
    accessKeyId: caller.accessKeyId,
    principalId: caller.principalId,
    principalKind: caller.principalKind,
    sessionArn: caller.sessionArn,
    sessionName: caller.sessionName,
    roleArn: caller.roleArn,
    roleName: caller.roleName,
    userName: caller.userName,
    accountId: caller.accountId,
    delivery: caller.delivery,
    sourceIdentity: caller.sourceIdentity,
    invokedBy: caller.invokedBy,
    issuedAt: Number.isNaN(own.issuedAt) ? undefined : instantText(own.issuedAt, days),
    requested: NOTHING_REQUESTED,
    resources: NO_RESOURCES,
    issuedAccessKeyId: undefined,
    vpcEndpointId: undefined,
    vpcEndpointAccountId: undefined,
    sharedEventId: undefined,
    requestId: undefined,
    isUpdate: undefined,
    issuedTo: undefined,
    touched: undefined,
    request: undefined,
    response: undefined,
  }
  if (own.rest !== undefined) Object.assign(record, own.rest)
  return record as unknown as CloudTrailRecord
}
