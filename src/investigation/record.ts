import { meaningOfAwsError } from '../incident/values/aws-error-codes.ts'
import { SECOND_MS } from '../incident/values/duration.ts'
import { given } from '../incident/values/given.ts'
import { isRoleArn, roleSessionOf, sessionNamedBy } from '../incident/values/identifiers.ts'
import { type Instant, parseInstant } from '../incident/values/instant.ts'
import { redactText } from '../incident/values/redaction/redact-text.ts'
import { type Untrusted, untrusted, untrustedOrNone } from '../incident/values/untrusted.ts'
import { fingerprint } from './fingerprint.ts'
import { mayTouch, type Touched, touchedBy } from './objects/touched.ts'
import { categoryOf, type EventCategory, type Json, keepsParameters, withoutSecrets } from './record-parameters.ts'
import { type Refusal, refusalIn } from './refusal.ts'

/**
 * How a call ended, in one class whatever the service's spelling is. A dry run is a call that changed nothing because its caller
 * asked for that, and would have succeeded.
 */
export type CallOutcome = 'ok' | 'denied' | 'throttled' | 'failed' | 'dry-run'

/** A CloudTrail record, narrowed to what an investigation asks ("CloudTrail record contents"). Tokens in it are never read. */
export interface CloudTrailRecord {
  readonly eventId: string
  readonly at: Instant
  readonly eventName: string
  readonly eventSource: string
  readonly region: string
  readonly outcome: CallOutcome
  readonly errorCode?: string
  /** The refusal names an explicit deny, and no other kind of policy than an identity-based one: the revocation at work. */
  readonly explicitDeny: boolean
  /** Which kind of policy refused the call, and how, where the error message says it. */
  readonly refusedBy?: string
  /** The bucket, secret, key, snapshot, database … that the call was about. */
  readonly touched?: Touched
  readonly accessKeyId?: string
  readonly principalId?: string
  readonly roleArn?: string
  /** When the credentials were issued: what aws:TokenIssueTime compares. */
  readonly issuedAt?: Instant
  readonly delivery?: '1.0' | '2.0'
  /** The ARN of the resource that AWS issued the caller's credentials to (`inScopeOf.credentialsIssuedTo`), such as an EC2 instance. */
  readonly issuedTo?: string
  /** The ARN of the resource for which a service calls (`inScopeOf.sourceArn`), such as a build project. */
  readonly sourceArn?: string
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
  /** The account that owns the VPC endpoint. */
  readonly vpcEndpointAccountId?: string
  /** The same in both accounts' records of a call across accounts. */
  readonly sharedEventId?: string
  /** The same in the API's record and in the network activity record of a call through a VPC endpoint; only of such calls. */
  readonly requestId?: string
  /** CloudTrail delivered the record a second time, with more in it ("addendum"): `eventId` is the first one's. */
  readonly isUpdate?: true
  /** ARNs of what the call touched, as far as CloudTrail names them. */
  readonly resources: readonly string[]
  /** What was asked and answered, without secrets: only of calls that write, and of those that hand out credentials. */
  readonly request?: Json
  readonly response?: Json
  /** The whole record as it was written, secrets removed: only where records are read one by one. */
  readonly document?: Json
}

/** Reads one record as `readRecord` does, with the parameters of reads too, and with its whole document, made when it is asked for. */
export const readWholeRecord = (document: unknown): CloudTrailRecord | undefined => {
  const record = readRecord(document)
  if (!record) return undefined
  const whole = unwrapped(document)
  return {
    ...record,
    request: record.request ?? objectAt(withoutSecrets(whole.requestParameters)),
    get document() {
      return objectAt(withoutSecrets(whole))
    },
  }
}

const NOTHING: Json = {}

const objectAt = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : NOTHING)
const stringAt = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** "Troubleshoot access denied error messages": an explicit deny of a service control policy, a boundary … is not the revocation's. */
const EXPLICIT_DENY = /explicit deny(?! in an? (?!identity-based))/i

/** EC2's answer to a call with the DryRun parameter that would have succeeded ("Error codes for the Amazon EC2 API"). */
const DRY_RUN = /^(?:Client\.)?DryRunOperation$/

/** How a call ended, by the errorCode of its record. */
export const outcomeOf = (errorCode: string | undefined): CallOutcome => {
  if (errorCode === undefined) return 'ok'
  if (DRY_RUN.test(errorCode)) return 'dry-run'
  const meaning = meaningOfAwsError(errorCode)
  return meaning === 'denied' || meaning === 'throttled' ? meaning : 'failed'
}

/** A record while it is read: an absent member is absent, not undefined. */
type Draft = { -readonly [K in keyof CloudTrailRecord]: CloudTrailRecord[K] }

