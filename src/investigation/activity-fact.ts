import type { Activity, ArtefactCounts, NewlyObservedRows, Rows } from '../incident/facts/activity.ts'
import type { ChainedSession, VolumeBucket } from '../incident/facts/activity-rows.ts'
import type { Cause } from '../incident/facts/cause.ts'
import { byGravity } from '../incident/facts/gravity.ts'
import { given } from '../incident/values/given.ts'
import type { ChainLink } from './analysis/chained-sessions.ts'
import { failuresByClass } from './analysis/failed-calls.ts'
import type { FoldedRows } from './analysis/rows-kept.ts'
import type { SessionSummary } from './analysis/session-summary.ts'
import type { Investigation } from './investigation.ts'
import { type OrderedLists, orderedLists, sessionsByGravity } from './order-by-gravity.ts'

/** Rows that a fact holds of each list, the most important first, because a line of the journal has a limit. */
const ROWS = 200

/** What an investigation found, as a fact: plain JSON, its lists cut. */
export const activityFact = (found: Investigation, most: number = ROWS): Activity => {
  const { summary, counted, report, incomplete } = found
  const cut = <T>(rows: readonly T[]): Rows<T> => ({ rows: rows.slice(0, most), all: rows.length })
  const lists = orderedLists(found)
  const { principal, scope } = counted.question
  return {
    ...{ principal, scope, source: report.source, eventsRead: report.events },
    ...(summary.firstSeen && summary.lastSeen ? { firstSeen: summary.firstSeen, lastSeen: summary.lastSeen } : {}),
    ...countsOf(summary),
    identity: found.identity,
    ...{ accountIds: summary.accountIds, regions: summary.regions, ec2RoleDelivery: summary.ec2RoleDelivery },
    issuedAt: cut(summary.issuedAt),
    accessKeyIds: cut(summary.accessKeyIds),
    siblingKeys: cut(lists.siblingKeys),
    userKeys: cut(found.userKeys),
    ...given({ baselinePrincipal: counted.baselinePrincipal }),
    baseline: found.baseline,
    ...given({ comparedFrom: counted.comparedFrom }),
    origins: withFolded(cut(lists.origins), found.attributedCalls.folded),
    cause: cutCause(found.cause, most),
    ips: withFolded(cut(lists.ips), [summary.foldedIps]),
    apis: cut(lists.apis),
    userAgents: withFolded(cut(lists.userAgents), [summary.foldedUserAgents]),
    onBehalf: cut(found.onBehalf.map((row) => ({ ...row, apis: row.apis.slice(0, FEW) }))),
    volume: { bucketSeconds: found.volume.bucketSeconds, ...busyTimes(found.volume.buckets, most) },
    ...{ failures: cut(lists.failures), failuresByClass: failuresByClass(found.failedCalls) },
    newlyObserved: newlyObservedRows(found, lists.newlyObserved, cut),
    chainedSessions: keptInOrder(found.chain.links.map(chainedSessionOf), sessionsByGravity, most),
    credentialCalls: found.credentialCalls.slice(0, most),
    objects: objectsOf(found.objects, Math.min(most, MOST_OBJECT_ROWS)),
    artefacts: keptInOrder(found.artefacts, byGravity, most),
    artefactCounts: artefactCounts(found.artefacts),
    incomplete: [...incomplete.slice(0, most), ...moreGaps(incomplete.length - most)],
    coverage: { ...found.coverage, mentionedIn: found.coverage.mentionedIn.slice(0, most) },
    limits: report.limits,
  }
}

/** Nobody reads more of them on a screen; the JSON line has them. */
const MOST_OBJECT_ROWS = 2_000

const objectsOf = (
  { rows, totals, folded, foldedAfter }: Investigation['objects'],
  most: number,
): NonNullable<Activity['objects']> => ({
  rows: rows.slice(0, most).map((store) => ({ ...store, items: store.items.slice(0, FEW) })),
  all: folded.reduce((sum, { stores }) => sum + stores, rows.length),
  totals,
  ...given({ folded: rows.length + folded.length > most ? foldedAfter(most) : undefined }),
})

/** The number of all rows has those that are counted together. */
const withFolded = <T>({ rows, all }: Rows<T>, folded: readonly (FoldedRows | undefined)[]): Rows<T> => ({
  rows,
  all: folded.reduce((sum, each) => sum + (each?.names ?? 0), all),
})

/** Of what was done, the latest are kept: they stand nearest to the theft; of callers, the busiest. */
const cutCause = (cause: Cause, most: number): Cause => ({
  ...cause,
  obtainedBy: cause.obtainedBy.slice(0, most),
  events: cause.events.slice(-Math.max(1, most)),
  eventsLeftOut: cause.eventsLeftOut + Math.max(0, cause.events.length - Math.max(1, most)),
  sameAddress: cause.sameAddress.slice(0, most),
  sameAddressLeftOut: cause.sameAddressLeftOut + Math.max(0, cause.sameAddress.length - most),
})

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

/** Keeps the gravest rows, in the order in which they were given. */
const keptInOrder = <T>(rows: readonly T[], inOrder: (rows: readonly T[]) => readonly T[], most: number): Rows<T> => {
  const kept = rows.length > most ? new Set(inOrder(rows).slice(0, most)) : undefined
  return { rows: kept ? rows.filter((row) => kept.has(row)) : rows, all: rows.length }
}

const artefactCounts = (artefacts: Investigation['artefacts']): ArtefactCounts => {
  const succeeded = artefacts.filter((artefact) => artefact.succeeded)
  const undone = succeeded.filter(({ undoneBy }) => undoneBy !== undefined).length
  return {
    ...{ inPlace: succeeded.length - undone, undone, failed: artefacts.length - succeeded.length },
    calls: artefacts.reduce((sum, { times }) => sum + (times?.count ?? 1), 0),
  }
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
  { apis, userAgents, ips }: OrderedLists['newlyObserved'],
  cut: <T>(rows: readonly T[]) => Rows<T>,
): NewlyObservedRows => {
  const { compared, accountRead, countries, networks, increased, foldedUserAgents, foldedIps } = newlyObserved
  return {
    ...{ compared, accountRead, apis: cut(apis) },
    userAgents: withFolded(cut(userAgents), [foldedUserAgents]),
    ips: withFolded(cut(ips), [foldedIps]),
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
