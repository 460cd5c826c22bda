import type { Principal } from '../activity/question.ts'
import { codeOf, isAwsError } from '../aws/failure.ts'
import type { ListedAccount } from '../incident/account-profile.ts'
import type { Activity, CallerIdentity } from '../incident/activity.ts'
import type { ApiRow } from '../incident/activity-rows.ts'
import type { Block } from '../incident/block.ts'
import type { Finding } from '../incident/finding.ts'
import { askDetective, type DetectiveAnswer } from '../witnesses/detective/ask-detective.ts'
import { detectiveBlocks } from '../witnesses/detective/detective-blocks.ts'
import { detectiveOf } from '../witnesses/detective/detective-json.ts'
import { detectiveScope } from '../witnesses/detective/scope.ts'
import { findingTimesBlocks, otherFindingsBlocks } from '../witnesses/guardduty/finding-blocks.ts'
import { findingTimesOf, otherFindingsOf } from '../witnesses/guardduty/finding-json.ts'
import { type Compromised, type OtherFindings, otherFindings } from '../witnesses/guardduty/other-findings.ts'
import type { AnsweredQuestion } from '../witnesses/investigation-sections.ts'
import { type Profiles, readProfiles } from '../witnesses/profiles.ts'
import { whereOf } from '../witnesses/where.ts'
import { withWhatOf } from '../witnesses/with-what.ts'
import { readAccounts } from './accounts-file.ts'
import { detectiveDesk } from './detective-desk.ts'
import type { Edge } from './edge.ts'
import type { Host } from './host.ts'
import type { CommonOptions } from './options.ts'

export interface WitnessOptions extends CommonOptions {
  /** The responder's own list of accounts: CSV or JSON. */
  readonly accounts?: string
}

/** What other witnesses than CloudTrail say: answers for people, members for the JSON line. */
export interface Testimony extends Profiles {
  readonly questions: readonly AnsweredQuestion[]
  readonly members: Readonly<Record<string, unknown>>
}

/** What GuardDuty has on somebody, as far as it is known before CloudTrail's records are read. */
export const findingsOn = (principal: Principal, { aws, regions }: Edge): Promise<OtherFindings> =>
  otherFindings(compromisedBy(principal), { aws, regions })

const compromisedBy = ({ kind, value }: Principal): Compromised => {
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
      return value.startsWith('AROA') ? { principalId: value } : /^i-[0-9a-f]+$/.test(name) ? { instanceId: name } : {}
    case 'ip':
      return {}
  }
}

export interface Asking {
  readonly host: Host
  readonly edge: Edge | undefined
  readonly accounts: ReadonlyMap<string, ListedAccount>
  /** Those that were named; GuardDuty's others are asked for. */
  readonly findings: readonly Finding[]
  readonly progress: (text: string) => void
}

export const accountsIn = async ({ accounts }: WitnessOptions): Promise<Asking['accounts']> =>
  accounts === undefined ? new Map() : readAccounts(accounts)

/**
 * Asks GuardDuty, IAM, AWS Organizations and Detective about whoever made the calls. What one of them does not tell is said,
 * and the others stand. Without AWS only what the responder brought along is told.
 */
export const askWitnesses = async (activity: Activity, asking: Asking): Promise<Testimony> => {
  const { edge, findings, accounts } = asking
  const { identity } = activity
  const listed = identity.accountId === undefined ? undefined : accounts.get(identity.accountId)
  const apis = activity.apis.rows
  if (!edge) return testimony({ apis, findings, ...(listed ? { where: unasked(identity, listed) } : {}) })
  const compromised = { ...compromisedBy(activity.principal as Principal), ...identity }
  const [others, profiles, detective] = await Promise.all([
    otherFindings(compromised, { aws: edge.aws, regions: edge.regions }).catch(unlessEnded(asking, noFindings)),
    profilesOf(identity, edge, listed),
    detectiveOn(activity, asking, edge).catch(unlessEnded(asking, noDetective)),
  ])
  return testimony({ ...profiles, apis, others, findings, ...(detective ? { detective } : {}) })
}

