import { type Instant, parseInstant } from '../incident/instant.ts'
import { type Untrusted, untrusted, untrustedOrNone } from '../incident/untrusted.ts'
import { fingerprint } from './fingerprint.ts'
import { categoryOf, type EventCategory, type Json, keepsParameters, withoutSecrets } from './record-parameters.ts'

/** How a call ended, in one class whatever the service's spelling is. */
export type CallOutcome = 'ok' | 'denied' | 'throttled' | 'failed'

/** A CloudTrail record, narrowed to what an investigation asks ("CloudTrail record contents"). Tokens in it are never read. */
export interface CloudTrailRecord {
  readonly eventId: string
  readonly at: Instant
  readonly eventName: string
  readonly eventSource: string
  readonly region: string
  readonly outcome: CallOutcome
  readonly errorCode?: string
  /** The refusal names an explicit deny: the revocation at work. */
  readonly explicitDeny: boolean
  readonly accessKeyId?: string
  readonly principalId?: string
  readonly roleArn?: string
  /** When the credentials were issued: what aws:TokenIssueTime compares. */
  readonly issuedAt?: Instant
  readonly delivery?: '1.0' | '2.0'
  /** An address, or the name of a service that called. */
  readonly source: Untrusted
  readonly userAgent: Untrusted
  readonly invokedBy?: string
  readonly requested: { readonly roleArn?: string; readonly roleSessionName?: string }
  /** The key id that an AssumeRole (or GetSessionToken …) handed out. */
  readonly issuedAccessKeyId?: string
  /** userIdentity.type, as CloudTrail writes it: AssumedRole, IAMUser, Root, AWSService … */
  readonly principalKind?: string
  /** userIdentity.arn: of a role session, and for other kinds of principal of a user or of root. */
  readonly sessionArn?: string
  readonly sessionName?: string
  readonly userName?: string
  /** The role's name, without its path. */
  readonly roleName?: string
  /** The account of the caller. */
  readonly accountId?: string
  /** The account in whose trail the record stands: another one when the call went across accounts. */
  readonly recipientAccountId?: string
  readonly eventType?: string
  readonly category: EventCategory
  readonly readOnly?: boolean
  readonly sourceIdentity?: string
  readonly vpcEndpointId?: string
  /** ARNs of what the call touched, as far as CloudTrail names them. */
  readonly resources: readonly string[]
  /** What was asked and answered, without secrets: only of calls that write, and of those that hand out credentials. */
  readonly request?: Json
  readonly response?: Json
}

const NOTHING: Json = {}

const objectAt = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : NOTHING)
const stringAt = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const DENIED = /AccessDenied|Unauthorized|NotAuthorized|Forbidden|AuthorizationError/i
const THROTTLED = /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|RateExceeded/i

/** The class of an errorCode: spellings vary by service (AccessDenied, AccessDeniedException, Client.UnauthorizedOperation …). */
export const outcomeOf = (errorCode: string | undefined): CallOutcome => {
  if (errorCode === undefined) return 'ok'
  if (DENIED.test(errorCode)) return 'denied'
  return THROTTLED.test(errorCode) ? 'throttled' : 'failed'
}

/** Reads one record; undefined when it has no time or no name. Everything else may be missing. */
export const readRecord = (document: unknown): CloudTrailRecord | undefined => {
  const record = unwrapped(document)
  const at = timeOf(record.eventTime) ?? timeOf(record['@timestamp'])
  const eventName = stringAt(record.eventName)
  if (!at || !eventName) return undefined
  const eventSource = stringAt(record.eventSource) ?? 'unknown'
  const readOnly = flagAt(record.readOnly)
  return {
    eventId: stringAt(record.eventID) ?? stringAt(record.eventId) ?? `without id ${fingerprint(JSON.stringify(record))}`,
    at,
    eventName,
    eventSource,
    region: stringAt(record.awsRegion) ?? 'unknown',
    ...outcomeIn(record, eventName),
    explicitDeny: /explicit deny/i.test(stringAt(record.errorMessage) ?? ''),
    source: untrustedOrNone(record.sourceIPAddress) ?? untrusted('unknown'),
    userAgent: agentOf(record.userAgent),
    category: categoryOf(record, eventSource, eventName),
    ...identityOf(objectAt(record.userIdentity)),
    ...requestOf(record),
    ...detailsOf(record),
    ...(readOnly === undefined ? {} : { readOnly }),
    ...(keepsParameters(eventName, readOnly) ? parametersOf(record) : {}),
  }
}

/** The record itself, out of what it travels in: LookupEvents gives it as a JSON text, EventBridge as `detail`. */
const unwrapped = (document: unknown): Json => {
  const outer = objectAt(document)
  if (typeof outer.CloudTrailEvent === 'string') return parsed(outer.CloudTrailEvent)
  const detail = objectAt(outer.detail)
  return outer.eventName === undefined && typeof detail.eventName === 'string' ? detail : outer
}

const parsed = (text: string): Json => {
  try {
    return objectAt(JSON.parse(text))
  } catch {
    return NOTHING
  }
}