/** Reads one record; undefined when it has no time or no name. Everything else may be missing. */
export const readRecord = (document: unknown): CloudTrailRecord | undefined => {
  const record = unwrapped(document)
  const at = timeOf(record.eventTime) ?? timeOf(record['@timestamp'])
  const eventName = stringAt(record.eventName)
  if (!at || !eventName) return undefined
  const eventSource = stringAt(record.eventSource) ?? 'unknown'
  const readOnly = flagAt(record.readOnly)
  const errorCode = stringAt(record.errorCode)
  const errorMessage = stringAt(record.errorMessage)
  // Set one by one: this runs on every record, and putting objects together takes several times as long.
  const draft: Draft = {
    eventId:
      stringAt(objectAt(record.addendum).originalEventID) ??
      stringAt(record.eventID) ??
      stringAt(record.eventId) ??
      `without id ${fingerprint(JSON.stringify(record))}`,
    at,
    eventName,
    eventSource,
    region: stringAt(record.awsRegion) ?? 'unknown',
    outcome: errorCode === undefined ? outcomeWithout(record, eventName) : outcomeOf(errorCode),
    explicitDeny: errorMessage !== undefined && EXPLICIT_DENY.test(errorMessage),
    source: untrustedOrNone(record.sourceIPAddress) ?? untrusted('unknown'),
    userAgent: agentOf(record.userAgent),
    category: categoryOf(record, eventSource, eventName),
    requested: requestedIn(objectAt(record.requestParameters)),
    resources: resourcesIn(record.resources),
  }
  if (errorCode !== undefined) draft.errorCode = errorCode
  addIdentity(draft, objectAt(record.userIdentity))
  addDetails(draft, record)
  const refusal = errorCode === undefined ? undefined : refusalIn(errorCode, errorMessage ?? '')
  if (refusal !== undefined) addRefusal(draft, refusal)
  if (mayTouch(eventSource, eventName))
    addOnUse(draft, 'touched', () => touchedBy(record, eventSource, eventName, refusal?.resource))
  if (readOnly !== undefined) draft.readOnly = readOnly
  if (keepsParameters(eventName, readOnly)) {
    addOnUse(draft, 'request', () => withRole(objectAt(withoutSecrets(record.requestParameters)), draft))
    addOnUse(draft, 'response', () => objectAt(withoutSecrets(record.responseElements)))
  }
  return draft
}

/** What a call asked for and touched takes as long as all else of its record, and most records are only counted. */
const addOnUse = <Member extends 'request' | 'response' | 'touched'>(
  draft: Draft,
  member: Member,
  make: () => CloudTrailRecord[Member],
): void => {
  Object.defineProperty(draft, member, {
    ...{ enumerable: true, configurable: true },
    get: () => {
      const value = make()
      Object.defineProperty(draft, member, { value, enumerable: true, configurable: true, writable: true })
      return value
    },
  })
}

/** CloudTrail leaves the parameters of some refused calls out: then the message alone names the role. */
const addRefusal = (draft: Draft, { refusedBy, resource }: Refusal): void => {
  if (refusedBy !== undefined) draft.refusedBy = refusedBy
  const isUnnamed = draft.requested.roleArn === undefined && draft.eventName.startsWith('AssumeRole')
  if (isUnnamed && resource !== undefined && isRoleArn(resource)) draft.requested = { ...draft.requested, roleArn: resource }
}

/** The request with the role that the message alone names, as a query over a table gives it. */
const withRole = (request: Json, { eventName, requested: { roleArn } }: Draft): Json =>
  roleArn === undefined || request.roleArn !== undefined || !eventName.startsWith('AssumeRole')
    ? request
    : { ...request, roleArn }

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
  if (typeof value === 'number') return parseInstant(isoOf(value > 1e11 ? value : value * SECOND_MS))
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

/** Some tools write a user agent as a list. Secrets in it are redacted at once: calls are counted and cached by their user agents. */
const agentOf = (value: unknown): Untrusted => {
  const text = Array.isArray(value) ? value.filter((part) => typeof part === 'string').join(', ') : value
  return typeof text === 'string' && text !== '' ? untrusted(redactedAgent(text)) : untrusted('unknown')
}

/** User agents without secrets, by what they are in the records: the same ones come again and again. */
const redactedAgents = new Map<string, string>()
const MOST_AGENTS = 5_000

const redactedAgent = (agent: string): string => {
  const known = redactedAgents.get(agent)
  if (known !== undefined) return known
  if (redactedAgents.size >= MOST_AGENTS) redactedAgents.clear()
  const redacted = redactText(agent)
  redactedAgents.set(agent, redacted)
  return redacted
}

/**
 * A refused sign-in, and all that is done on AWS's sign-in pages, carries no errorCode: the response tells it, under the
 * event's own name ("AWS Management Console sign-in events").
 */
const outcomeWithout = (record: Json, eventName: string): CallOutcome =>
  objectAt(record.responseElements)[eventName] === 'Failure' ? 'failed' : 'ok'

