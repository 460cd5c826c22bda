import type { LookupAttributeKey } from '@aws-sdk/client-cloudtrail'
import { GetRoleCommand, GetUserCommand, ListAccessKeysCommand } from '@aws-sdk/client-iam'
import { inEveryRegion, notReadSentences, type UnreadRegion } from '../../../aws/every-region.ts'
import { isNotFound, unreadReason } from '../../../aws/failure.ts'
import type { ReportedRequest } from '../../../incident/entry.ts'
import { delimited } from '../../../incident/values/delimited.ts'
import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import { arnOf, instanceNamedBy, isAccountId, isTemporaryKeyId } from '../../../incident/values/identifiers.ts'
import { type Instant, isBefore, plus } from '../../../incident/values/instant.ts'
import type { ReadFinding } from '../../../investigation/enrichment/guardduty/findings-query.ts'
import { newestEvents, newestPage, type RecordWithText } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { instanceOfIssue } from '../identify-subject/issue.ts'
import { ageOf, byKey, evidenceIn, inPlaceOfFinding, type KeyEvidence } from './credential-evidence.ts'
import { userKeyFinding } from './reported-key.ts'

/** A report that is looked up by what was issued and called, and not by a key. */
export type PrincipalReport = Exclude<ReportedRequest, { readonly by: 'access-key-id' }>

/** What CloudTrail and IAM show of what was reported. */
export interface ReportAnswer {
  /** In the place of a finding: one for each key, the newest first. */
  readonly found: readonly ReadFinding[]
  /** The Regions in which CloudTrail could not be read. */
  readonly notRead: readonly UnreadRegion[]
  /** Why nothing was found, as a clause. */
  readonly missing: string
  /** Why there may be more than was found, in sentences without a full stop. */
  readonly partial?: readonly string[]
}

type Looking = Pick<Context, 'aws' | 'regions' | 'setting' | 'now'>

/** No session of a role lasts longer ("IAM roles: MaxSessionDuration"), and none of a user ("GetSessionToken", "GetFederationToken"). */
const LONGEST_SESSION = { role: 12 * HOUR_SECONDS, user: 36 * HOUR_SECONDS } as const

/**
 * The keys of what was reported, from CloudTrail and IAM alone: an instance by what EC2 issued to it, a session by its calls and its
 * issue, a role by what was issued of it, a user by its keys and calls. A name that whoever assumes a role can choose is no evidence.
 */
export const lookUpReport = (report: PrincipalReport, looking: Looking): Promise<ReportAnswer> => {
  switch (report.by) {
    case 'instance-id':
      return ofInstance(report.instanceId, looking)
    case 'session':
      return ofSession(report, looking)
    case 'role':
      return ofRole(report.roleName, looking)
    case 'user':
      return ofUser(report.userName, looking)
  }
}

/** The newest events with an attribute, in every Region. */
const eventsWith = async ({ aws, regions, now }: Looking, attribute: LookupAttributeKey, value: string): Promise<FoundEvents> => {
  const look = (region: string) => newestPage(aws(region).cloudtrail, attribute, value)
  const { answers, notRead } = await inEveryRegion(regions, 'look up in CloudTrail what was reported', look)
  const cut = answers.filter(({ answer: { events, hasOlder } }) => hasOlder && !reachesBack(events, now()))
  return {
    events: answers.flatMap(({ answer }) => answer.events),
    notRead,
    partial: [
      ...notReadSentences('CloudTrail', notRead),
      ...cut.map(
        ({ region, answer }) =>
          `only the newest ${answer.events.length} events of CloudTrail in ${region} were read, which do not go back ${HOURS} hours`,
      ),
    ],
  }
}

interface FoundEvents extends Pick<ReportAnswer, 'notRead'> {
  readonly events: readonly RecordWithText[]
  readonly partial: readonly string[]
}

const HOURS = LONGEST_SESSION.role / HOUR_SECONDS

