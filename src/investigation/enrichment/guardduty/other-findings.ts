import { unreadReason } from '../../../aws/failure.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { instanceNamedBy, roleSessionOf } from '../../../incident/values/identifiers.ts'
import { epochOf } from '../../../incident/values/instant.ts'
import { type Criterion, detectorIn, findingIds, type GuardDutyConnection, getFindings, readable } from './findings-query.ts'

/** Who was compromised, as far as it is known: findings about any of it are of interest. */
export interface Compromised {
  /** The account of the activity. An administrator's detector has the findings of all members, whose roles may have the same names. */
  readonly accountId?: string
  readonly accessKeyId?: string
  /** `AROA…:session`. */
  readonly principalId?: string
  readonly instanceId?: string
  readonly roleName?: string
  readonly userName?: string
}

export type About = 'key' | 'session' | 'instance' | 'role' | 'user'

/** A finding with what it has in common with the compromised. */
export interface OtherFinding {
  readonly finding: Finding
  readonly about: readonly About[]
}

export interface OtherFindings {
  /** In the order in which they were first seen, archived ones and samples too. */
  readonly findings: readonly OtherFinding[]
  /** Regions in which GuardDuty is not enabled. */
  readonly notEnabled: readonly string[]
  /** Why these may not be all, in sentences. */
  readonly incomplete: readonly string[]
}

/** "GuardDuty attack sequence finding types". They keep keys where no criterion finds them, so all of them are looked through. */
const SEQUENCES = [
  'AttackSequence:IAM/CompromisedCredentials',
  'AttackSequence:S3/CompromisedData',
  'AttackSequence:EKS/CompromisedCluster',
  'AttackSequence:ECS/CompromisedCluster',
  'AttackSequence:EC2/CompromisedInstanceGroup',
]

const criteriaOf = ({ accessKeyId, principalId, instanceId, roleName, userName }: Compromised): readonly Criterion[] => {
  const fields = [
    ['resource.accessKeyDetails.accessKeyId', accessKeyId],
    ['resource.accessKeyDetails.principalId', principalId],
    ['resource.instanceDetails.instanceId', instanceId],
    ['resource.accessKeyDetails.userName', roleName],
    ['resource.accessKeyDetails.userName', userName],
  ] as const
  const known = fields.flatMap(([field, value]) => (value === undefined ? [] : [{ [field]: { Equals: [value] } }]))
  return known.length === 0 ? [] : [...known, { type: { Equals: SEQUENCES } }]
}

/** What a finding has in common with the compromised; nothing when it is about somebody else. */
export const aboutOf = (finding: Finding, compromised: Compromised): readonly About[] => {
  const { accountId, accessKeyId, principalId, instanceId } = compromised
  if (accountId !== undefined && finding.accountId !== accountId) return []
  const instances = [finding.instanceId, instanceNamedBy(finding.principalId)]
  const marks: readonly (readonly [About, boolean])[] = [
    ['key', accessKeyId !== undefined && finding.accessKeyId === accessKeyId],
    ['session', principalId !== undefined && finding.principalId === principalId],
    ['instance', instanceId !== undefined && instances.includes(instanceId)],
    ['role', isOnRole(finding, compromised)],
    ['user', compromised.userName !== undefined && finding.userName === compromised.userName && finding.userType === 'IAMUser'],
  ]
  return marks.filter(([, holds]) => holds).map(([about]) => about)
}

/** A role that was made again under its name is another one: where both unique ids are known, they decide. */
const isOnRole = ({ principalId = '', userName, userType }: Finding, compromised: Compromised): boolean => {
  const id = roleSessionOf(principalId)?.roleId
  const known = roleSessionOf(compromised.principalId)?.roleId
  if (id !== undefined && known !== undefined) return id === known
  const isRole = id !== undefined || userType === 'AssumedRole' || userType === 'Role'
  return isRole && compromised.roleName !== undefined && userName === compromised.roleName
}

