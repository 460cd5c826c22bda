import { codeOf, isAwsError } from '../../aws/failure.ts'
import type { ListedAccount } from '../../incident/facts/account-profile.ts'
import type { Activity, PrincipalIdentity } from '../../incident/facts/activity.ts'
import type { Finding } from '../../incident/finding/finding.ts'
import { given } from '../../incident/values/given.ts'
import { accountNamedBy, isInstanceId } from '../../incident/values/identifiers.ts'
import { askDetective, type DetectiveAnswer } from '../../investigation/enrichment/detective/ask-detective.ts'
import { detectiveScope } from '../../investigation/enrichment/detective/scope.ts'
import { type Compromised, type OtherFindings, otherFindings } from '../../investigation/enrichment/guardduty/other-findings.ts'
import { type Profiles, readProfiles } from '../../investigation/enrichment/profiles.ts'
import type { PrincipalRef } from '../../investigation/question.ts'
import { withCommandName } from '../command-name.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import { openDetective } from '../connection/detective-connection.ts'
import { type Enrichment, enrichmentOf, type OwnKnowledge } from './enrichment.ts'

/** GuardDuty's findings on a principal, by what is known before CloudTrail's records are read. */
export const findingsOn = (principal: PrincipalRef, { aws, regions }: AwsConnection): Promise<OtherFindings> =>
  otherFindings(compromisedBy(principal), { aws, regions })

const compromisedBy = ({ kind, value }: PrincipalRef): Compromised => {
  const name = value.slice(value.lastIndexOf('/') + 1)
  switch (kind) {
    case 'access-key-id':
      return { accessKeyId: value }
    case 'role':
      return { roleName: name }
    case 'user':
      return { userName: name }
    case 'instance-id':
      return { instanceId: value }
    case 'session':
      return value.startsWith('AROA') ? { principalId: value } : isInstanceId(name) ? { instanceId: name } : {}
    case 'console':
      return { userName: value }
    case 'ip':
    case 'resource':
    case 'trail-changes':
    case 'trust':
      return {}
  }
}

/**
 * Asks GuardDuty, IAM, AWS Organizations and Detective about whoever made the calls. A source that gives no answer is named as
 * incomplete, and does not affect the others.
 */
export const enrichFromAws = async (
  activity: Activity,
  { findings, accounts }: OwnKnowledge,
  connection: AwsConnection,
  { signal, commandName }: { readonly signal: AbortSignal; readonly commandName: string },
): Promise<Enrichment> => {
  const { identity } = activity
  const listed = identity.accountId === undefined ? undefined : accounts.get(identity.accountId)
  const apis = activity.apis.rows
  const compromised = { ...compromisedBy(activity.principal as PrincipalRef), ...identity }
  const [others, profiles, detective] = await Promise.all([
    otherFindings(compromised, { aws: connection.aws, regions: connection.regions }).catch(unlessEnded(signal, noFindings)),
    profilesOf(askedAbout(activity), connection, listed),
    detectiveOn(activity, findings, connection, signal).catch(unlessEnded(signal, noDetective)),
  ])
  return enrichmentOf({
    ...profiles,
    apis,
    others,
    findings,
    ...given({ detective: detective ? withCommandName(detective, commandName) : undefined }),
  })
}

/** IAM knows the permissions of a principal without calls too: by the name that was given. */
const askedAbout = ({ identity, events, principal: { kind, value } }: Activity): PrincipalIdentity => {
  if (events > 0 || (kind !== 'role' && kind !== 'user') || /^A(?:ROA|IDA)|^root$/.test(value)) return identity
  const accountId = accountNamedBy(value)
  const name = value.slice(value.lastIndexOf('/') + 1)
  return {
    ...identity,
    ...given({ accountId: accountId || undefined }),
    ...(kind === 'role' ? { roleName: name } : { userName: name }),
  }
}

/** A source that cannot be asked does not affect what was counted; an interruption and a bug are thrown. */
const unlessEnded =
  <T>(signal: AbortSignal, instead: (why: string) => T) =>
  (error: unknown): T => {
    signal.throwIfAborted()
    if (!isAwsError(error)) throw error
    return instead(codeOf(error))
  }

const noFindings = (why: string): OtherFindings => ({
  ...{ findings: [], notEnabled: [] },
  incomplete: [`GuardDuty could not be asked: ${why}`],
})

const noDetective = (why: string): DetectiveAnswer => ({
  ...{ kind: 'unavailable', why: `Detective could not be asked: ${why}` },
  remedy: 'ask again later',
})

const profilesOf = (
  identity: PrincipalIdentity,
  connection: AwsConnection,
  listed: ListedAccount | undefined,
): Promise<Profiles> =>
  readProfiles({
    identity,
    accountId: connection.setting.accountId,
    iam: connection.aws(connection.setting.region).iam,
    organizations: async () => {
      const { openOrganizations } = await import('../../aws/open-clients.ts')
      return openOrganizations(connection.setting.region, connection.clientConfig)
    },
    ...given({ listed }),
  })

/** Detective knows roles and users of accounts in its graph; undefined for a caller that is neither. */
const detectiveOn = async (
  activity: Activity,
  findings: readonly Finding[],
  connection: AwsConnection,
  signal: AbortSignal,
): Promise<DetectiveAnswer | undefined> => {
  const { identity, firstSeen, lastSeen, ips } = activity
  const entityArn = identity.roleArn ?? userArnOf(identity, connection)
  if (!firstSeen || !lastSeen || !entityArn) return undefined
  const { accountId = connection.setting.accountId, principalId, instanceId } = identity
  const entity = {
    ...{ accountId, entityArn, addresses: ips.rows.slice(0, LINKED).map(({ ip }) => ip.untrusted) },
    ...(principalId ? { principalId, entityId: principalId.split(':')[0] ?? principalId } : {}),
    ...given({ instanceId: instanceId || undefined }),
    findingIds: findings.map(({ id }) => id),
  }
  const scope = detectiveScope({ first: firstSeen, last: lastSeen }, connection.clock.now())
  const detective = openDetective(connection, { region: connection.setting.region, signal, progress: () => {}, waits: 0 })
  return askDetective({ entity, scope }, detective)
}

/** Addresses that get a link of their own. */
const LINKED = 5

const userArnOf = ({ accountId, userName }: PrincipalIdentity, { setting }: AwsConnection): string | undefined =>
  userName && accountId ? `arn:${setting.partition}:iam::${accountId}:user/${userName}` : undefined
