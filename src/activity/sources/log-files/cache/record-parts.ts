import { instantOf } from '../../../../incident/instant.ts'
import { untrusted } from '../../../../incident/untrusted.ts'
import type { CloudTrailRecord } from '../../../record.ts'

/** What is the same in many records of one caller. */
export const CALLER = [
  ...(['accessKeyId', 'principalId', 'principalKind', 'sessionArn', 'sessionName', 'roleArn', 'roleName', 'userName'] as const),
  ...(['accountId', 'delivery', 'sourceIdentity', 'invokedBy'] as const),
] as const

/** What is the same in many records of one API method. */
export const CALL = [
  ...(['eventName', 'eventSource', 'region', 'outcome', 'errorCode', 'explicitDeny', 'category'] as const),
  ...(['eventType', 'readOnly', 'recipientAccountId'] as const),
] as const

const BY_ITSELF = ['source', 'userAgent', 'at', 'issuedAt', 'eventId', 'requested', 'resources'] as const

const ELSEWHERE: ReadonlySet<string> = new Set<keyof CloudTrailRecord>([...CALLER, ...CALL, ...BY_ITSELF])

export type Parts = Readonly<Record<string, unknown>>

/** The members as one text, told apart from all others. */
export const nameOf = (record: CloudTrailRecord, members: typeof CALLER | typeof CALL): string => {
  let name = ''
  for (const member of members) name += `${record[member]}\u0000`
  return name
}

/** The members that are there, as JSON. */
export const jsonOf = (record: CloudTrailRecord, members: typeof CALLER | typeof CALL): string =>
  JSON.stringify(Object.fromEntries(members.map((member) => [member, record[member]])))

/** All members that are kept neither with the caller nor with the call, nor by themselves; undefined when there are none. */
export const restOf = (record: CloudTrailRecord): Parts | undefined => {
  const rest: Record<string, unknown> = {}
  let size = 0
  const keep = (member: string, value: unknown): void => {
    rest[member] = value
    size += 1
  }
  for (const member in record) if (!ELSEWHERE.has(member)) keep(member, record[member as keyof CloudTrailRecord])
  if (record.resources.length > 0) keep('resources', record.resources)
  if (record.requested.roleArn || record.requested.roleSessionName) keep('requested', record.requested)
  return size > 0 ? rest : undefined
}

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
  readonly rest: Parts | undefined
}

const NOTHING: Parts = { requested: {}, resources: [] }

/** Puts a record together again. */
export const recordOf = ({ caller, call, source, userAgent, at, issuedAt, eventId, rest }: RecordParts): CloudTrailRecord => {
  const record = {
    eventId,
    at: instantOf(new Date(at)),
    ...call,
    source: untrusted(source),
    userAgent: untrusted(userAgent),
    ...caller,
    ...(Number.isNaN(issuedAt) ? {} : { issuedAt: instantOf(new Date(issuedAt)) }),
    ...NOTHING,
    ...rest,
  }
  return record as unknown as CloudTrailRecord
}