/**
 * Every finding on the key, the session, the instance, the role or the user, in the Regions' detectors. What could not be read becomes
 * a sentence. Throws what concerns the whole run: the responder's own credentials, an interruption, a bug.
 */
export const otherFindings = async (
  compromised: Compromised,
  connection: GuardDutyConnection & { readonly regions: readonly string[] },
): Promise<OtherFindings> => {
  const inRegions = await Promise.all(
    [...new Set(connection.regions)].map((region) => findingsIn(region, compromised, connection)),
  )
  const found = new Map(inRegions.flatMap(({ findings }) => findings).map((finding) => [finding.id, finding]))
  return {
    findings: inOrderObserved(
      [...found.values()]
        .map((finding) => ({ finding, about: aboutOf(finding, compromised) }))
        .filter(({ about }) => about.length > 0),
    ),
    notEnabled: inRegions.filter(({ enabled }) => !enabled).map(({ region }) => region),
    incomplete: inRegions.flatMap(({ incomplete }) => incomplete),
  }
}

export const inOrderObserved = (findings: readonly OtherFinding[]): readonly OtherFinding[] =>
  [...findings].sort((a, b) => firstSeen(a) - firstSeen(b) || (a.finding.id < b.finding.id ? -1 : 1))

const firstSeen = ({ finding }: OtherFinding): number => epochOf(finding.firstSeen ?? finding.createdAt)

interface InRegion {
  readonly region: string
  readonly enabled: boolean
  readonly findings: readonly Finding[]
  readonly incomplete: readonly string[]
}

const findingsIn = async (region: string, compromised: Compromised, connection: GuardDutyConnection): Promise<InRegion> => {
  const incomplete: string[] = []
  const say = (why: string) => void incomplete.push(`GuardDuty in ${region}: ${why}`)
  const detector = await orSay('ListDetectors', say, () => detectorIn(connection, region))
  if (detector === undefined) return { region, enabled: incomplete.length > 0, findings: [], incomplete }
  const listed = await Promise.all(
    criteriaOf(compromised).map((criterion) =>
      orSay('ListFindings', say, () => findingIds(connection, region, detector, criterion)),
    ),
  )
  const ids = new Set(listed.flatMap((list) => list?.ids ?? []))
  for (const list of listed) if (list?.incomplete) say(`the list of findings is incomplete: ${list.incomplete}`)
  const unread = new Set<string>()
  const read = (raw: unknown) => readFor(raw, compromised, (id) => unread.add(id))
  const findings = await orSay('GetFindings', say, () => getFindings(connection, region, detector, [...ids], read))
  if (unread.size > 0)
    say(`${unread.size} finding${unread.size === 1 ? '' : 's'} could not be read: ${[...unread].slice(0, 5).join(', ')}`)
  return { region, enabled: true, findings: (findings ?? []).map(({ finding }) => finding), incomplete: [...new Set(incomplete)] }
}

/** An attack sequence of somebody else's is no finding that could not be read, though none of its actors is the one asked for. */
const readFor = (raw: unknown, compromised: Compromised, unread: (id: string) => void): Finding | undefined => {
  const { accessKeyId, principalId, instanceId } = compromised
  const finding = readable(raw, accessKeyId) ?? readable(raw)
  if (finding) return finding
  const { Id, Type } = raw as { readonly Id?: string; readonly Type?: string }
  const text = JSON.stringify(raw)
  const names = [accessKeyId, principalId, instanceId].some((name) => name !== undefined && text.includes(name))
  if (names || !Type?.startsWith('AttackSequence:')) unread(/^[0-9a-f]{1,64}$/.test(Id ?? '') ? (Id ?? '') : 'one without an id')
  return undefined
}

const orSay = async <T>(operation: string, say: (why: string) => void, ask: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await ask()
  } catch (error) {
    const why = unreadReason(error)
    if (why === undefined) throw error
    say(`guardduty:${operation} ${why}`)
    return undefined
  }
}
