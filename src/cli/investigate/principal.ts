import { isIP } from 'node:net'
import type { Entry } from '../../incident/entry.ts'
import { checkedAccessKeyId } from '../../incident/finding/access-key-id.ts'
import { allFindingsOf } from '../../incident/finding/all-findings.ts'
import type { Finding } from '../../incident/finding/finding.ts'
import type { Incident } from '../../incident/incident.ts'
import { oneSpelling } from '../../incident/values/address.ts'
import { Failure } from '../../incident/values/failure.ts'
import { findingArnOf, isInstanceId, isManagedNodeId } from '../../incident/values/identifiers.ts'
import type { Revoked } from '../../investigation/analysis/chained-sessions.ts'
import type { PrincipalRef } from '../../investigation/question.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import type { Host } from '../host.ts'
import { type CommonOptions, printable } from '../options.ts'

export interface TargetOptions extends CommonOptions {
  readonly accessKeyId?: string
  readonly role?: string
  readonly session?: string
  readonly instanceId?: string
  readonly ip?: string
  readonly user?: string
  /** A finding's id, ARN or file. */
  readonly finding?: string
  /** An incident of this machine. */
  readonly incident?: string
}

/** Who is investigated, and what is known of him beforehand: from a finding, or from an incident's journal. */
export interface InvestigationTarget {
  readonly principal: PrincipalRef
  readonly findings: readonly Finding[]
  readonly revoked?: Revoked
  readonly ownAddresses: readonly string[]
}

const SELECTORS = ['accessKeyId', 'role', 'session', 'instanceId', 'ip', 'user'] as const
const KINDS: Readonly<Record<(typeof SELECTORS)[number], PrincipalRef['kind']>> = {
  accessKeyId: 'access-key-id',
  role: 'role',
  session: 'session',
  instanceId: 'instance-id',
  ip: 'ip',
  user: 'user',
}
const NAME_ONE = 'name one: --access-key-id, --role, --session, --instance-id, --ip, --user, --finding or --incident'

const usage = (what: string, remedy: string = NAME_ONE): Failure => new Failure({ kind: 'usage', what, remedy })

/**
 * Who was named: directly, by a finding (its key), or by an incident of this machine (its key; its journal tells the rest).
 * Throws Failure usage for nobody, for several, and for what CloudTrail would not write.
 */
export const targetOf = async (
  options: TargetOptions,
  {
    host,
    connection,
    incident,
  }: { readonly host: Host; readonly connection: AwsConnection | undefined; readonly incident: Incident | undefined },
): Promise<InvestigationTarget> => {
  const principal = targetNamed(options)
  if (incident) return ofIncident(incident, principal)
  if (options.finding !== undefined) return ofFinding(await findingNamed(host, options.finding, options, connection), principal)
  if (!principal) throw usage(NOBODY)
  return { principal, findings: [], ownAddresses: [] }
}

const NOBODY = 'nobody to investigate was named'

/** Who was named directly; undefined for a finding's or an incident's. Throws Failure usage for nobody, and for several. */
export const targetNamed = (options: TargetOptions): PrincipalRef | undefined => {
  const { finding, incident } = options
  const principal = principalOf(options)
  if (finding !== undefined && incident !== undefined) throw usage('a finding and an incident were named')
  if (!principal && finding === undefined && incident === undefined) throw usage(NOBODY)
  return principal
}

const principalOf = (options: TargetOptions): PrincipalRef | undefined => {
  const [name, ...others] = SELECTORS.filter((each) => options[each] !== undefined)
  if (name === undefined) return undefined
  const value = options[name] ?? ''
  if (others.length > 0) throw usage('more than one to investigate was named')
  if (!/^[\x21-\x7e]{1,2048}$/.test(value)) throw usage(`"${printable(value)}" is not what CloudTrail would write`)
  refuseOtherForm(name, value)
  return { kind: KINDS[name], value: name === 'ip' ? oneSpelling(value) : value }
}

