import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { ActorEvent } from '../account/account.ts'
import { findingUserName, type IssuedCredential } from '../account/credentials.ts'
import type { FindingDocument } from '../account/detection.ts'
import { countLater, follow } from '../findings/finding-change.ts'
import { handedOut } from '../issue-credentials.ts'
import { type KeyFinding, keyFinding, type RemoteIp, type Sightings } from './finding-document.ts'
import { type StandardAccount, THREAT_LIST } from './standard-account.ts'

/** Minutes from an occurrence until GuardDuty's finding shows it. */
const DETECTION = 3 * MINUTE_MS

/** A kind of finding that the theft gives rise to, and which of the attacker's calls it counts. */
export interface FindingKind {
  readonly type: string
  readonly severity: number
  readonly title: string
  readonly counts: RegExp
  readonly threatList?: string
}

const onTheList = (what: string): string => `${what} from an IP address on the custom threat list ${THREAT_LIST}.`

const UNAUTHORIZED: FindingKind = {
  type: 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom',
  severity: 5,
  title: onTheList('APIs were called'),
  counts: /^(?!s3:GetObject$)/,
  threatList: THREAT_LIST,
}

const RECON: FindingKind = {
  type: 'Recon:IAMUser/MaliciousIPCaller.Custom',
  severity: 5,
  title: onTheList('Reconnaissance APIs were called'),
  counts: /^(ec2:Describe|iam:|secretsmanager:)/,
  threatList: THREAT_LIST,
}

const DISCOVERY: FindingKind = {
  type: 'Discovery:S3/MaliciousIPCaller.Custom',
  severity: 8,
  title: onTheList('S3 APIs that discover buckets and objects were called'),
  counts: /^s3:(List|Get)/,
  threatList: THREAT_LIST,
}

/** What GuardDuty finds when calls of these names come from an address on the threat list. */
export const onAThreatList = (counts: RegExp): readonly [FindingKind, FindingKind] => [
  { ...UNAUTHORIZED, counts },
  { ...RECON, counts },
]

/** What GuardDuty found on the stolen key: the finding to respond to first. */
export const ON_A_THREAT_LIST: readonly [FindingKind, ...FindingKind[]] = [UNAUTHORIZED, RECON, DISCOVERY]

export interface Theft {
  readonly stolen: IssuedCredential
  /** What the attacker has done so far. */
  readonly actorEvents: readonly ActorEvent[]
  /** Whose calls the findings count, where it is no attacker. */
  readonly who?: ActorEvent['who']
  readonly remote: RemoteIp
  readonly userAgent?: string
  /** Whether the findings describe the instance; the service often leaves it out. */
  readonly withInstance: boolean
  /** Seconds from the beginning until the findings are there. */
  readonly appearsAfter: number
}

const isCounted =
  ({ who: counted = 'attacker' }: Theft) =>
  ({ who }: ActorEvent): boolean =>
    who === counted

const sightingsOf = (standard: StandardAccount, events: readonly ActorEvent[]): Sightings => {
  const first = events[0]?.at ?? standard.now - 10 * MINUTE_MS
  const seen = events.filter(({ at }) => at <= standard.now - DETECTION)
  const last = Math.max(first, seen.at(-1)?.at ?? first)
  return { first, last, created: first + 2 * DETECTION, updated: last + DETECTION, count: Math.max(1, seen.length) }
}

const findingOf = (standard: StandardAccount, theft: Theft, kind: FindingKind): KeyFinding => {
  const events = theft.actorEvents.filter((event) => isCounted(theft)(event) && kind.counts.test(event.action))
  const sightings = sightingsOf(standard, events)
  const call = events.findLast(({ at }) => at <= sightings.last) ?? { action: 's3:ListBuckets', outcome: 'ok' as const }
  return {
    type: kind.type,
    severity: kind.severity,
    title: kind.title,
    description: `${kind.title} The address is ${theft.remote.ip}, the caller is ${findingUserName(theft.stolen.principal)}.`,
    accessKeyId: theft.stolen.accessKeyId,
    principal: theft.stolen.principal,
    call,
    remote: theft.remote,
    sightings,
    ...given({
      userAgent: theft.userAgent,
      threatList: kind.threatList,
      instance: theft.withInstance ? standard.subjectInstance : undefined,
    }),
  }
}

/** Shows a finding, at once or some seconds after the beginning: then that is when GuardDuty wrote it. */
export const appear = ({ account, now }: StandardAccount, finding: FindingDocument, after: number): void => {
  if (after <= 0) {
    account.findings.set(finding.Id, finding)
    return
  }
  const at = now + after * SECOND_MS
  const written = new Date(at).toISOString()
  account.agenda.add(at, () => account.findings.set(finding.Id, { ...finding, CreatedAt: written, UpdatedAt: written }))
}

const place = (standard: StandardAccount, theft: Theft, kind: FindingKind): string => {
  const { account, now } = standard
  const finding = keyFinding(account, findingOf(standard, theft, kind))
  appear(standard, finding, theft.appearsAfter)
  const concerns = (event: ActorEvent): boolean => isCounted(theft)(event) && kind.counts.test(event.action)
  for (const event of theft.actorEvents.filter(({ at }) => at > now - DETECTION).filter(concerns)) {
    countLater(account, finding.Id, DETECTION / SECOND_MS, event)
  }
  follow(account, finding.Id, DETECTION / SECOND_MS, concerns)
  return finding.Id
}

/** The same session under an earlier key: found by the principal, not by the stolen key. */
const placeEarlierAnomaly = ({ account, subjectInstance, role, now }: StandardAccount, { remote, stolen }: Theft): void => {
  const seen = now - 27 * HOUR_MS
  const earlier = handedOut(account, subjectInstance, '2.0', seen) ?? stolen
  const finding = keyFinding(account, {
    type: 'Discovery:IAMUser/AnomalousBehavior',
    severity: 2,
    title: 'APIs commonly used to discover resources were called in an anomalous way.',
    description: `The caller is ${role.name}; the calls are unusual for it.`,
    accessKeyId: earlier.accessKeyId,
    principal: stolen.principal,
    call: { action: 'ec2:DescribeInstances', outcome: 'ok' },
    remote,
    sightings: {
      first: seen,
      last: seen + 4 * MINUTE_MS,
      created: seen + 9 * MINUTE_MS,
      updated: seen + 9 * MINUTE_MS,
      count: 1,
    },
  })
  account.findings.set(finding.Id, finding)
}

/** Puts the findings of a theft into the account and lets them grow with what the attacker does. Gives the id of the first kind's. */
export const placeTheftFindings = (
  standard: StandardAccount,
  theft: Theft,
  [main, ...others]: readonly [FindingKind, ...FindingKind[]],
): string => {
  if (theft.stolen.instanceId !== undefined) placeEarlierAnomaly(standard, theft)
  for (const kind of others) place(standard, theft, kind)
  return place(standard, theft, main)
}
