import type { Instance } from '@aws-sdk/client-ec2'
import { GetInstanceProfileCommand } from '@aws-sdk/client-iam'
import { isNotFound, unreadReason } from '../../../aws/failure.ts'
import type { IssueRecord, KeyIssue, ProfileHolding } from '../../../incident/facts/issue.ts'
import type { Role } from '../../../incident/facts/subject.ts'
import { given } from '../../../incident/values/given.ts'
import { isInstanceId, isRoleName } from '../../../incident/values/identifiers.ts'
import { plus } from '../../../incident/values/instant.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import { isAuthenticated } from '../../../investigation/key-session.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import {
  EVENT_HISTORY_SECONDS,
  type Lookup,
  type LookupPage,
  lookupEverywhere,
} from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { cloudTrails, trailRegions } from '../cloudtrail-regions.ts'
import { whoTerminated } from './missing-instance.ts'
import type { LocatedInstance } from './resources.ts'

/** A key is issued once, and few other events name it. */
const FEW = { pages: 2, items: 100 }

/** Looks an attribute up in all these Regions, as far back as the event history goes. */
const lookUp = (
  regions: readonly string[],
  asked: Pick<Lookup, 'attribute' | 'value'>,
  context: Context,
): Promise<LookupPage> => {
  const window = { from: plus(context.now(), -EVENT_HISTORY_SECONDS), until: context.now() }
  return lookupEverywhere(cloudTrails(regions, context), { ...asked, ...window }, FEW)
}

/** CloudTrail's record of the call that handed a key out: of a call that succeeded, whoever made it. */
export const issueRecordOf = async (accessKeyId: string, regions: readonly string[], context: Context) => {
  const { records, incomplete } = await lookUp(regions, { attribute: 'ResourceName', value: accessKeyId }, context)
  const record = records.find(({ outcome, issuedAccessKeyId }) => outcome === 'ok' && issuedAccessKeyId === accessKeyId)
  return { record, incomplete }
}

/** Where a record stands, for a fact. */
export const placeOf = ({ eventName, at, region }: CloudTrailRecord): IssueRecord => ({ operation: eventName, at, region })

/** Whether an AWS service made the call by itself. One that it makes on somebody's behalf carries his key. */
export const isOfService = ({ accessKeyId, invokedBy, principalKind }: CloudTrailRecord): boolean =>
  accessKeyId === undefined && invokedBy !== undefined && (principalKind ?? 'AWSService') === 'AWSService'

/** Calls by which a service hands out sessions of a role to whoever shows it something other than AWS credentials for STS. */
const VENDING: Readonly<Record<string, string>> = {
  // "EKS Auth API: AssumeRoleForPodIdentity": the node's agent calls for the pod.
  AssumeRoleForPodIdentity: 'pods.eks.amazonaws.com',
  // "IAM Roles Anywhere authentication and credential issuance".
  CreateSession: 'rolesanywhere.amazonaws.com',
  // "Amazon Cognito identity pools: GetCredentialsForIdentity".
  GetCredentialsForIdentity: 'cognito-identity.amazonaws.com',
}

/** The service principal that handed a key out by a call of its own API; undefined for a call of STS, and for S3's CreateSession. */
export const vendingService = ({ eventName, eventSource }: CloudTrailRecord): string | undefined => {
  const service = Object.hasOwn(VENDING, eventName) ? VENDING[eventName] : undefined
  const isItsOwn = service === 'pods.eks.amazonaws.com' ? eventSource === 'eks-auth.amazonaws.com' : eventSource === service
  return isItsOwn ? service : undefined
}

/** The instance to which EC2 issued a key, by the record of the issue. EC2 names the session after the instance. */
export const instanceOfIssue = (record: CloudTrailRecord): string | undefined => {
  const { roleSessionName = '' } = record.requested
  return isOfService(record) && record.invokedBy === 'ec2.amazonaws.com' && isInstanceId(roleSessionName)
    ? roleSessionName
    : undefined
}

/** What was found of a key: the record of its issue, and its own calls, the newest first. */
export interface KeyRecords {
  readonly record: CloudTrailRecord | undefined
  readonly calls: readonly CloudTrailRecord[]
  readonly regions: readonly string[]
  readonly incomplete: readonly string[]
}

/** The records of a key: of its issue, and of its newest calls in each Region. */
export const keyRecords = async (accessKeyId: string, region: string, context: Context): Promise<KeyRecords> => {
  const regions = trailRegions(region, context)
  const { record, incomplete } = await issueRecordOf(accessKeyId, regions, context)
  const used = await lookUp(regions, { attribute: 'AccessKeyId', value: accessKeyId }, context)
  const calls = used.records.filter(isAuthenticated)
  return { record, calls, regions, incomplete: [...new Set([...incomplete, ...used.incomplete])] }
}

