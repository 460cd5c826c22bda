import { SECOND_MS } from '../../../incident/values/duration.ts'
import { epochOf, type Instant } from '../../../incident/values/instant.ts'
import type { TimeRange } from '../../question.ts'
import type { WhereCondition } from './query.ts'

/** How a table of CloudTrail records is asked: an Athena table, or an event data store of CloudTrail Lake. Both speak Trino's SQL. */
export interface SqlDialect {
  /** What stands behind FROM. */
  readonly from: string
  /** The most characters that a query may have. */
  readonly longest: number
  /** The moment of an event as text, `2026-03-01T12:00:00Z`. */
  readonly eventTime: string
  readonly eventId: string
  readonly calls: Readonly<Record<CallColumn, string>>
  readonly records: Readonly<Record<RecordColumn, string>>
  /** The rows of a range, so that as little as possible is read, and billed. */
  readonly within: (range: TimeRange) => WhereCondition
  /** The partitions of one account, where the table is known to have them. */
  readonly ofAccount?: (accountId: string) => WhereCondition
}

/** A column that the table does not have. */
export const ABSENT = 'CAST(NULL AS VARCHAR)'

/**
 * The next whole second, without a zone: CloudTrail's times are whole seconds, so that an event is at or after a moment
 * exactly when it is at or after the next whole second.
 */
export const secondOf = (instant: Instant, between: 'T' | ' '): string =>
  new Date(Math.ceil(epochOf(instant) / SECOND_MS) * SECOND_MS).toISOString().slice(0, 19).replace('T', between)

/** Stands in a place for the event's name. */
export const OWN_NAME = '(the name of the event)'

/**
 * The columns that every query here reads, each with its place in a CloudTrail record: a row is made into a record again,
 * and read by the same code as the records of every other source. So no rule about records is written down twice.
 */
export const CALL_PLACES = {
  kind: ['userIdentity', 'type'],
  principalid: ['userIdentity', 'principalId'],
  arn: ['userIdentity', 'arn'],
  accountid: ['userIdentity', 'accountId'],
  invokedby: ['userIdentity', 'invokedBy'],
  accesskeyid: ['userIdentity', 'accessKeyId'],
  username: ['userIdentity', 'userName'],
  issued: ['userIdentity', 'sessionContext', 'attributes', 'creationDate'],
  issuertype: ['userIdentity', 'sessionContext', 'sessionIssuer', 'type'],
  issuerarn: ['userIdentity', 'sessionContext', 'sessionIssuer', 'arn'],
  issuername: ['userIdentity', 'sessionContext', 'sessionIssuer', 'userName'],
  delivery: ['userIdentity', 'sessionContext', 'ec2RoleDelivery'],
  sourceidentity: ['userIdentity', 'sessionContext', 'sourceIdentity'],
  eventsource: ['eventSource'],
  eventname: ['eventName'],
  awsregion: ['awsRegion'],
  sourceipaddress: ['sourceIPAddress'],
  useragent: ['userAgent'],
  errorcode: ['errorCode'],
  recipientaccountid: ['recipientAccountId'],
  vpcendpointid: ['vpcEndpointId'],
  vpcendpointaccountid: ['vpcEndpointAccountId'],
  eventcategory: ['eventCategory'],
  /** What of the message says which kind of policy refused. */
  refusal: ['errorMessage'],
  /** Whether a sign-in, a switch of roles … succeeded: its record has no error code. */
  signin: ['responseElements', OWN_NAME],
  /** The role that a call asked for, or was refused: who comes in through a trust policy is found by it. */
  assumedrole: ['requestParameters', 'roleArn'],
} as const

/** Further columns of records that are read one by one. */
export const RECORD_PLACES = {
  eventid: ['eventID'],
  eventtype: ['eventType'],
  errormessage: ['errorMessage'],
  readonly: ['readOnly'],
  requestid: ['requestID'],
  /** The id of the record that CloudTrail delivered first, in one that it delivered again ("addendum"). */
  originalid: ['addendum', 'originalEventID'],
} as const

/** Columns that hold JSON. */
export const JSON_PLACES = {
  requestparameters: ['requestParameters'],
  responseelements: ['responseElements'],
  resources: ['resources'],
  additionaleventdata: ['additionalEventData'],
} as const

type CallColumn = keyof typeof CALL_PLACES
type RecordColumn = keyof typeof RECORD_PLACES | keyof typeof JSON_PLACES

export const CALL_COLUMNS = Object.keys(CALL_PLACES) as readonly CallColumn[]
export const RECORD_COLUMNS = [...Object.keys(RECORD_PLACES), ...Object.keys(JSON_PLACES)] as readonly RecordColumn[]

/** The part of an error message that `refusalIn` reads the kind of policy from: messages themselves differ from call to call. */
export const refusalPart = (column: string): string =>
  `nullif(regexp_extract(${column}, '(explicit deny( in [a-zA-Z -]{2,60}(: arn:[^ ]{1,300}|)|)|no [a-zA-Z -]{2,60} allow|VPC endpoint policy)', 1), '')`

/** The first group of a pattern in a column; NULL where there is none. */
export const matched = (column: string, pattern: string, group: number): string =>
  `nullif(regexp_extract(${column}, '${pattern}', ${group}), '')`

/** The role of an AssumeRole call; CloudTrail leaves it out of some refused calls, whose message names it. */
export const assumedRole = (requested: string, message: string): string =>
  `CASE WHEN starts_with(eventname, 'AssumeRole') THEN coalesce(nullif(${requested}, ''), ` +
  `${matched(message, 'on resource: "*(arn:[^ "]+:role/[^ "]+)', 1)}) END`

/** Members of records that are secrets or hand them on. No question mark in here: a query has them for its values only. */
const NAMES = '[sS]essionToken|[sS]ecretAccessKey|[pP]assword|[pP]rivateKey|[pP]laintext|X-Amz-Security-Token|X-Amz-Signature'

/**
 * A column of JSON with every secret in it emptied. Athena writes what a query gives into a bucket, where a session token
 * that CloudTrail recorded ("AssumeRole") would lie a second time, for everybody who may read results.
 */
export const hidingTokens = (column: string): string =>
  `regexp_replace(${column}, '("(${NAMES})"\\s*:\\s*")([^"\\\\]|\\\\.)*"', '$1"')`
