import { given } from '../../incident/values/given.ts'
import type { Account } from '../account/account.ts'
import { iamArn, roleArn, userArn } from '../account/arns.ts'
import type { CredentialPrincipal, IssuedCredential } from '../account/credentials.ts'
import { accountOf, principalArn, principalId, principalType } from '../account/credentials.ts'

/** An event of which CloudTrail writes a record. Parameters in the SDK's spelling; the record has its own. */
export interface TrailEvent {
  /** Such as `ec2.amazonaws.com`. */
  readonly eventSource: string
  readonly eventName: string
  readonly readOnly: boolean
  readonly sourceIp: string
  readonly userAgent: string
  /** Absent when an AWS service called on its own: then `invokedBy` names it. */
  readonly credential?: IssuedCredential
  readonly invokedBy?: string
  /** Default: AwsApiCall. A sign-in at the console is none. */
  readonly eventType?: 'AwsConsoleSignIn'
  /** The caller as CloudTrail writes it, where it has no credentials of this account: a person's assertion, another account's root. */
  readonly identity?: object
  /** Of a call that stands in two accounts' trails. */
  readonly sharedEventId?: string
  /** The resource for which a service calls: `inScopeOf.sourceArn`. */
  readonly sourceArn?: string
  /** Default: the account's. IAM's are always recorded in us-east-1. */
  readonly region?: string
  /** ms since the epoch; default: the account's time. */
  readonly at?: number
  readonly requestId?: string
  /** False for data events. Default: true. */
  readonly management?: boolean
  readonly error?: { readonly code: string; readonly message: string }
  readonly requestParameters?: object | null
  readonly responseElements?: object | null
  readonly resources?: readonly { readonly type: string; readonly name: string }[]
}

/** What is fixed when the event happens, so that the document can be made whenever somebody asks. */
export interface RecordFacts {
  readonly eventID: string
  readonly requestID: string
  readonly at: number
  readonly region: string
}

const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** How CloudTrail writes times inside requestParameters and responseElements: `Nov 25, 2026, 2:10:00 AM`. */
const longTime = (date: Date): string => LONG_TIME.format(date).replaceAll('\u202f', ' ')

/** Made once: that takes longer than a hundred times of formatting. */
const LONG_TIME = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', dateStyle: 'medium', timeStyle: 'medium' })

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)

/** What CloudTrail leaves out: secrets, and a provider's long metadata; session tokens it records as they are. */
const LEFT_OUT = new Set([
  'SecretAccessKey',
  'Password',
  'SAMLMetadataDocument',
  'SAMLAssertion',
  'WebIdentityToken',
  'AuthenticationCode1',
  'AuthenticationCode2',
])

/** A value in CloudTrail's spelling: member names begin in lower case, times in words. */
const trailSpelling = (value: unknown): unknown => {
  if (value instanceof Date) return longTime(value)
  if (Array.isArray(value)) return value.map(trailSpelling)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([name, member]) => member !== undefined && !LEFT_OUT.has(name))
  return Object.fromEntries(members.map(([name, member]) => [lowerFirst(name), trailSpelling(member)]))
}

/** Whose permissions a session has: the role's, or for a federated user those of the user behind it. */
const sessionIssuer = (account: Account, principal: CredentialPrincipal): object | undefined => {
  const accountId = account.id
  if (principal.type === 'role-session') {
    const { roleName: userName, roleId } = principal
    return { type: 'Role', principalId: roleId, arn: roleArn(account, userName), accountId, userName }
  }
  if (principal.type !== 'federated-user') return undefined
  const { userName, userId } = principal
  return { type: 'IAMUser', principalId: userId, arn: userArn(account, userName), accountId, userName }
}

const sessionContext = (account: Account, credential: IssuedCredential): object => {
  const { ec2RoleDelivery, issuedAt, principal } = credential
  return {
    ...given({ sessionIssuer: sessionIssuer(account, principal) }),
    attributes: { creationDate: seconds(issuedAt), mfaAuthenticated: 'false' },
    ...given({ ec2RoleDelivery }),
  }
}

/** Another account's principal, as far as this account's trail shows it: neither its ARN nor its key. */
const strangerIdentity = (account: Account, { principal, accountId }: IssuedCredential): object => ({
  type: 'AWSAccount',
  principalId: principalId({ ...account, id: accountId ?? account.id }, principal),
  accountId,
})

/** CloudTrail userIdentity element: who called, and under which session. */
const userIdentity = (account: Account, { identity, credential, invokedBy, sourceArn }: TrailEvent): object => {
  if (identity) return identity
  const inScopeOf = sourceArn === undefined ? undefined : { sourceArn, sourceAccount: account.id }
  if (!credential) return { type: 'AWSService', invokedBy, ...given({ inScopeOf }) }
  if (accountOf(account, credential) !== account.id) return strangerIdentity(account, credential)
  const { principal } = credential
  if (principal.type === 'web-identity') {
    const identityProvider = iamArn(account, 'oidc-provider', principal.provider)
    return {
      type: 'WebIdentityUser',
      principalId: principalId(account, principal),
      userName: principal.subject,
      identityProvider,
    }
  }
  return {
    type: principalType(principal),
    principalId: principalId(account, principal),
    arn: principalArn(account, principal),
    accountId: account.id,
    accessKeyId: credential.accessKeyId,
    ...given({
      userName: principal.type === 'user' ? principal.userName : undefined,
      sessionContext: credential.sessionToken !== undefined ? sessionContext(account, credential) : undefined,
    }),
  }
}

const hostHeader = ({ eventSource }: TrailEvent, region: string): string => {
  const name = eventSource.replace('.amazonaws.com', '')
  if (name === 'iam') return 'iam.amazonaws.com'
  return `${name === 'detective' ? 'api.detective' : name}.${region}.amazonaws.com`
}

const tlsDetails = (event: TrailEvent, region: string): object => ({
  tlsVersion: 'TLSv1.3',
  cipherSuite: 'TLS_AES_128_GCM_SHA256',
  clientProvidedHostHeader: hostHeader(event, region),
})

const resourceArns = (account: Account, { resources = [] }: TrailEvent): object => {
  const named = resources.filter(({ name }) => name.startsWith('arn:'))
  if (named.length === 0) return {}
  return { resources: named.map(({ type, name }) => ({ accountId: account.id, type, ARN: name })) }
}

/** The record of an event as CloudTrail delivers it ("CloudTrail record contents"), event version 1.09. */
export const recordDocument = (account: Account, event: TrailEvent, facts: RecordFacts): Readonly<Record<string, unknown>> => {
  const management = event.management ?? true
  return {
    eventVersion: '1.09',
    userIdentity: userIdentity(account, event),
    eventTime: seconds(facts.at),
    eventSource: event.eventSource,
    eventName: event.eventName,
    awsRegion: facts.region,
    sourceIPAddress: event.sourceIp,
    userAgent: event.userAgent,
    ...(event.error ? { errorCode: event.error.code, errorMessage: event.error.message } : {}),
    requestParameters: trailSpelling(event.requestParameters ?? null),
    responseElements: event.error ? null : trailSpelling(event.responseElements ?? null),
    requestID: facts.requestID,
    eventID: facts.eventID,
    readOnly: event.readOnly,
    ...resourceArns(account, event),
    ...given({ sharedEventID: event.sharedEventId }),
    eventType: event.eventType ?? 'AwsApiCall',
    managementEvent: management,
    recipientAccountId: account.id,
    eventCategory: management ? 'Management' : 'Data',
    ...given({ tlsDetails: event.credential ? tlsDetails(event, facts.region) : undefined }),
  }
}
