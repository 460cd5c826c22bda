import { ListAccessKeysCommand } from '@aws-sdk/client-iam'
import { isNotFound, unreadReason } from '../../../aws/failure.ts'
import type { KeyIssue, SourceCredential, TrustedIdentity } from '../../../incident/facts/issue.ts'
import { LONGEST_ROLE_SESSION_SECONDS, LONGEST_USER_SESSION_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { isRoleName, isTemporaryKeyId, isUniqueId } from '../../../incident/values/identifiers.ts'
import { type Instant, isBefore, plus } from '../../../incident/values/instant.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import type { Context } from '../../stage.ts'
import { readRevocation } from '../revoke-sessions/policy.ts'
import { instanceOfIssue, isOfService, issueRecordOf, placeOf, vendingService } from './issue.ts'

/** How many credentials are followed upwards. Chained sessions last an hour, so longer chains are rare. */
const DEEPEST = 6

/** Where the chain is followed, and what the response itself will deny. */
interface Following {
  readonly accountId: string
  readonly region: string
  readonly regions: readonly string[]
  readonly role: { readonly name: string }
  /** Whether the response denies every older session of the role. */
  readonly deniesAll: boolean
}

type Sources = Pick<KeyIssue, 'sources' | 'sourcesEnd'> & { readonly incomplete: readonly string[] }

/**
 * The credentials with which a key was obtained, the nearest first: each caller's own key is looked up in turn, until a long-term key, a
 * service, an identity provider or another account, or until the records end.
 */
export const sourcesOf = async (record: CloudTrailRecord, following: Following, context: Context): Promise<Sources> => {
  const sources: SourceCredential[] = []
  const incomplete: string[] = []
  const followed = new Set<string>()
  let next: CloudTrailRecord | undefined = record
  let sourcesEnd: string | undefined
  while (next) {
    const source = sourceIn(next, following.accountId)
    const key: string | undefined = source.accessKeyId
    const above: Awaited<ReturnType<typeof issueRecordOf>> =
      goesOn(source) && key !== undefined && !followed.has(key)
        ? await issueRecordOf(key, following.regions, context)
        : { record: undefined, incomplete: [] }
    incomplete.push(...above.incomplete)
    const closed = await closedBecause(source, above.record?.at, following, context)
    sources.push({ ...source, ...given({ closed }) })
    sourcesEnd = endOf(source, above.record !== undefined)
    if (key !== undefined) followed.add(key)
    if (above.record && sources.length >= DEEPEST) {
      sourcesEnd = `the chain was followed over ${DEEPEST} credentials and goes on`
      break
    }
    next = above.record
  }
  return { sources, ...given({ sourcesEnd }), incomplete: [...new Set(incomplete)] }
}

/** Only temporary credentials of this account have an issue of their own in its records. */
const goesOn = ({ kind, accessKeyId }: SourceCredential): boolean =>
  kind !== 'other-account' && kind !== 'ec2-instance' && accessKeyId !== undefined && isTemporaryKeyId(accessKeyId)

const endOf = (source: SourceCredential, isFollowed: boolean): string | undefined => {
  if (isFollowed) return undefined
  if (source.kind === 'other-account')
    return `the records of account ${source.accountId ?? 'unknown'} say how the caller obtained its own credentials`
  if (source.accessKeyId === undefined)
    return source.kind === 'user' || source.kind === 'role-session' ? 'the record names no key of the caller' : undefined
  return goesOn(source) ? `CloudTrail does not show who ${source.accessKeyId} was issued to` : undefined
}

const KINDS: Readonly<Record<string, SourceCredential['kind']>> = {
  IAMUser: 'user',
  AssumedRole: 'role-session',
  Root: 'root',
  AWSAccount: 'other-account',
  WebIdentityUser: 'web-identity',
  SAMLUser: 'saml',
}

/** Who made the call of an issue, as a source. */
const sourceIn = (record: CloudTrailRecord, accountId: string): SourceCredential => {
  const instanceId = instanceOfIssue(record)
  const name = record.roleName ?? record.userName
  const kind = kindOf(record, accountId)
  const who =
    kind === 'service'
      ? (vendingService(record) ?? record.invokedBy)
      : (record.sessionArn ?? record.principalId ?? record.userName)
  const from = {
    by: placeOf(record),
    ...given({ accessKeyId: record.accessKeyId, accountId: record.accountId, sharedEventId: record.sharedEventId }),
  }
  if (instanceId !== undefined) return { kind: 'ec2-instance', who: untrusted(instanceId), instanceId, ...from }
  return {
    kind,
    who: untrusted(who ?? 'of unknown name'),
    ...from,
    ...given({ name: name !== undefined && isRoleName(name) ? name : undefined, identity: identityIn(record, kind) }),
  }
}

/**
 * What the role's trust policy knows the caller by ("CloudTrail userIdentity element": a web identity's principal id is
 * provider:audience:subject). Undefined where the record does not say it in full.
 */
const identityIn = (record: CloudTrailRecord, kind: SourceCredential['kind']): TrustedIdentity | undefined => {
  const { principalId = '', userName, accountId, response = {}, request = {} } = record
  switch (kind) {
    case 'web-identity':
      return identity(response.provider ?? providerBefore(principalId, response.audience, userName), userName)
    case 'saml':
      // A transient subject is another one at each sign-in.
      return response.subjectType === 'transient' ? undefined : identity(request.principalArn, response.subject)
    case 'other-account': {
      const [id = ''] = principalId.split(':')
      return isUniqueId(id) ? identity(accountId, id) : undefined
    }
    default:
      return undefined
  }
}

const identity = (trusted: unknown, subject: unknown): TrustedIdentity | undefined =>
  typeof trusted === 'string' && trusted !== '' && typeof subject === 'string' && subject !== ''
    ? { trusted, subject: untrusted(subject) }
    : undefined

const providerBefore = (principalId: string, audience: unknown, subject: string | undefined): string | undefined => {
  const rest = `:${String(audience)}:${subject ?? ''}`
  return principalId.endsWith(rest) ? principalId.slice(0, -rest.length) : undefined
}

const kindOf = (record: CloudTrailRecord, accountId: string): SourceCredential['kind'] => {
  if (isOfService(record) || vendingService(record) !== undefined) return 'service'
  if (record.eventName === 'AssumeRoleWithWebIdentity') return 'web-identity'
  if (record.eventName === 'AssumeRoleWithSAML') return 'saml'
  if (record.accountId !== undefined && record.accountId !== accountId) return 'other-account'
  return KINDS[record.principalKind ?? ''] ?? 'unknown'
}

/** Why a source cannot obtain sessions any more: what a look shows now. Undefined where it still can, or where that is not known. */
const closedBecause = async (
  source: SourceCredential,
  issuedAt: Instant | undefined,
  following: Following,
  context: Context,
): Promise<string | undefined> => {
  const { kind, name, accessKeyId } = source
  try {
    if (kind === 'user' && accessKeyId?.startsWith('AKIA')) return await deactivated(name, accessKeyId, following, context)
    if (kind !== 'user' && kind !== 'role-session') return undefined
    const end = issuedAt && plus(issuedAt, kind === 'user' ? LONGEST_USER_SESSION_SECONDS : LONGEST_ROLE_SESSION_SECONDS)
    if (end && isBefore(end, context.now())) return `it expired at ${end} at the latest`
    return kind === 'role-session' ? await denied(source, issuedAt, following, context) : undefined
  } catch (error) {
    if (unreadReason(error) === undefined) throw error
    return undefined
  }
}

const deactivated = async (
  userName: string | undefined,
  accessKeyId: string,
  { region }: Following,
  context: Context,
): Promise<string | undefined> => {
  if (userName === undefined) return undefined
  try {
    const answer = await context.aws(region).iam.send(new ListAccessKeysCommand({ UserName: userName }))
    const key = answer.AccessKeyMetadata?.find(({ AccessKeyId }) => AccessKeyId === accessKeyId)
    if (key?.Status === 'Inactive') return 'the key is inactive'
    return key || answer.AccessKeyMetadata === undefined || answer.IsTruncated ? undefined : 'the user no longer has the key'
  } catch (error) {
    if (isNotFound(error)) return 'the user does not exist any more'
    throw error
  }
}

/** A session of the incident's own role is denied by the incident's own revocation. */
const denied = async (
  { name }: SourceCredential,
  issuedAt: Instant | undefined,
  { role, region, deniesAll }: Following,
  context: Context,
): Promise<string | undefined> => {
  if (name === role.name && deniesAll) return 'it is a session of the same role, which the revocation denies as well'
  if (name === undefined || issuedAt === undefined) return undefined
  const { cutoff } = await readRevocation({ role: { name }, region }, context)
  return cutoff && isBefore(issuedAt, cutoff) ? `role ${name} denies sessions issued before ${cutoff}` : undefined
}
