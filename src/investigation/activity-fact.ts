import type { Activity, NewlyObservedRows, Rows } from '../incident/facts/activity.ts'
import type { ChainedSession, PersistenceArtefact, VolumeBucket } from '../incident/facts/activity-rows.ts'
import { baselineOf } from './analysis/baseline.ts'
import { attributeCalls } from './analysis/call-attribution.ts'
import { callsOnBehalf } from './analysis/calls-on-behalf.ts'
import type { ChainLink } from './analysis/chained-sessions.ts'
import { failedCalls, failuresByClass } from './analysis/failed-calls.ts'
import { principalIdentity } from './analysis/principal-identity.ts'
import { sessionSummary } from './analysis/session-summary.ts'
import { siblingKeys } from './analysis/sibling-keys.ts'
import { volumeOf } from './analysis/volume.ts'
import type { Investigation } from './investigation.ts'

/** Rows that a fact holds of each list, the most telling first: a journal's line has an end. */
const ROWS = 200

/** What an investigation found, as a fact: plain JSON, its lists cut. */
export const activityFact = (found: Investigation, most: number = ROWS): Activity => {
  const { counted, chain, artefacts, report, known, incomplete } = found
  const cut = <T>(rows: readonly T[]): Rows<T> => ({ rows: rows.slice(0, most), all: rows.length })
  const summary = sessionSummary(counted)
  const failures = failedCalls(counted)
  const { bucketSeconds, buckets } = volumeOf(counted)
  const { principal, scope } = counted.question
  return {
    ...{ principal, scope, source: report.source, eventsRead: report.events },
    ...(summary.firstSeen && summary.lastSeen ? { firstSeen: summary.firstSeen, lastSeen: summary.lastSeen } : {}),
    ...countsOf(summary),
    identity: principalIdentity(counted),
    ...{ accountIds: summary.accountIds, regions: summary.regions, ec2RoleDelivery: summary.ec2RoleDelivery },
    issuedAt: cut(summary.issuedAt),
    accessKeyIds: cut(summary.accessKeyIds),
    siblingKeys: cut(siblingKeys(counted)),
    ...(counted.baselinePrincipal ? { baselinePrincipal: counted.baselinePrincipal } : {}),
    baseline: baselineOf(counted),
    origins: cut(attributeCalls(counted, { addresses: known.ownAddresses })),
    ...{ ips: cut(summary.ips), apis: cut(summary.apis), userAgents: cut(summary.userAgents) },
    onBehalf: cut(callsOnBehalf(counted).map((row) => ({ ...row, apis: row.apis.slice(0, FEW) }))),
    volume: { bucketSeconds, ...busyTimes(buckets, most) },
    ...{ failures: cut(failures), failuresByClass: failuresByClass(failures) },
    newlyObserved: newsOf(found, cut),
    chainedSessions: cut(chain.links.map(chainedSessionOf)),
    artefacts: { rows: firstToHunt(artefacts, most), all: artefacts.length },
    incomplete: [...incomplete.slice(0, most), ...notTold(incomplete.length - most)],
    limits: report.limits,
  }
}

/** Spikes come before what is only busy, whenever they were; told in the order of time. */
const busyTimes = (buckets: readonly VolumeBucket[], most: number): Omit<Activity['volume'], 'bucketSeconds'> => {
  const calls = ({ succeeded, failed }: VolumeBucket): number => succeeded + failed
  const busy = buckets.filter((bucket) => calls(bucket) > 0)
  const telling = (a: VolumeBucket, b: VolumeBucket): number =>
    Number(b.spikes.length > 0) - Number(a.spikes.length > 0) || calls(b) - calls(a)
  const kept = new Set(busy.toSorted(telling).slice(0, most))
  return {
    spikes: busy.filter(({ spikes }) => spikes.length > 0).length,
    buckets: { rows: busy.filter((bucket) => kept.has(bucket)), all: busy.length },
  }
}

/** What succeeded comes before what was refused, however much that is; told in the order of time. */
const firstToHunt = (artefacts: Investigation['artefacts'], most: number): Investigation['artefacts'] => {
  const rank = ({ succeeded, undoneBy }: PersistenceArtefact): number => (succeeded ? (undoneBy ? 1 : 0) : 2)
  const kept = new Set([...artefacts].sort((a, b) => rank(a) - rank(b)).slice(0, most))
  return artefacts.filter((artefact) => kept.has(artefact))
}

const notTold = (count: number): readonly string[] => (count > 0 ? [`and ${count} more gaps`] : [])

/** APIs told of each service that called on somebody's behalf. */
const FEW = 10

const countsOf = (summary: ReturnType<typeof sessionSummary>) => {
  const { events, succeeded, failed, denied, throttled, dataEvents } = summary
  return { events, succeeded, failed, denied, throttled, dataEvents }
}

const newsOf = ({ news, known }: Investigation, cut: <T>(rows: readonly T[]) => Rows<T>): NewlyObservedRows => {
  const { compared, accountRead, apis, userAgents, ips, countries, networks, increased } = news
  return {
    ...{ compared, accountRead, apis: cut(apis), userAgents: cut(userAgents), ips: cut(ips) },
    ...{ countries: cut(countries), networks: cut(networks), increased: cut(increased), places: known.places.source },
  }
}

const chainedSessionOf = ({ chainedSession, depth, revoked, activity }: ChainLink): ChainedSession => {
  if (!activity) return { ...chainedSession, depth, revoked }
  const { events, failed, firstSeen, lastSeen } = activity.summary
  return {
    ...{ ...chainedSession, depth, revoked },
    activity: { events, failed, ...(firstSeen ? { firstSeen } : {}), ...(lastSeen ? { lastSeen } : {}) },
  }
}