type IssuedBy = Pick<KeyIssue, 'to' | 'knownBy' | 'record' | 'instanceId' | 'resource'>

/** Who a key was issued to, by the strongest evidence: the record of the issue, then what AWS writes into the records of its calls. */
export const issuedTo = ({ record, calls }: Pick<KeyRecords, 'record' | 'calls'>): IssuedBy =>
  record ? { ...byRecord(record), knownBy: 'issue record', record: placeOf(record) } : byCalls(calls)

const byRecord = (record: CloudTrailRecord): Pick<IssuedBy, 'to' | 'instanceId'> => {
  const instanceId = instanceOfIssue(record)
  if (instanceId !== undefined) return { to: 'ec2-instance', instanceId }
  if (record.eventName === 'AssumeRoleWithWebIdentity') return { to: 'web-identity' }
  if (record.eventName === 'AssumeRoleWithSAML') return { to: 'saml' }
  if (vendingService(record) !== undefined) return { to: 'service' }
  return { to: isOfService(record) ? 'service' : 'principal' }
}

/**
 * `inScopeOf.credentialsIssuedTo` names the resource; `ec2RoleDelivery` stands only in calls with credentials that the metadata service
 * delivered, whose sessions EC2 names after the instance ("CloudTrail userIdentity element"). The caller chooses neither.
 */
const byCalls = (calls: readonly CloudTrailRecord[]): IssuedBy => {
  const resource = calls.find((call) => call.issuedTo !== undefined)?.issuedTo
  const inScope = resource?.match(/:instance\/([^/]+)$/)?.[1]
  const delivered = calls.find(({ delivery, sessionName }) => delivery !== undefined && isInstanceId(sessionName ?? ''))
  const instanceId = inScope !== undefined && isInstanceId(inScope) ? inScope : resource ? undefined : delivered?.sessionName
  if (instanceId !== undefined) return { to: 'ec2-instance', knownBy: 'own calls', instanceId }
  if (resource !== undefined) return { to: 'service', knownBy: 'own calls', resource: untrusted(resource) }
  return { to: 'unknown', knownBy: 'nothing' }
}

/** Whether the instance holds the role now, by the instance profile that EC2 shows on it. */
export const profileHolding = async (
  { instance, region, missing }: LocatedInstance,
  role: Pick<Role, 'id'>,
  context: Context,
): Promise<ProfileHolding> => {
  if (!instance) return { holds: 'unknown', why: missing }
  if (isEnded(instance))
    return { holds: 'no role: terminated', by: await whoTerminated(instance.InstanceId ?? '', region, context) }
  const profile = profileNameOf(instance)
  if (profile === undefined) return { holds: 'no role' }
  try {
    const answer = await context.aws(region).iam.send(new GetInstanceProfileCommand({ InstanceProfileName: profile }))
    const [held] = answer.InstanceProfile?.Roles ?? []
    if (!held) return { holds: 'no role', profile }
    if (held.RoleId === role.id) return { holds: 'the role' }
    return {
      holds: 'another role',
      profile,
      roleName: isRoleName(held.RoleName ?? '') ? (held.RoleName ?? '') : 'of another name',
    }
  } catch (error) {
    if (isNotFound(error)) return { holds: 'no role', profile }
    const why = unreadReason(error)
    if (why === undefined) throw error
    return { holds: 'unknown', why: `iam:GetInstanceProfile ${why}` }
  }
}

const isEnded = ({ State }: Instance): boolean => State?.Name === 'terminated' || State?.Name === 'shutting-down'

const profileNameOf = ({ IamInstanceProfile }: Instance): string | undefined => {
  const name = IamInstanceProfile?.Arn?.split('/').at(-1)
  return name !== undefined && isRoleName(name) ? name : undefined
}

/** What an earlier run knew of the issue, where this one cannot see it: records leave the event history, and reads are refused. */
export const knownIssue = (before: KeyIssue | undefined, now: KeyIssue): KeyIssue =>
  before === undefined || now.knownBy === 'issue record' || before.knownBy === 'nothing'
    ? now
    : {
        ...now,
        ...given({ record: before.record, instanceId: before.instanceId, resource: before.resource }),
        to: before.to,
        knownBy: before.knownBy,
        sources: before.sources,
        ...given({ sourcesEnd: before.sourcesEnd }),
      }
