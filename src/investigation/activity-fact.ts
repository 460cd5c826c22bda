import type { Activity, NewlyObservedRows, Rows } from '../incident/facts/activity.ts'
import type { ChainedSession, PersistenceArtefact, VolumeBucket } from '../incident/facts/activity-rows.ts'
import { given } from '../incident/values/given.ts'
import type { ChainLink } from './analysis/chained-sessions.ts'
import { failuresByClass } from './analysis/failed-calls.ts'
import type { SessionSummary } from './analysis/session-summary.ts'
import type { Investigation } from './investigation.ts'

/** Rows that a fact holds of each list, the most important first, because a line of the journal has a limit. */
const ROWS = 200

/** What an investigation found, as a fact: plain JSON, its lists cut. */
export const activityFact = (found: Investigation, most: number = ROWS): Activity => {
  const { summary, counted, report, incomplete } = found
  const cut = <T>(rows: readonly T[]): Rows<T> => ({ rows: rows.slice(0, most), all: rows.length })
  const { principal, scope } = counted.question
  return {
    ...{ principal, scope, source: report.source, eventsRead: report.events },
    ...(summary.firstSeen && summary.lastSeen ? { firstSeen: summary.firstSeen, lastSeen: summary.lastSeen } : {}),
    ...countsOf(summary),
    identity: found.identity,
    ...{ accountIds: summary.accountIds, regions: summary.regions, ec2RoleDelivery: summary.ec2RoleDelivery },
    issuedAt: cut(summary.issuedAt),
    accessKeyIds: cut(summary.accessKeyIds),
    siblingKeys: cut(found.siblingKeys),
    ...given({ baselinePrincipal: counted.baselinePrincipal }),
    baseline: found.baseline,
    origins: cut(found.attributedCalls),
    ...{ ips: cut(summary.ips), apis: cut(summary.apis), userAgents: cut(summary.userAgents) },
    onBehalf: cut(found.onBehalf.map((row) => ({ ...row, apis: row.apis.slice(0, FEW) }))),
    volume: { bucketSeconds: found.volume.bucketSeconds, ...busyTimes(found.volume.buckets, most) },
    ...{ failures: cut(found.failedCalls), failuresByClass: failuresByClass(found.failedCalls) },
    newlyObserved: newlyObservedRows(found, cut),
    chainedSessions: cut(found.chain.links.map(chainedSessionOf)),
    artefacts: { rows: mostImportant(found.artefacts, most), all: found.artefacts.length },
    incomplete: [...incomplete.slice(0, most), ...moreGaps(incomplete.length - most)],
    coverage: { ...found.coverage, mentionedIn: found.coverage.mentionedIn.slice(0, most) },
    limits: report.limits,
  }
}

/** Keeps spikes before other busy times, in the order of time. */
const busyTimes = (buckets: readonly VolumeBucket[], most: number): Omit<Activity['volume'], 'bucketSeconds'> => {
  const calls = ({ succeeded, failed }: VolumeBucket): number => succeeded + failed
  const busy = buckets.filter((bucket) => calls(bucket) > 0)
  const byImportance = (a: VolumeBucket, b: VolumeBucket): number =>
    Number(b.spikes.length > 0) - Number(a.spikes.length > 0) || calls(b) - calls(a)
  const kept = new Set(busy.toSorted(byImportance).slice(0, most))
  return {
    spikes: busy.filter(({ spikes }) => spikes.length > 0).length,
    buckets: { rows: busy.filter((bucket) => kept.has(bucket)), all: busy.length },
  }
}

/** Keeps what succeeded before what was refused, in the order of time. */
const mostImportant = (artefacts: Investigation['artefacts'], most: number): Investigation['artefacts'] => {
  const rank = ({ succeeded, undoneBy }: PersistenceArtefact): number => (succeeded ? (undoneBy ? 1 : 0) : 2)
  const kept = new Set([...artefacts].sort((a, b) => rank(a) - rank(b)).slice(0, most))
  return artefacts.filter((artefact) => kept.has(artefact))
}

const moreGaps = (count: number): readonly string[] => (count > 0 ? [`and ${count} more gaps`] : [])

/** APIs kept of each service that called on the principal's behalf. */
const FEW = 10

const countsOf = (summary: SessionSummary) => {
  const { events, succeeded, failed, denied, throttled, dataEvents } = summary
  return { events, succeeded, failed, denied, throttled, dataEvents }
}

const newlyObservedRows = (
  { newlyObserved, places }: Investigation,
  cut: <T>(rows: readonly T[]) => Rows<T>,
): NewlyObservedRows => {
  const { compared, accountRead, apis, userAgents, ips, countries, networks, increased } = newlyObserved
  return {
    ...{ compared, accountRead, apis: cut(apis), userAgents: cut(userAgents), ips: cut(ips) },
    ...{ countries: cut(countries), networks: cut(networks), increased: cut(increased), places: places.source },
  }
}

const chainedSessionOf = ({ chainedSession, depth, revoked, activity }: ChainLink): ChainedSession => {
  if (!activity) return { ...chainedSession, depth, revoked }
  const { events, failed, firstSeen, lastSeen } = activity.summary
  return {
    ...{ ...chainedSession, depth, revoked },
    activity: { events, failed, ...given({ firstSeen, lastSeen }) },
  }
}
