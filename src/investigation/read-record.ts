import { meaningOfAwsError } from '../incident/values/aws-error-codes.ts'
import { given } from '../incident/values/given.ts'
import { isRoleArn, roleSessionOf, sessionNamedBy } from '../incident/values/identifiers.ts'
import type { Instant } from '../incident/values/instant.ts'
import { untrusted, untrustedOrNone } from '../incident/values/untrusted.ts'
import { fingerprint } from './fingerprint.ts'
import { touchedBy } from './objects/touched.ts'
import type { CallOutcome, CloudTrailRecord } from './record.ts'
import { categoryOf, type Json, keepsParameters, withoutSecrets } from './record-parameters.ts'
import { timeOf } from './record-time.ts'
import { type Refusal, refusalIn } from './refusal.ts'
import { agentOf } from './user-agent.ts'

/** Reads one record as `readRecord` does, with the parameters of reads too, and with its whole document, made when it is asked for. */
export const readWholeRecord = (document: unknown): CloudTrailRecord | undefined => {
  const record = readRecord(document)
  if (!record) return undefined
  const whole = unwrapped(document)
  return {
    ...plainRecord(record),
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

/** A member that a record may not have. */
type Optional<Member extends keyof CloudTrailRecord> = CloudTrailRecord[Member] | undefined

/**
 * A record as it is read. Each member is there from the start, undefined where the record has none: objects of one shape are made and
 * read faster. What the call touched, asked for and got is made when it is asked for, because that takes as long as all else of a record
 * and most records are only counted. `plainRecord` gives a plain copy.
 */
class ReadRecord {
  readonly eventId: CloudTrailRecord['eventId']
  readonly at: CloudTrailRecord['at']
  readonly eventName: CloudTrailRecord['eventName']
  readonly eventSource: CloudTrailRecord['eventSource']
  readonly region: CloudTrailRecord['region']
  readonly outcome: CloudTrailRecord['outcome']
  readonly explicitDeny: CloudTrailRecord['explicitDeny']
  readonly source: CloudTrailRecord['source']
  readonly userAgent: CloudTrailRecord['userAgent']
  requested: CloudTrailRecord['requested']
  readonly category: CloudTrailRecord['category']
  readonly resources: CloudTrailRecord['resources']
  errorCode: Optional<'errorCode'> = undefined
  refusedBy: Optional<'refusedBy'> = undefined
  accessKeyId: Optional<'accessKeyId'> = undefined
  principalId: Optional<'principalId'> = undefined
  roleArn: Optional<'roleArn'> = undefined
  issuedAt: Optional<'issuedAt'> = undefined
  delivery: Optional<'delivery'> = undefined
  issuedTo: Optional<'issuedTo'> = undefined
  sourceArn: Optional<'sourceArn'> = undefined
  invokedBy: Optional<'invokedBy'> = undefined
  issuedAccessKeyId: Optional<'issuedAccessKeyId'> = undefined
  principalKind: Optional<'principalKind'> = undefined
  sessionArn: Optional<'sessionArn'> = undefined
  sessionName: Optional<'sessionName'> = undefined
  userName: Optional<'userName'> = undefined
  roleName: Optional<'roleName'> = undefined
  accountId: Optional<'accountId'> = undefined
  recipientAccountId: Optional<'recipientAccountId'> = undefined
  eventType: Optional<'eventType'> = undefined
  readOnly: Optional<'readOnly'> = undefined
  sourceIdentity: Optional<'sourceIdentity'> = undefined
  vpcEndpointId: Optional<'vpcEndpointId'> = undefined
  vpcEndpointAccountId: Optional<'vpcEndpointAccountId'> = undefined
  sharedEventId: Optional<'sharedEventId'> = undefined
  requestId: Optional<'requestId'> = undefined
  isUpdate: Optional<'isUpdate'> = undefined
  readonly #document: Json
  #refused: string | undefined = undefined
  #touched: Optional<'touched'> = undefined
  #request: Optional<'request'> = undefined
  #response: Optional<'response'> = undefined

  constructor(document: Json, at: Instant, eventName: string) {
    const eventSource = stringAt(document.eventSource) ?? 'unknown'
    const errorCode = stringAt(document.errorCode)
    const errorMessage = stringAt(document.errorMessage)
    this.#document = document
    this.eventId =
      stringAt(objectAt(document.addendum).originalEventID) ??
      stringAt(document.eventID) ??
      stringAt(document.eventId) ??
      `without id ${fingerprint(JSON.stringify(document))}`
    this.at = at
    this.eventName = eventName
    this.eventSource = eventSource
    this.region = stringAt(document.awsRegion) ?? 'unknown'
    this.outcome = errorCode === undefined ? outcomeWithout(document, eventName) : outcomeOf(errorCode)
    this.explicitDeny = errorMessage !== undefined && EXPLICIT_DENY.test(errorMessage)
    this.source = untrustedOrNone(document.sourceIPAddress) ?? untrusted('unknown')
    this.userAgent = agentOf(document.userAgent)
    this.category = categoryOf(document, eventSource, eventName)
    this.requested = requestedIn(objectAt(document.requestParameters))
    this.resources = resourcesIn(document.resources)
    this.readOnly = flagAt(document.readOnly)
    this.errorCode = errorCode
    if (errorCode !== undefined) this.#addRefusal(refusalIn(errorCode, errorMessage ?? ''))
    addIdentity(this, objectAt(document.userIdentity))
    addDetails(this, document)
  }

  get touched(): Optional<'touched'> {
    this.#touched ??= touchedBy(this.#document, this.eventSource, this.eventName, this.#refused)
    return this.#touched
  }

  get request(): Optional<'request'> {
    if (!keepsParameters(this.eventName, this.readOnly)) return undefined
    this.#request ??= withRole(objectAt(withoutSecrets(this.#document.requestParameters)), this)
    return this.#request
  }

  get response(): Optional<'response'> {
    if (!keepsParameters(this.eventName, this.readOnly)) return undefined
    this.#response ??= objectAt(withoutSecrets(this.#document.responseElements))
    return this.#response
  }

  /** CloudTrail leaves the parameters of some refused calls out: then the message alone names the role. */
  #addRefusal({ refusedBy, resource }: Partial<Refusal> = {}): void {
    this.refusedBy = refusedBy
    this.#refused = resource
    const isUnnamed = this.requested.roleArn === undefined && this.eventName.startsWith('AssumeRole')
    if (isUnnamed && resource !== undefined && isRoleArn(resource)) this.requested = { ...this.requested, roleArn: resource }
  }
}

/** Reads one record; undefined when it has no time or no name. Everything else may be missing. */
export const readRecord = (document: unknown): CloudTrailRecord | undefined => {
  const record = unwrapped(document)
  const at = timeOf(record.eventTime) ?? timeOf(record['@timestamp'])
  const eventName = stringAt(record.eventName)
  return at && eventName ? (new ReadRecord(record, at, eventName) as CloudTrailRecord) : undefined
}

/** A plain copy with all that the record has: one that is kept must not hold its whole document. */
export const plainRecord = (record: CloudTrailRecord): CloudTrailRecord => {
  const { touched, request, response } = record
  return given({ ...record, touched, request, response }) as CloudTrailRecord
}

/** The request with the role that the message alone names, as a query over a table gives it. */
const withRole = (request: Json, { eventName, requested: { roleArn } }: Pick<ReadRecord, 'eventName' | 'requested'>): Json =>
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

const flagAt = (value: unknown): boolean | undefined => {
  const text = typeof value === 'object' ? '' : String(value).toLowerCase()
  return text === 'true' || text === 'false' ? text === 'true' : undefined
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

const addIdentity = (draft: ReadRecord, identity: Json): void => {
  draft.accessKeyId = stringAt(identity.accessKeyId)
  draft.principalId = stringAt(identity.principalId)
  draft.principalKind = stringAt(identity.type)
  draft.sessionArn = stringAt(identity.arn)
  draft.accountId = accountOf(identity.accountId)
  draft.invokedBy = stringAt(identity.invokedBy)
  addSession(draft, identity, objectAt(identity.sessionContext))
}

const addSession = (draft: ReadRecord, identity: Json, session: Json): void => {
  const issuer = objectAt(session.sessionIssuer)
  const scope = objectAt(identity.inScopeOf)
  const named = sessionNamedBy(draft.sessionArn)
  draft.roleArn = stringAt(issuer.arn)
  draft.issuedAt = timeOf(objectAt(session.attributes).creationDate)
  draft.sessionName = named?.sessionName ?? roleSessionOf(draft.principalId)?.sessionName
  draft.roleName = named?.roleName ?? (isRoleArn(draft.roleArn) ? stringAt(issuer.userName) : undefined)
  draft.userName = stringAt(identity.userName) ?? (issuer.type === 'IAMUser' ? stringAt(issuer.userName) : undefined)
  draft.sourceIdentity = stringAt(session.sourceIdentity) ?? stringAt(identity.sourceIdentity)
  draft.delivery = deliveryOf(session.ec2RoleDelivery)
  draft.issuedTo = stringAt(scope.credentialsIssuedTo)
  draft.sourceArn = stringAt(scope.sourceArn)
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

const addDetails = (draft: ReadRecord, record: Json): void => {
  draft.issuedAccessKeyId = stringAt(objectAt(objectAt(record.responseElements).credentials).accessKeyId)
  draft.recipientAccountId = accountOf(record.recipientAccountId)
  draft.eventType = stringAt(record.eventType)
  draft.vpcEndpointId = stringAt(record.vpcEndpointId)
  draft.vpcEndpointAccountId = accountOf(record.vpcEndpointAccountId)
  draft.sharedEventId = stringAt(record.sharedEventID)
  if (draft.vpcEndpointId !== undefined) draft.requestId = stringAt(record.requestID)
  if (stringAt(objectAt(record.addendum).originalEventID) !== undefined) draft.isUpdate = true
}
