import { type Instant, parseInstant } from '../incident/instant.ts'
import { type Untrusted, untrusted, untrustedOrNone } from '../incident/untrusted.ts'

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
}

type Json = Readonly<Record<string, unknown>>

const objectAt = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const stringAt = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const DENIED = /AccessDenied|Unauthorized|Forbidden|AuthorizationError/i
const THROTTLED = /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|RateExceeded/i

/** The class of an errorCode: spellings vary by service (AccessDenied, AccessDeniedException, Client.UnauthorizedOperation …). */
export const outcomeOf = (errorCode: string | undefined): CallOutcome => {
  if (errorCode === undefined) return 'ok'
  if (DENIED.test(errorCode)) return 'denied'
  return THROTTLED.test(errorCode) ? 'throttled' : 'failed'
}

const deliveryOf = (value: unknown): { readonly delivery?: '1.0' | '2.0' } => {
  const text = String(value)
  return text === '1.0' || text === '2.0' ? { delivery: text } : {}
}

/** Reads one record; undefined when it has no time or no name. Everything else may be missing. */
export const readRecord = (document: unknown): CloudTrailRecord | undefined => {
  const record = objectAt(document)
  const at = parseInstant(record.eventTime)
  const eventName = stringAt(record.eventName)
  if (!at || !eventName) return undefined
  const errorCode = stringAt(record.errorCode)
  return {
    eventId: stringAt(record.eventID) ?? `${at} ${eventName}`,
    at,
    eventName,
    eventSource: stringAt(record.eventSource) ?? 'unknown',
    region: stringAt(record.awsRegion) ?? 'unknown',
    outcome: outcomeOf(errorCode),
    ...(errorCode ? { errorCode } : {}),
    explicitDeny: /explicit deny/i.test(stringAt(record.errorMessage) ?? ''),
    source: untrustedOrNone(record.sourceIPAddress) ?? untrusted('unknown'),
    userAgent: untrustedOrNone(record.userAgent) ?? untrusted('unknown'),
    ...identityOf(record),
    ...requestOf(record),
  }
}

const identityOf = (record: Json) => {
  const identity = objectAt(record.userIdentity)
  const session = objectAt(identity.sessionContext)
  const issuedAt = parseInstant(objectAt(session.attributes).creationDate)
  const accessKeyId = stringAt(identity.accessKeyId)
  const principalId = stringAt(identity.principalId)
  const roleArn = stringAt(objectAt(session.sessionIssuer).arn)
  const invokedBy = stringAt(identity.invokedBy)
  return {
    ...(accessKeyId ? { accessKeyId } : {}),
    ...(principalId ? { principalId } : {}),
    ...(roleArn ? { roleArn } : {}),
    ...(issuedAt ? { issuedAt } : {}),
    ...(invokedBy ? { invokedBy } : {}),
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
