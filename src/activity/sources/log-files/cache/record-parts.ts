import { instantOf, parseInstant } from '../../../../incident/instant.ts'
import { rawText, untrusted } from '../../../../incident/untrusted.ts'
import type { CloudTrailRecord } from '../../../record.ts'

type Member = keyof CloudTrailRecord

/** What is the same in many records of one caller. */
const CALLER = [
  ...(['accessKeyId', 'principalId', 'principalKind', 'sessionArn', 'sessionName', 'roleArn', 'roleName', 'userName'] as const),
  ...(['accountId', 'delivery', 'sourceIdentity', 'invokedBy'] as const),
] as const satisfies readonly Member[]

/** What is the same in many records of one API method. */
const CALL = [
  ...(['eventName', 'eventSource', 'region', 'outcome', 'errorCode', 'explicitDeny', 'category'] as const),
  ...(['eventType', 'readOnly', 'recipientAccountId'] as const),
] as const satisfies readonly Member[]

const BY_ITSELF = ['source', 'userAgent', 'at', 'issuedAt', 'eventId', 'requested', 'resources'] as const satisfies readonly Member[]

const ELSEWHERE: ReadonlySet<string> = new Set<Member>([...CALLER, ...CALL, ...BY_ITSELF])

/** A record, taken apart into what many records have in common and what is its own. */
export interface RecordParts {
  readonly caller: Parts
  readonly call: Parts
  readonly source: string
  readonly userAgent: string
  /** Milliseconds since the epoch; NaN for none. */
  readonly at: number
  readonly issuedAt: number
  readonly eventId: string
  /** All other members; undefined when there are none. */
  readonly rest: Parts | undefined
}

export type Parts = Readonly<Record<string, unknown>>

export const partsOf = (record: CloudTrailRecord): RecordParts => ({
  caller: picked(record, CALLER),
  call: picked(record, CALL),
  source: rawText(record.source),
  userAgent: rawText(record.userAgent),
  at: Date.parse(record.at),
  issuedAt: record.issuedAt === undefined ? Number.NaN : Date.parse(record.issuedAt),
  eventId: record.eventId,
  rest: restOf(record),
})

const picked = (record: CloudTrailRecord, members: readonly Member[]): Parts => {
  const parts: Record<string, unknown> = {}
  for (const member of members) if (record[member] !== undefined) parts[member] = record[member]
  return parts
}

const restOf = (record: CloudTrailRecord): Parts | undefined => {
  const rest: Record<string, unknown> = {}
  for (const member in record) if (!ELSEWHERE.has(member)) rest[member] = record[member as Member]
  if (record.resources.length > 0) rest.resources = record.resources
  for (const _ in record.requested) rest.requested = record.requested
  for (const _ in rest) return rest
  return undefined
}

const NOTHING: Parts = { requested: {}, resources: [] }

/** Puts a record together again. */
export const recordOf = ({ caller, call, source, userAgent, at, issuedAt, eventId, rest }: RecordParts): CloudTrailRecord => {
  const issued = Number.isNaN(issuedAt) ? undefined : instantOf(new Date(issuedAt))
  const record = {
    eventId,
    at: instantOf(new Date(at)),
    ...call,
    source: untrusted(source),
    userAgent: untrusted(userAgent),
    ...caller,
    ...(issued ? { issuedAt: issued } : {}),
    ...NOTHING,
    ...rest,
  }
  return record as unknown as CloudTrailRecord
}

/** Whether a record comes out of its parts as it went in: times are kept to the millisecond. */
export const isKept = ({ at, issuedAt }: Pick<CloudTrailRecord, 'at' | 'issuedAt'>): boolean =>
  parseInstant(at) === at && (issuedAt === undefined || parseInstant(issuedAt) === issuedAt)
