import type { Instant } from '../incident/values/instant.ts'
import type { Untrusted } from '../incident/values/untrusted.ts'
import type { Touched } from './objects/touched.ts'
import type { EventCategory, Json } from './record-parameters.ts'

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