/** The form that CloudTrail writes, on days that every month has: it is an instant as it stands, and this runs on every record. */
const PLAIN_TIME = /^[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/

/** Tables write a time without a zone, always UTC; search engines as milliseconds, the AWS CLI as seconds. */
const timeOf = (value: unknown): Instant | undefined => {
  if (typeof value === 'string' && PLAIN_TIME.test(value)) return value as Instant
  if (typeof value === 'number') return parseInstant(isoOf(value > 1e11 ? value : value * 1000))
  const at = parseInstant(value)
  if (at || typeof value !== 'string') return at
  if (/^\d{9,13}(?:\.\d+)?$/.test(value)) return timeOf(Number(value))
  return parseInstant(value.replace(/^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(?: ?UTC)?$/, '$1T$2Z'))
}

const isoOf = (milliseconds: number): string | undefined => {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

const flagAt = (value: unknown): boolean | undefined => {
  const text = typeof value === 'object' ? '' : String(value).toLowerCase()
  return text === 'true' || text === 'false' ? text === 'true' : undefined
}

/** Some tools write a user agent as a list. */
const agentOf = (value: unknown): Untrusted =>
  untrustedOrNone(Array.isArray(value) ? value.filter((part) => typeof part === 'string').join(', ') : value) ??
  untrusted('unknown')

/** A refused sign-in to the console carries no errorCode: it is told in the response ("AWS Management Console sign-in events"). */
const outcomeIn = (record: Json, eventName: string): Pick<CloudTrailRecord, 'outcome' | 'errorCode'> => {
  const errorCode = stringAt(record.errorCode)
  if (errorCode) return { outcome: outcomeOf(errorCode), errorCode }
  const refused = eventName === 'ConsoleLogin' && objectAt(record.responseElements).ConsoleLogin === 'Failure'
  return { outcome: refused ? 'failed' : 'ok' }
}

const deliveryOf = (value: unknown): { readonly delivery?: '1.0' | '2.0' } => {
  if (value === undefined || typeof value === 'object') return {}
  const number = Number(value)
  return number === 1 || number === 2 ? { delivery: number === 1 ? '1.0' : '2.0' } : {}
}

const accountOf = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(value).padStart(12, '0') : stringAt(value)

/** Members by name, those without a value left out: an absent member is absent, not undefined. */
const present = <T extends object>(members: { [K in keyof T]: T[K] | undefined }): T => {
  const kept: Partial<T> = {}
  for (const name in members) {
    const value = members[name]
    if (value !== undefined) kept[name] = value
  }
  return kept as T
}

type Identity = Pick<
  CloudTrailRecord,
  'accessKeyId' | 'principalId' | 'roleArn' | 'issuedAt' | 'invokedBy' | 'principalKind' | 'sessionArn' | 'accountId'
> &
  Pick<CloudTrailRecord, 'sessionName' | 'userName' | 'roleName' | 'sourceIdentity' | 'delivery'>

const identityOf = (identity: Json): Identity => {
  const session = objectAt(identity.sessionContext)
  const issuer = objectAt(session.sessionIssuer)
  const sessionArn = stringAt(identity.arn)
  const principalId = stringAt(identity.principalId)
  const roleArn = stringAt(issuer.arn)
  const [, role, name] = /:(?:assumed-role\/([^/]+)|federated-user)\/(.+)$/.exec(sessionArn ?? '') ?? []
  return {
    ...present<Identity>({
      accessKeyId: stringAt(identity.accessKeyId),
      principalId,
      roleArn,
      issuedAt: timeOf(objectAt(session.attributes).creationDate),
      invokedBy: stringAt(identity.invokedBy),
      principalKind: stringAt(identity.type),
      sessionArn,
      accountId: accountOf(identity.accountId),
      sessionName: name ?? /^AROA\w+:(.+)$/.exec(principalId ?? '')?.[1],
      userName: stringAt(identity.userName) ?? (issuer.type === 'IAMUser' ? stringAt(issuer.userName) : undefined),
      roleName: role ?? (roleArn?.includes(':role/') ? stringAt(issuer.userName) : undefined),
      sourceIdentity: stringAt(session.sourceIdentity) ?? stringAt(identity.sourceIdentity),
    }),
    ...deliveryOf(session.ec2RoleDelivery),
  }
}

const requestOf = (record: Json) => {
  const parameters = objectAt(record.requestParameters)
  const roleArn = stringAt(parameters.roleArn)
  const roleSessionName = stringAt(parameters.roleSessionName)
  const issuedAccessKeyId = stringAt(objectAt(objectAt(record.responseElements).credentials).accessKeyId)
  return {
    requested: { ...(roleArn ? { roleArn } : {}), ...(roleSessionName ? { roleSessionName } : {}) },
    ...(issuedAccessKeyId ? { issuedAccessKeyId } : {}),
  }
}

type Details = Pick<CloudTrailRecord, 'recipientAccountId' | 'eventType' | 'vpcEndpointId'>

const detailsOf = (record: Json): Details & Pick<CloudTrailRecord, 'resources'> => ({
  resources: Array.isArray(record.resources)
    ? record.resources.map((resource) => stringAt(objectAt(resource).ARN)).filter((arn) => arn !== undefined)
    : [],
  ...present<Details>({
    recipientAccountId: accountOf(record.recipientAccountId),
    eventType: stringAt(record.eventType),
    vpcEndpointId: stringAt(record.vpcEndpointId),
  }),
})

const parametersOf = (record: Json): Pick<CloudTrailRecord, 'request' | 'response'> => ({
  request: objectAt(withoutSecrets(record.requestParameters)),
  response: objectAt(withoutSecrets(record.responseElements)),
})