/** Whether everything was read that can be about a session that is still good. */
const reachesBack = (events: readonly RecordWithText[], now: Instant): boolean =>
  events.some(({ record }) => isBefore(record.at, plus(now, -LONGEST_SESSION.role)))

/** The keys of the first of these attributes that shows any: each look takes a request of the few that CloudTrail allows a second. */
const keysBy = async (
  attributes: readonly (readonly [LookupAttributeKey, string])[],
  belongs: (evidence: KeyEvidence) => boolean,
  looking: Looking,
): Promise<Pick<ReportAnswer, 'found' | 'notRead' | 'partial'>> => {
  let last: readonly UnreadRegion[] = []
  for (const [attribute, value] of attributes) {
    const { events, notRead } = await eventsWith(looking, attribute, value)
    const found = foundIn(events, belongs, looking)
    // Older records are of older keys of the same instance or session.
    if (found.length > 0) return { found, notRead, partial: notReadSentences('CloudTrail', notRead) }
    last = notRead
  }
  return { found: [], notRead: last }
}

/** The keys in these events that belong to it, those that may still be good; where none is, the newest. */
const foundIn = (
  events: readonly RecordWithText[],
  belongs: (evidence: KeyEvidence) => boolean,
  { now, regions, setting }: Looking,
): readonly ReadFinding[] => {
  const own = events.flatMap(evidenceIn).filter((one) => one.owner.accountId === setting.accountId && belongs(one))
  const keys = byKey(own)
  const live = keys.filter((evidence) => mayBeGood(evidence, now()))
  return (live.length > 0 ? live : keys.slice(0, 1)).map((evidence) => inPlaceOfFinding(evidence, regions[0] ?? setting.region))
}

/** A long-term key is good until somebody deactivates it; a session for as long as it may last after its issue, or its newest call. */
const mayBeGood = (evidence: readonly [KeyEvidence, ...KeyEvidence[]], now: Instant): boolean => {
  const [{ accessKeyId, owner }] = evidence
  if (!isTemporaryKeyId(accessKeyId)) return true
  const longest = owner.userType === 'AssumedRole' ? LONGEST_SESSION.role : LONGEST_SESSION.user
  return !isBefore(ageOf(evidence), plus(now, -longest))
}

/** By the records of the issue first: there is one for each key, and CloudTrail shows it although the key never called. */
const ofInstance = async (instanceId: string, looking: Looking): Promise<ReportAnswer> => {
  const attributes = [['ResourceName', instanceId] as const, ['Username', instanceId] as const]
  const { found, ...read } = await keysBy(attributes, (evidence) => isOfInstance(evidence, instanceId), looking)
  return {
    ...{ found: found.map((one) => ({ ...one, finding: { ...one.finding, instanceId } })), ...read },
    missing: `CloudTrail shows no credentials that EC2 issued to ${instanceId}`,
  }
}

/** The names of the roles whose credentials EC2 issued to an instance, by the newest records in one Region, the newest first. */
export const rolesIssuedTo = async (
  instanceId: string,
  client: Parameters<typeof newestEvents>[0],
): Promise<readonly string[]> => {
  const events = await newestEvents(client, 'ResourceName', instanceId)
  const own = events.flatMap(evidenceIn).filter((evidence) => isOfInstance(evidence, instanceId))
  return [...new Set(byKey(own).flatMap(([{ owner }]) => owner.userName ?? []))]
}

/** EC2's own record of the issue; or what AWS writes into calls with credentials of the metadata service. */
const isOfInstance = ({ record, isIssue, owner }: KeyEvidence, instanceId: string): boolean => {
  if (isIssue) return instanceOfIssue(record) === instanceId
  const isDelivered = record.delivery !== undefined && instanceNamedBy(owner.principalId) === instanceId
  return isDelivered || record.issuedTo?.endsWith(`:instance/${instanceId}`) === true
}