/** A witness that cannot be had at all costs nothing of what was counted; an interruption and a bug are thrown. */
const unlessEnded =
  <T>({ host }: Asking, instead: (why: string) => T) =>
  (error: unknown): T => {
    host.signal.throwIfAborted()
    if (!isAwsError(error)) throw error
    return instead(codeOf(error))
  }

const noFindings = (why: string): OtherFindings => ({
  ...{ findings: [], notEnabled: [] },
  incomplete: [`GuardDuty could not be asked: ${why}`],
})

const noDetective = (why: string): DetectiveAnswer => ({
  ...{ kind: 'silent', why: `Detective could not be asked: ${why}` },
  remedy: 'ask again later',
})

/** What the responder's own list says, where nobody else is asked. */
const unasked = ({ accountId = '' }: CallerIdentity, listed: ListedAccount): NonNullable<Profiles['where']> => ({
  ...{ accountId, path: [], tags: [], listed },
  incomplete: ['IAM and AWS Organizations were not asked: the records came from files, and no profile was named'],
})

const profilesOf = (identity: CallerIdentity, edge: Edge, listed: ListedAccount | undefined): Promise<Profiles> =>
  readProfiles({
    identity,
    accountId: edge.setting.accountId,
    iam: edge.aws(edge.setting.region).iam,
    organizations: async () => {
      const { openOrganizations } = await import('../aws/open-organizations.ts')
      return openOrganizations(edge.setting.region, edge.way)
    },
    ...(listed ? { listed } : {}),
    onSilence: 'say',
  })

/** Detective knows roles and users of accounts in its graph; a call from nowhere has neither. */
const detectiveOn = async (activity: Activity, asking: Asking, edge: Edge): Promise<DetectiveAnswer | undefined> => {
  const { identity, firstSeen, lastSeen, ips } = activity
  const entityArn = identity.roleArn ?? userArnOf(identity, edge)
  if (!firstSeen || !lastSeen || !entityArn) return undefined
  const { accountId = edge.setting.accountId, principalId, instanceId } = identity
  const suspect = {
    ...{ accountId, entityArn, addresses: ips.rows.slice(0, LINKED).map(({ ip }) => ip.untrusted) },
    ...(principalId ? { principalId, entityId: principalId.split(':')[0] ?? principalId } : {}),
    ...(instanceId ? { instanceId } : {}),
    findingIds: asking.findings.map(({ id }) => id),
  }
  const scope = detectiveScope({ first: firstSeen, last: lastSeen }, edge.clock.now())
  const { signal } = asking.host
  const desk = detectiveDesk(edge, { region: edge.setting.region, signal, progress: asking.progress, waits: 0 })
  return askDetective({ suspect, scope }, desk)
}

/** Addresses that get a link of their own. */
const LINKED = 5

const userArnOf = ({ accountId, userName }: CallerIdentity, { setting }: Edge): string | undefined =>
  userName && accountId ? `arn:${setting.partition}:iam::${accountId}:user/${userName}` : undefined

interface Said extends Profiles {
  readonly apis: readonly ApiRow[]
  readonly findings: readonly Finding[]
  readonly others?: OtherFindings
  readonly detective?: DetectiveAnswer
}

const testimony = ({ findings, others, detective, where, withWhat, apis }: Said): Testimony => {
  const [finding] = findings
  return {
    ...(where ? { where } : {}),
    ...(withWhat ? { withWhat } : {}),
    questions: [
      ...(finding ? [answer(`When, by finding ${finding.type}`, 'GuardDuty', findingTimesBlocks(finding))] : []),
      ...(others ? [answer('Other findings', 'GuardDuty', otherFindingsBlocks(others))] : []),
      ...(detective ? [answer('Detective', 'Detective', detectiveBlocks(detective))] : []),
    ],
    members: {
      finding: finding ? findingTimesOf(finding) : null,
      where: where ? whereOf(where) : null,
      withWhat: withWhat ? withWhatOf(withWhat, apis) : null,
      otherFindings: others ? otherFindingsOf(others) : null,
      detective: detective ? detectiveOf(detective) : null,
    },
  }
}

const answer = (heading: string, witness: string, blocks: readonly Block[]): AnsweredQuestion => ({
  heading,
  witnesses: [witness],
  blocks,
})
