import { allFindingsOf } from '../../incident/facts/facts.ts'
import { addressesOfFindings } from '../../incident/finding/addresses.ts'
import type { Finding } from '../../incident/finding/finding.ts'
import type { Incident } from '../../incident/incident.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { findingArnOf } from '../../incident/values/identifiers.ts'
import type { Instant } from '../../incident/values/instant.ts'
import { quotedPath } from '../../incident/values/quoted.ts'
import { type Revoked, revokedBy } from '../../investigation/analysis/chained-sessions.ts'
import { type PrincipalRef, scopeAround, type TimeRange } from '../../investigation/question.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import type { RequestHost } from '../incident-run/request.ts'
import { printable } from '../options.ts'
import type { ScopeRequest, TargetRequest } from './request.ts'

/** Who is investigated, and what is known beforehand: from a finding, or from an incident's journal. */
export interface InvestigationTarget {
  readonly principal: PrincipalRef
  readonly findings: readonly Finding[]
  readonly revoked?: Revoked
  readonly ownAddresses: readonly string[]
  /** Addresses from which findings say that the credentials were used. */
  readonly reportedAddresses: readonly string[]
}

/** What a target is looked up with. */
export interface TargetLookup {
  /** The incident that was named. */
  readonly incident: Incident | undefined
  /** GuardDuty is asked for a finding that is named by its id. */
  readonly connection: Pick<AwsConnection, 'aws' | 'regions'> | undefined
  readonly host: RequestHost
}

const usage = (what: string, remedy: string): Failure => new Failure({ kind: 'usage', what, remedy })

/** The target that was named: directly, by a finding (its key), or by an incident (its key). Throws Failure usage. */
export const targetOf = async (
  { principal, finding }: TargetRequest,
  { incident, connection, host }: TargetLookup,
): Promise<InvestigationTarget> => {
  if (incident) return ofIncident(incident, principal)
  if (finding !== undefined) return ofFinding(await findingNamed(finding, { principal, connection, host }), principal)
  if (!principal) throw new Error('a request without a target was parsed')
  return { principal, findings: [], ownAddresses: [], reportedAddresses: [] }
}

/** An incident of this machine, from its journal. Throws Failure usage when there is none of this id, blocked when it cannot be relied on. */
export const readIncident = async (root: string, id: string): Promise<Incident> => {
  // Loaded on use, as all that only some questions need.
  const { entriesToResume } = await import('../incident-run/incident-files.ts')
  const { replay } = await import('../../incident/incident.ts')
  return replay(await entriesToResume(root, id))
}

const ofIncident = ({ id, facts }: Incident, named: PrincipalRef | undefined): InvestigationTarget => {
  const { finding, subject, revocation } = facts
  const key = subject?.accessKeyId ?? finding?.finding.accessKeyId
  if (!named && key === undefined)
    throw usage(`incident ${id} names no access key yet`, 'name a principal beside it, such as --role')
  const findings = finding ? allFindingsOf(finding) : []
  const { own, reported } = addressesOfFindings(findings)
  return {
    principal: named ?? { kind: 'access-key-id', value: key ?? '' },
    findings,
    ...given({
      revoked: subject && revocation && revokedBy(subject, revocation),
    }),
    ownAddresses: [...new Set([...(subject?.ownAddresses ?? []), ...own])],
    reportedAddresses: reported,
  }
}

const ofFinding = (finding: Finding, named: PrincipalRef | undefined): InvestigationTarget => {
  const { accessKeyId } = finding
  if (!named && accessKeyId === undefined) {
    throw usage(`finding ${finding.id} (${finding.type}) names no access key`, 'name a principal beside it, such as --role')
  }
  const { own: ownAddresses, reported: reportedAddresses } = addressesOfFindings([finding])
  const principal: PrincipalRef = named ?? { kind: 'access-key-id', value: accessKeyId ?? '' }
  return { principal, findings: [finding], ownAddresses, reportedAddresses }
}

const findingNamed = async (
  name: string,
  { principal, connection, host }: Omit<TargetLookup, 'incident'> & { readonly principal: PrincipalRef | undefined },
): Promise<Finding> => {
  const { requestOf } = await import('../incident-run/request.ts')
  const { findingsInText, narrowFinding } = await import('../../incident/finding/finding-document.ts')
  const request = await requestOf(name, {}, host)
  const accessKeyId = principal?.kind === 'access-key-id' ? principal.value : undefined
  const found =
    request.by === 'file'
      ? findingsInText(request.text, quotedPath(request.name)).map((raw) => narrowFinding(raw, accessKeyId))
      : await askGuardDuty(name, connection)
  const [finding, ...others] = found
  if (!finding)
    throw usage(`there is no finding "${printable(name)}" in the Regions that were asked`, 'name its Region with --region')
  if (others.length === 0) return finding
  throw usage(`${quotedPath(name)} holds ${found.length} findings`, 'give one finding in the file')
}

const askGuardDuty = async (name: string, connection: TargetLookup['connection']): Promise<readonly Finding[]> => {
  if (!connection) {
    throw usage(
      `GuardDuty has to be asked for finding ${name}, and no AWS credentials were named`,
      'name a profile beside --logs, or give the finding as a file',
    )
  }
  const arn = findingArnOf(name)
  const id = arn?.findingId ?? name
  const regions = arn ? [arn.region] : connection.regions
  const { queryFindings } = await import('../../investigation/enrichment/guardduty/findings-query.ts')
  const { inEveryRegion } = await import('../../aws/every-region.ts')
  const look = (region: string) => queryFindings(connection, region, { id: { Equals: [id] } })
  const { answers, notRead } = await inEveryRegion(regions, 'ask GuardDuty for the finding', look)
  if (answers.length === 0 && notRead[0]) throw notRead[0].failure
  return answers.flatMap(({ answer }) => answer).map(({ finding }) => finding)
}

/** The scope time, where it may go by what these findings saw. Throws Failure usage when it does and there is none. */
export const scopeOf = (scope: ScopeRequest, findings: readonly Finding[]): TimeRange =>
  'times' in scope ? scope.times : scopeAround(seenBy(findings), scope.aroundFinding)

/** When any of the findings was seen first, and last. */
const seenBy = (findings: readonly Finding[]): { readonly first: Instant; readonly last: Instant } => {
  const [first] = findings.map(({ firstSeen, createdAt }) => firstSeen ?? createdAt).toSorted()
  const last = findings
    .map(({ lastSeen, updatedAt }) => lastSeen ?? updatedAt)
    .toSorted()
    .at(-1)
  if (first && last) return { first, last }
  throw usage(
    '--scope goes by what a finding saw, and there is no finding',
    'name it with --finding or --incident, or give the times with --since and --until',
  )
}
