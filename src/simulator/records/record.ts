import { SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { globalRegions } from '../../incident/values/partition.ts'
import type { Account } from '../account/account.ts'
import { roleArn } from '../account/arns.ts'
import type { IssuedCredential } from '../account/credentials.ts'
import { accountOf, findingUserName, principalArn, principalId } from '../account/credentials.ts'
import { timeIn } from '../agenda.ts'
import type { Call, ServiceError } from '../call.ts'
import type { Written } from '../service.ts'
import { recordDocument, type TrailEvent } from './record-document.ts'
import type { TrailRecord } from './trail.ts'

/** A random identifier in the form of a UUID, from the account's own randomness. */
export const uuidFrom = (random: () => number): string => {
  const word = (): string =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0')
  const hex = word() + word() + word() + word()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** LookupEvents' Username: of a role's session its own name; another account's principals have none here. */
const usernameOf = (account: Account, credential: IssuedCredential | undefined): string | undefined => {
  if (!credential || accountOf(account, credential) !== account.id) return undefined
  const { principal } = credential
  return principal.type === 'role-session' ? principal.sessionName : findingUserName(principal).replace(/^Root$/, 'root')
}

/** LookupEvents' AccessKeyId: none for whoever came with a token, or from another account. */
const accessKeyOf = (account: Account, credential: IssuedCredential | undefined): string | undefined =>
  !credential || credential.accessKeyId === '' || accountOf(account, credential) !== account.id
    ? undefined
    : credential.accessKeyId

const GLOBAL: ReadonlySet<string> = new Set(['iam.amazonaws.com', 'organizations.amazonaws.com'])

const recordedIn = (account: Account, { eventSource, region }: TrailEvent): string =>
  GLOBAL.has(eventSource) ? (globalRegions(account.region)[0] ?? account.region) : (region ?? account.region)

/** Records an event in the account's trail. LookupEvents shows it after 80 to 120 % of `behaviour.trailDelivery`. */
export const recordEvent = (account: Account, event: TrailEvent): TrailRecord => {
  const at = event.at ?? timeIn(account)
  const region = recordedIn(account, event)
  const facts = { eventID: uuidFrom(account.random), requestID: event.requestId ?? uuidFrom(account.random), at, region }
  const username = usernameOf(account, event.credential)
  const accessKeyId = accessKeyOf(account, event.credential)
  const record: TrailRecord = {
    eventID: facts.eventID,
    at,
    deliveredAt: at + account.behaviour.trailDelivery * SECOND_MS * (0.8 + 0.4 * account.random()),
    ...given({ accessKeyId, username }),
    eventName: event.eventName,
    eventSource: event.eventSource,
    readOnly: event.readOnly,
    management: event.management ?? true,
    region,
    resources: event.resources ?? [],
    document: () => recordDocument(account, event, facts),
  }
  account.trail.add(record)
  return record
}

/** A call that reached the account's services, and how it ended. */
export interface TrailCall {
  readonly call: Call
  readonly credential: IssuedCredential
  /** Whether the operation changes anything: readOnly is the opposite. */
  readonly writes: boolean
  readonly isDataEvent?: boolean
  readonly error?: ServiceError
  readonly output?: object
  readonly resources?: TrailEvent['resources']
  /** In CloudTrail's own shape, where it is another one than the API's. */
  readonly written?: Written
}

/** CloudTrail names Lambda's calls after the version of their API ("Logging AWS Lambda API calls using AWS CloudTrail"). */
const LAMBDA_SUFFIXES: Readonly<Record<string, string>> = {
  GetFunction: '20150331v2',
  GetFunctionConfiguration: '20150331v2',
  GetPolicy: '20150331v2',
  AddPermission: '20150331v2',
  RemovePermission: '20150331v2',
  UpdateFunctionConfiguration: '20150331v2',
  PutFunctionConcurrency: '20171031',
  DeleteFunctionConcurrency: '20171031',
  GetFunctionConcurrency: '20190930',
  ListProvisionedConcurrencyConfigs: '20190930',
  PutProvisionedConcurrencyConfig: '20190930',
  GetFunctionUrlConfig: '',
  ListFunctionUrlConfigs: '',
  DeleteFunctionUrlConfig: '',
  UpdateFunctionUrlConfig: '',
}

/** What CloudTrail calls S3's operations where it has another name ("Amazon S3 CloudTrail events"). */
const S3_EVENTS: Readonly<Record<string, string | undefined>> = {
  ListObjectsV2: 'ListObjects',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
}

const eventNameOf = ({ service, operation }: Call): string => {
  if (service === 'lambda') return `${operation}${LAMBDA_SUFFIXES[operation] ?? '20150331'}`
  return (service === 's3' ? S3_EVENTS[operation] : undefined) ?? operation
}

const eventTitle = (call: Call): Pick<TrailEvent, 'eventSource' | 'eventName'> => ({
  eventSource: `${call.service}.amazonaws.com`,
  eventName: eventNameOf(call),
})

/** CloudTrail's spelling of an error: EC2's are its client's, refusals of the JSON 1.1 services lose their suffix. */
const errorSpelling = ({ service }: Call, { code, message }: ServiceError): { code: string; message: string } => {
  if (service === 'ec2') return { code: `Client.${code}`, message }
  if (service === 'ssm' || service === 'cloudtrail' || service === 'organizations' || service === 'ecs')
    return { code: code.replace(/^AccessDeniedException$/, 'AccessDenied'), message }
  return { code, message }
}

/** EC2 writes a list of ids as a set of items. */
const requestOf = ({ service, input }: Call): object | null => {
  const { InstanceIds, ...rest } = input
  if (service === 'ec2' && Array.isArray(InstanceIds)) {
    return { ...rest, instancesSet: { items: InstanceIds.map((instanceId) => ({ instanceId })) } }
  }
  return Object.keys(input).length === 0 ? null : input
}

/** Reads have no response in the record, and neither has an empty answer; credentials that STS issued are always in it. */
const responseOf = ({ call, writes, output }: TrailCall): object | null => {
  const issues = call.service === 'sts' && /^(Assume|GetSessionToken|GetFederationToken)/.test(call.operation)
  return output && (writes || issues) && Object.keys(output).length > 0 ? output : null
}

/** Records a call made over the wire: its credentials, its outcome, and for a write what it answered. */
export const recordCall = (account: Account, recorded: TrailCall): TrailRecord => {
  const { call, credential, writes, isDataEvent = false, error, resources, written } = recorded
  return recordEvent(account, {
    ...eventTitle(call),
    credential,
    readOnly: !writes,
    management: !isDataEvent,
    region: call.region,
    sourceIp: call.sourceIp,
    userAgent: call.userAgent,
    requestId: call.requestId,
    ...given({ sharedEventId: accountOf(account, credential) === account.id ? undefined : uuidFrom(account.random) }),
    requestParameters: written?.request ?? requestOf(call),
    responseElements: written?.response ?? responseOf(recorded),
    ...given({ error: error ? errorSpelling(call, error) : undefined, resources }),
  })
}

/** The names by which LookupEvents finds the issue of a session: the new key, the session in its three forms, the role. */
const namesOfIssue = (
  account: Account,
  credential: IssuedCredential,
  issuerArn: string,
): NonNullable<TrailEvent['resources']> => {
  const { principal } = credential
  return [
    { type: 'AWS::IAM::AccessKey', name: credential.accessKeyId },
    ...(principal.type === 'role-session' ? [{ type: 'AWS::STS::AssumedRole', name: principal.sessionName }] : []),
    { type: 'AWS::STS::AssumedRole', name: principalId(account, principal) },
    { type: 'AWS::STS::AssumedRole', name: principalArn(account, principal) },
    { type: 'AWS::IAM::Role', name: issuerArn },
  ]
}

/**
 * Records that an AWS service (EC2 for an instance, Lambda for a function, CodeBuild for a build) took credentials of a role, for a
 * resource where the service says so. The caller is the service: neither AccessKeyId nor Username finds this record, only ResourceName does.
 */
export const recordIssue = (
  account: Account,
  credential: IssuedCredential,
  service = 'ec2.amazonaws.com',
  sourceArn?: string,
  tags?: readonly { readonly key: string; readonly value: string }[],
): TrailRecord => {
  const { principal } = credential
  const [roleName, session] = principal.type === 'role-session' ? [principal.roleName, principal.sessionName] : ['', '']
  const issuerArn = roleArn(account, roleName)
  return recordEvent(account, {
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    readOnly: true,
    sourceIp: service,
    userAgent: service,
    invokedBy: service,
    ...given({ sourceArn }),
    at: credential.issuedAt,
    requestParameters: { RoleArn: issuerArn, RoleSessionName: session, ...given({ Tags: tags }) },
    responseElements: {
      Credentials: {
        AccessKeyId: credential.accessKeyId,
        SessionToken: credential.sessionToken,
        ...given({ Expiration: credential.expiresAt !== undefined ? new Date(credential.expiresAt) : undefined }),
      },
      AssumedRoleUser: { AssumedRoleId: principalId(account, principal), Arn: principalArn(account, principal) },
    },
    resources: namesOfIssue(account, credential, issuerArn),
  })
}