const ofSession = async (
  { arn, sessionName }: PrincipalReport & { readonly by: 'session' },
  looking: Looking,
): Promise<ReportAnswer> => {
  const attributes = [['Username', sessionName] as const, ['ResourceName', arn] as const]
  const read = await keysBy(attributes, (evidence) => sessionArnOf(evidence) === arn, looking)
  return { ...read, missing: `CloudTrail shows neither a call nor the issue of session ${delimited(sessionName)}` }
}

const sessionArnOf = ({ owner: { partition, accountId, userName, principalId } }: KeyEvidence): string =>
  `arn:${partition}:sts::${accountId}:assumed-role/${userName}/${principalId.slice(principalId.indexOf(':') + 1)}`

const ofRole = async (roleName: string, looking: Looking): Promise<ReportAnswer> => {
  const role = await orWhy('iam:GetRole', async () => {
    const { iam } = looking.aws(looking.regions[0] ?? '')
    return (await iam.send(new GetRoleCommand({ RoleName: roleName }))).Role
  })
  if (role.why !== undefined) return { found: [], notRead: [], missing: `role ${roleName} ${role.why}` }
  const { Arn: arn = '', RoleId: id = '' } = role.answer ?? {}
  const { events, ...read } = await eventsWith(looking, 'ResourceName', arn)
  const found = foundIn(events, ({ isIssue, owner }) => isIssue && owner.principalId.startsWith(`${id}:`), looking)
  return { found, ...read, missing: `CloudTrail shows no session that was issued of role ${roleName}` }
}

const ofUser = async (userName: string, looking: Looking): Promise<ReportAnswer> => {
  const region = looking.regions[0] ?? ''
  const { iam } = looking.aws(region)
  const [user, listed, { events, ...read }] = await Promise.all([
    orWhy('iam:GetUser', async () => (await iam.send(new GetUserCommand({ UserName: userName }))).User),
    orWhy('iam:ListAccessKeys', () => iam.send(new ListAccessKeysCommand({ UserName: userName }))),
    eventsWith(looking, 'Username', userName),
  ])
  const isUsers = ({ owner, isIssue }: KeyEvidence): boolean =>
    !isIssue &&
    owner.userType === 'IAMUser' &&
    (user.answer ? owner.principalId === user.answer.UserId : owner.userName === userName)
  const used = foundIn(events, isUsers, looking)
  const { UserId: userId, Arn: arn } = user.answer ?? {}
  const place = arnOf(arn ?? '')
  if (!place || !isAccountId(place.accountId) || userId === undefined)
    return { found: used, ...read, missing: `user ${userName} ${user.why ?? 'has no ARN'}` }
  const known = { ...place, userName, userId }
  const active = (listed.answer?.AccessKeyMetadata ?? []).flatMap(({ AccessKeyId, Status }) =>
    AccessKeyId === undefined || Status !== 'Active' ? [] : [AccessKeyId],
  )
  const unused = active.filter((key) => !used.some(({ finding }) => finding.accessKeyId === key))
  const keys = [
    ...used,
    ...unused.map((key) => ({ finding: userKeyFinding(key, known, region, looking.now()), raw: user.answer })),
  ]
  const without = { finding: userKeyFinding(undefined, known, region, looking.now()), raw: user.answer }
  const unlisted = listed.why === undefined ? [] : [`the list of the user’s keys ${listed.why}`]
  return { found: keys.length > 0 ? keys : [without], ...read, partial: [...unlisted, ...read.partial], missing: '' }
}

/** What a read answers, or why it gives none, as the rest of a sentence. Throws what concerns the whole run. */
const orWhy = async <T>(operation: string, read: () => Promise<T>): Promise<{ readonly answer?: T; readonly why?: string }> => {
  try {
    return { answer: await read() }
  } catch (error) {
    if (isNotFound(error)) return { why: 'does not exist in this account' }
    const why = unreadReason(error)
    if (why === undefined) throw error
    return { why: `could not be read: ${operation} ${why}` }
  }
}
