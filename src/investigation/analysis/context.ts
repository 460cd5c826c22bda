import { isIP } from 'node:net'
import { DAY_SECONDS } from '../../incident/values/duration.ts'
import { isInstanceId, isManagedNodeId, isTemporaryKeyId, lastPart } from '../../incident/values/identifiers.ts'
import { type Instant, plus } from '../../incident/values/instant.ts'
import { rawText } from '../../incident/values/untrusted.ts'
import type { PrincipalRef } from '../question.ts'
import type { CloudTrailRecord } from '../record.ts'
import { isTokenIssue } from '../record-parameters.ts'
import { causeOf } from './cause-events.ts'
import { isTrailChange } from './logging-gaps.ts'
import { keyIssuedBy } from './obtained-credentials.ts'

/** More addresses of one principal are not looked up: it is a workload in many places, and the search would read everything. */
export const MOST_ADDRESSES = 20

/** Who obtained the credentials is followed for so many steps upwards. */
export const MOST_STEPS_UPWARDS = 10

/** An instance and addresses are looked for in so many days before the issue of a temporary key, and since. */
const CONTEXT_DAYS = 7

/** Kinds of principals whose use of credentials has a cause to look for: only one set of credentials has one, and not all calls of a role. */
const HAS_CAUSE: ReadonlySet<PrincipalRef['kind']> = new Set(['access-key-id', 'session', 'instance-id', 'user'])

/** Whether the records of others are looked through for a principal of this kind. */
export const hasCause = ({ kind }: PrincipalRef): boolean => HAS_CAUSE.has(kind)

/** What of a call tells what to look for. */
type ContextCall = Pick<CloudTrailRecord, 'accessKeyId' | 'roleName' | 'userName' | 'sessionName' | 'principalKind'> &
  Pick<CloudTrailRecord, 'source' | 'invokedBy'>

/**
 * What to look for in the records of others, by a call of the principal: its key, its role or user, its instance, and the
 * address that it was made from.
 */
export const contextOf = (principal: PrincipalRef, call: ContextCall): readonly PrincipalRef[] => {
  if (!hasCause(principal)) return []
  const { kind } = principal
  const { accessKeyId, roleName, userName, sessionName, source, invokedBy, principalKind } = call
  const address = rawText(source)
  return [
    ...(accessKeyId && kind !== 'user' ? [{ kind: 'access-key-id', value: accessKeyId } as const] : []),
    ...(roleName ? [{ kind: 'role', value: roleName } as const] : []),
    ...(userName && principalKind === 'IAMUser' ? [{ kind: 'user', value: userName } as const] : []),
    ...(roleName && sessionName && isMachine(sessionName) ? [{ kind: 'instance-id', value: sessionName } as const] : []),
    ...(invokedBy === undefined && isIP(address) !== 0 ? [{ kind: 'ip', value: address } as const] : []),
  ]
}

/**
 * Names that nothing else finds are looked for in the days before the issue of a temporary key only: that they are looked for takes a
 * search through all records.
 */
export const contextSince = (
  { kind }: PrincipalRef,
  asked: PrincipalRef,
  { issuedAt, accessKeyId = '' }: Pick<CloudTrailRecord, 'issuedAt' | 'accessKeyId'>,
): Instant | undefined =>
  (kind === 'ip' || kind === 'instance-id') && asked.kind === 'access-key-id' && isTemporaryKeyId(accessKeyId) && issuedAt
    ? plus(issuedAt, -CONTEXT_DAYS * DAY_SECONDS)
    : undefined

const isMachine = (name: string): boolean => isInstanceId(name) || isManagedNodeId(name)

/** Whether a record is about somebody or something, or came from an address. */
export const isAbout = ({ kind, value }: PrincipalRef, record: CloudTrailRecord): boolean => {
  if (kind === 'ip') return rawText(record.source) === value
  if (kind === 'trail-changes') return isTrailChange(record)
  if (kind === 'access-key-id' && keyIssuedBy(record) === value) return true
  if (kind === 'instance-id' && isTokenIssue(record.eventName) && record.requested.roleSessionName === value) return true
  return causeOf(record) !== undefined && namesOf(record).some((name) => name === value || lastPart(name) === value)
}

/**
 * Whether a record can be about somebody by what it does: a possible cause, an issue of credentials, or a change of a trail. All other
 * records concern an address that they came from, or nobody.
 */
export const mayBeAbout = (record: CloudTrailRecord): boolean =>
  causeOf(record) !== undefined || isTokenIssue(record.eventName) || keyIssuedBy(record) !== undefined || isTrailChange(record)

/** What a call was about: the texts of its request; of a launch, the instances in its answer. */
const namesOf = ({ eventName, request, response, resources }: CloudTrailRecord): readonly string[] => [
  ...textsIn(request),
  ...(eventName === 'RunInstances' ? textsIn(response) : []),
  ...resources,
]

/** The instances and managed nodes that a call was about. */
export const machinesIn = (record: CloudTrailRecord): readonly string[] => [
  ...new Set(namesOf(record).map(lastPart).filter(isMachine)),
]

const DEPTH = 8

const textsIn = (value: unknown, depth = DEPTH): readonly string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || depth === 0) return []
  return Object.values(value).flatMap((inner) => textsIn(inner, depth - 1))
}