const deliveryOf = (value: unknown): '1.0' | '2.0' | undefined => {
  if (value === undefined || typeof value === 'object') return undefined
  const number = Number(value)
  if (number === 1) return '1.0'
  return number === 2 ? '2.0' : undefined
}

const accountOf = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(value).padStart(12, '0') : stringAt(value)

const addIdentity = (draft: Draft, identity: Json): void => {
  const accessKeyId = stringAt(identity.accessKeyId)
  const principalId = stringAt(identity.principalId)
  const principalKind = stringAt(identity.type)
  const sessionArn = stringAt(identity.arn)
  const accountId = accountOf(identity.accountId)
  const invokedBy = stringAt(identity.invokedBy)
  if (accessKeyId !== undefined) draft.accessKeyId = accessKeyId
  if (principalId !== undefined) draft.principalId = principalId
  if (principalKind !== undefined) draft.principalKind = principalKind
  if (sessionArn !== undefined) draft.sessionArn = sessionArn
  if (accountId !== undefined) draft.accountId = accountId
  if (invokedBy !== undefined) draft.invokedBy = invokedBy
  addSession(draft, identity, objectAt(identity.sessionContext))
}

const addSession = (draft: Draft, identity: Json, session: Json): void => {
  const issuer = objectAt(session.sessionIssuer)
  const roleArn = stringAt(issuer.arn)
  const issuedAt = timeOf(objectAt(session.attributes).creationDate)
  const named = sessionNamedBy(draft.sessionArn)
  const sessionName = named?.sessionName ?? roleSessionOf(draft.principalId)?.sessionName
  const roleName = named?.roleName ?? (isRoleArn(roleArn) ? stringAt(issuer.userName) : undefined)
  const userName = stringAt(identity.userName) ?? (issuer.type === 'IAMUser' ? stringAt(issuer.userName) : undefined)
  const sourceIdentity = stringAt(session.sourceIdentity) ?? stringAt(identity.sourceIdentity)
  const delivery = deliveryOf(session.ec2RoleDelivery)
  const scope = objectAt(identity.inScopeOf)
  const issuedTo = stringAt(scope.credentialsIssuedTo)
  const sourceArn = stringAt(scope.sourceArn)
  if (roleArn !== undefined) draft.roleArn = roleArn
  if (issuedAt !== undefined) draft.issuedAt = issuedAt
  if (sessionName !== undefined) draft.sessionName = sessionName
  if (roleName !== undefined) draft.roleName = roleName
  if (userName !== undefined) draft.userName = userName
  if (sourceIdentity !== undefined) draft.sourceIdentity = sourceIdentity
  if (delivery !== undefined) draft.delivery = delivery
  if (issuedTo !== undefined) draft.issuedTo = issuedTo
  if (sourceArn !== undefined) draft.sourceArn = sourceArn
}

const NONE_REQUESTED: CloudTrailRecord['requested'] = {}

const requestedIn = (parameters: Json): CloudTrailRecord['requested'] => {
  const roleArn = stringAt(parameters.roleArn)
  const roleSessionName = stringAt(parameters.roleSessionName)
  if (roleArn === undefined && roleSessionName === undefined) return NONE_REQUESTED
  return given({ roleArn: roleArn || undefined, roleSessionName: roleSessionName || undefined })
}

const NO_RESOURCES: readonly string[] = []

const resourcesIn = (resources: unknown): readonly string[] =>
  Array.isArray(resources)
    ? resources.map((resource) => stringAt(objectAt(resource).ARN)).filter((arn) => arn !== undefined)
    : NO_RESOURCES

const addDetails = (draft: Draft, record: Json): void => {
  const issuedAccessKeyId = stringAt(objectAt(objectAt(record.responseElements).credentials).accessKeyId)
  const recipientAccountId = accountOf(record.recipientAccountId)
  const eventType = stringAt(record.eventType)
  const vpcEndpointId = stringAt(record.vpcEndpointId)
  const vpcEndpointAccountId = accountOf(record.vpcEndpointAccountId)
  const sharedEventId = stringAt(record.sharedEventID)
  if (issuedAccessKeyId !== undefined) draft.issuedAccessKeyId = issuedAccessKeyId
  if (recipientAccountId !== undefined) draft.recipientAccountId = recipientAccountId
  if (eventType !== undefined) draft.eventType = eventType
  if (vpcEndpointId !== undefined) {
    const requestId = stringAt(record.requestID)
    draft.vpcEndpointId = vpcEndpointId
    if (requestId !== undefined) draft.requestId = requestId
  }
  if (stringAt(objectAt(record.addendum).originalEventID) !== undefined) draft.isUpdate = true
  if (vpcEndpointAccountId !== undefined) draft.vpcEndpointAccountId = vpcEndpointAccountId
  if (sharedEventId !== undefined) draft.sharedEventId = sharedEventId
}
