import { isIP } from 'node:net'
import type { Finding } from '../../../incident/finding/finding.ts'
import { given } from '../../../incident/values/given.ts'
import { accountNamedBy, arnOf, isAccountId, isRoleName, roleOfArn } from '../../../incident/values/identifiers.ts'
import { type Instant, isBefore } from '../../../incident/values/instant.ts'
import { rawText, untrusted } from '../../../incident/values/untrusted.ts'
import type { ReadFinding } from '../../../investigation/enrichment/guardduty/findings-query.ts'
import { isAuthenticated, sessionOfCall } from '../../../investigation/key-session.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import type { RecordWithText } from '../../../investigation/sources/lookup-events.ts'

/** Whose a key is, as AWS writes it into records. Whoever calls does not choose it. */
export interface KeyOwner extends Pick<Finding, 'accountId' | 'partition' | 'userType'> {
  readonly principalId: string
  /** The name of the role or user. */
  readonly userName?: string
}

/** What one record shows of a key: that it was issued, or that it called. */
export interface KeyEvidence extends RecordWithText {
  readonly accessKeyId: string
  readonly owner: KeyOwner
  readonly isIssue: boolean
}

/** What a record shows of keys: of the one that it hands out, and of the one that made the call. */
export const evidenceIn = (read: RecordWithText): readonly KeyEvidence[] => {
  const { record } = read
  const issued = issuedIn(record)
  const owner = ownerOfCall(record)
  return [
    ...(issued && record.issuedAccessKeyId
      ? [{ ...read, accessKeyId: record.issuedAccessKeyId, owner: issued, isIssue: true }]
      : []),
    ...(owner && record.accessKeyId ? [{ ...read, accessKeyId: record.accessKeyId, owner, isIssue: false }] : []),
  ]
}

/** The role session to which a record shows that STS issued a key ("Logging IAM and AWS STS API calls with AWS CloudTrail"). */
const issuedIn = (record: CloudTrailRecord): KeyOwner | undefined => {
  if (record.outcome !== 'ok' || record.eventSource !== 'sts.amazonaws.com') return undefined
  const { assumedRoleUser } = record.response ?? {}
  const { assumedRoleId, arn } = (assumedRoleUser ?? {}) as { readonly assumedRoleId?: unknown; readonly arn?: unknown }
  const role = typeof arn === 'string' ? roleOfArn(arn) : undefined
  if (!role || typeof assumedRoleId !== 'string' || !/^AROA\w+:[\w+=,.@-]{2,64}$/.test(assumedRoleId)) return undefined
  const { accountId, partition, roleName } = role
  return { accountId, partition, userType: 'AssumedRole', userName: roleName, principalId: assumedRoleId }
}

const OTHER_KINDS: Readonly<Record<string, Finding['userType']>> = {
  IAMUser: 'IAMUser',
  FederatedUser: 'FederatedUser',
  Root: 'Root',
}

/** Who made a call with credentials that AWS accepted: a role session, a user, a federated user, root. */
const ownerOfCall = (record: CloudTrailRecord): KeyOwner | undefined => {
  const session = sessionOfCall(record)
  if (session) {
    const { roleName, ...of } = session
    return { ...of, userType: 'AssumedRole', userName: roleName }
  }
  const { principalKind = '', principalId, accountId = accountNamedBy(record.sessionArn ?? ''), sessionArn = '' } = record
  const userType = Object.hasOwn(OTHER_KINDS, principalKind) ? OTHER_KINDS[principalKind] : undefined
  const isNamed = principalId !== undefined && /^[\w+=,.@:/-]{1,256}$/.test(principalId)
  if (!userType || !isNamed || accountId === undefined || !isAccountId(accountId) || !isAuthenticated(record)) return undefined
  const userName = userType === 'Root' ? 'Root' : record.userName
  const partition = arnOf(sessionArn)?.partition ?? 'aws'
  return { accountId, partition, userType, principalId, ...given({ userName: isName(userName) ? userName : undefined }) }
}

const isName = (name: string | undefined): name is string => name !== undefined && isRoleName(name)

/** The keys of these records, each with its records, the newest key first: by its issue where that is among them, by its newest call otherwise. */
export const byKey = (evidence: readonly KeyEvidence[]): readonly (readonly [KeyEvidence, ...KeyEvidence[]])[] => {
  const keys = new Map<string, [KeyEvidence, ...KeyEvidence[]]>()
  for (const one of evidence) {
    const known = keys.get(one.accessKeyId)
    if (known) known.push(one)
    else keys.set(one.accessKeyId, [one])
  }
  return [...keys.values()].sort((a, b) => (isBefore(ageOf(a), ageOf(b)) ? 1 : -1))
}

/** When a key was issued, or where no record of that was read, last seen: the records of several Regions come in no order. */
export const ageOf = (evidence: readonly [KeyEvidence, ...KeyEvidence[]]): Instant => {
  const issue = evidence.find(({ isIssue }) => isIssue)
  return issue?.record.at ?? lastSeen(evidence)
}

/** The newest record of a key. */
const lastSeen = (evidence: readonly [KeyEvidence, ...KeyEvidence[]]): Instant =>
  evidence.reduce((newest, { record }) => (isBefore(newest, record.at) ? record.at : newest), evidence[0].record.at)

/** In the place of a finding: what the records of one key say of it, in `region`, where the response begins. */
export const inPlaceOfFinding = (evidence: readonly [KeyEvidence, ...KeyEvidence[]], region: string): ReadFinding => {
  const [{ accessKeyId, owner, raw }] = evidence
  const calls = evidence
    .filter(({ isIssue }) => !isIssue)
    .map(({ record }) => record)
    .sort((a, b) => (isBefore(a.at, b.at) ? 1 : -1))
  const [first, last] = [calls.at(-1)?.at, calls.at(0)?.at]
  const issued = ageOf(evidence)
  const finding: Finding = {
    ...{ id: accessKeyId, type: 'reported', ...owner, region, accessKeyId },
    ...{ createdAt: first ?? issued, updatedAt: last ?? issued, count: calls.length },
    ...given({ firstSeen: first, lastSeen: last, action: calls[0] && actionOf(calls[0]) }),
    ...{ archived: false, sampleMarks: [], instancePublicIps: [], threatLists: [], remarks: [] },
  }
  return { finding, raw: JSON.parse(raw) }
}

const actionOf = ({ eventName, eventSource, source, userAgent, errorCode }: CloudTrailRecord): Finding['action'] => {
  const ip = rawText(source)
  return {
    type: 'AWS_API_CALL',
    ...{ api: untrusted(eventName), service: untrusted(eventSource), userAgent },
    ...(errorCode === undefined ? {} : { errorCode: untrusted(errorCode) }),
    ...(isIP(ip) > 0 ? { remote: { ip } } : {}),
  }
}