/** A mistyped identifier would be answered with "no call of it", which is no answer; and a secret would be shown. */
const refuseOtherForm = (name: (typeof SELECTORS)[number], value: string): void => {
  if (name === 'accessKeyId') checkedAccessKeyId(value, 'What --access-key-id names', () => {})
  if (name === 'instanceId' && !isInstanceId(value) && !isManagedNodeId(value)) {
    throw usage(`"${printable(value)}" is not an instance id`, 'it looks like i-08faaaafb15777f5a')
  }
  // Besides addresses CloudTrail writes names of services.
  if (name === 'ip' && isIP(value) === 0 && !/^[a-z][\w-]*(\.[\w-]+)+$/i.test(value)) {
    throw usage(`"${printable(value)}" is not an IP address`, 'give one address, as 198.51.100.23, not a network')
  }
}

/** The incident of this machine that was named; undefined when none was. Throws Failure when there is none of the name. */
export const incidentNamed = async (host: Host, { incident, stateDir }: TargetOptions): Promise<Incident | undefined> => {
  if (incident === undefined) return undefined
  // Loaded on use, as all that only some questions need.
  const { stateRoot } = await import('../../journal/directory.ts')
  const { readJournal } = await import('../../journal/read.ts')
  const { replay } = await import('../../incident/incident.ts')
  const { entries } = await readJournal<Entry>(stateRoot(host.env, stateDir), incident)
  return replay(entries)
}

const ofIncident = ({ id, facts }: Incident, named: PrincipalRef | undefined): InvestigationTarget => {
  const { finding, subject, revocation } = facts
  const key = subject?.accessKeyId ?? finding?.finding.accessKeyId
  if (!named && key === undefined) throw usage(`incident ${id} names no access key yet`)
  return {
    principal: named ?? { kind: 'access-key-id', value: key ?? '' },
    findings: finding ? allFindingsOf(finding) : [],
    ...(subject && revocation ? { revoked: { roleArn: subject.role.arn, cutoff: revocation.cutoff } } : {}),
    ownAddresses: subject?.ownAddresses ?? [],
  }
}

const ofFinding = (finding: Finding, named: PrincipalRef | undefined): InvestigationTarget => {
  const { accessKeyId } = finding
  if (!named && accessKeyId === undefined) {
    throw usage(`finding ${finding.id} (${finding.type}) names no access key`, `${NAME_ONE}; besides the finding, for its times`)
  }
  return { principal: named ?? { kind: 'access-key-id', value: accessKeyId ?? '' }, findings: [finding], ownAddresses: [] }
}

const findingNamed = async (
  host: Host,
  name: string,
  options: TargetOptions,
  connection: AwsConnection | undefined,
): Promise<Finding> => {
  const { requestOf } = await import('../incident-run/request.ts')
  const { findingsInText, narrowFinding } = await import('../../incident/finding/finding-document.ts')
  const request = await requestOf(name, {}, host.stdin)
  const found =
    request.by === 'file'
      ? findingsInText(request.text, request.name).map((raw) => narrowFinding(raw, options.accessKeyId))
      : await askedOf(connection, name)
  const [finding, ...others] = found
  if (!finding)
    throw usage(`there is no finding ${printable(name)} in the Regions that were asked`, 'name its Region with --region')
  if (others.length === 0) return finding
  throw usage(`${printable(name)} holds ${found.length} findings`, 'give one finding in the file')
}

const askedOf = async (connection: AwsConnection | undefined, name: string): Promise<readonly Finding[]> => {
  if (!connection) {
    throw usage(`finding ${name} has to be asked of GuardDuty`, 'name a profile beside --logs, or give the finding as a file')
  }
  const arn = findingArnOf(name)
  const id = arn?.findingId ?? name
  const regions = arn ? [arn.region] : connection.regions
  const { queryFindings } = await import('../../investigation/enrichment/guardduty/findings-query.ts')
  const found = await Promise.all(regions.map((region) => queryFindings(connection, region, { id: { Equals: [id] } })))
  return found.flat().map(({ finding }) => finding)
}
