import type { AttributedCalls, ChainedSession, FailedApi, SiblingKey } from '../incident/facts/activity-rows.ts'
import { rawText, type Untrusted } from '../incident/values/untrusted.ts'
import { apisByGravity, gravestBy, rankOfApi } from './analysis/api-gravity.ts'
import { agentName, sourceName } from './analysis/call-totals.ts'
import type { NewlyObserved } from './analysis/newly-observed.ts'
import type { SessionSummary } from './analysis/session-summary.ts'
import type { TimeBucket } from './analysis/time-buckets.ts'
import type { Investigation } from './investigation.ts'

/** The lists of an investigation, ordered so that a cut at their end leaves the gravest: nothing is left out here. */
export interface OrderedLists {
  readonly ips: SessionSummary['ips']
  readonly userAgents: SessionSummary['userAgents']
  readonly apis: SessionSummary['apis']
  readonly origins: readonly AttributedCalls[]
  readonly failures: readonly FailedApi[]
  readonly siblingKeys: readonly SiblingKey[]
  readonly newlyObserved: Pick<NewlyObserved, 'apis' | 'userAgents' | 'ips'>
}

/** Whoever may be the attacker comes before the workload; then the gravest call decides, and the number of calls. */
export const orderedLists = (found: Pick<Investigation, 'counted' | 'summary' | 'attributedCalls'> & Lists): OrderedLists => {
  const { counted, summary, attributedCalls, newlyObserved } = found
  const bySource = gravestBy(
    counted.scope,
    listed(
      sourceName,
      summary.ips.map(({ ip }) => ip),
    ),
  )
  const byAgent = gravestBy(
    counted.scope,
    listed(
      agentName,
      summary.userAgents.map(({ userAgent }) => userAgent),
    ),
  )
  const suspicion = suspicionBySource(attributedCalls.rows)
  const ofSource = (source: Untrusted): readonly number[] => [
    suspicion.get(rawText(source)) ?? LEAST,
    bySource.get(rawText(source))?.rank ?? LEAST,
  ]
  const ofAgent = (agent: Untrusted): readonly number[] => [byAgent.get(rawText(agent))?.rank ?? LEAST]
  return {
    ips: ordered(
      summary.ips.map((row) => ({ ...row, ...apiOf(bySource, row.ip) })),
      ({ ip, events }) => [...ofSource(ip), -events],
    ),
    userAgents: ordered(
      summary.userAgents.map((row) => ({ ...row, ...apiOf(byAgent, row.userAgent) })),
      ({ userAgent, events }) => [...ofAgent(userAgent), -events],
    ),
    apis: apisByGravity(summary.apis),
    origins: ordered(attributedCalls.rows, ({ attribution, source, succeeded, failed }) => [
      SUSPICION[attribution],
      ...ofSource(source),
      -(succeeded + failed),
    ]),
    failures: ordered(found.failedCalls, ({ eventSource, api, events }) => [rankOfApi({ eventSource, eventName: api }), -events]),
    siblingKeys: ordered(found.siblingKeys, ({ sameIssueTime, events }) => [Number(!sameIssueTime), -events]),
    newlyObserved: {
      apis: ordered(newlyObserved.apis, ({ eventSource, api, events }) => [rankOfApi({ eventSource, eventName: api }), -events]),
      userAgents: ordered(newlyObserved.userAgents, ({ userAgent, events }) => [...ofAgent(userAgent), -events]),
      ips: ordered(newlyObserved.ips, ({ ip, events }) => [...ofSource(ip), -events]),
    },
  }
}

type NameOf = (bucket: TimeBucket) => string

/** The name, where it has a row. */
const listed = (nameOf: NameOf, rows: readonly Untrusted[]) => {
  const names = new Set(rows.map(rawText))
  return (bucket: TimeBucket): string | undefined => {
    const name = nameOf(bucket)
    return names.has(name) ? name : undefined
  }
}

type Lists = Pick<Investigation, 'failedCalls' | 'siblingKeys' | 'newlyObserved'>

const LEAST = Number.MAX_SAFE_INTEGER

const SUSPICION: Readonly<Record<AttributedCalls['attribution'], number>> = { external: 0, ambiguous: 1, workload: 2, service: 3 }

const suspicionBySource = (attributed: readonly AttributedCalls[]): ReadonlyMap<string, number> => {
  const bySource = new Map<string, number>()
  for (const { source, attribution } of attributed) {
    const name = rawText(source)
    bySource.set(name, Math.min(bySource.get(name) ?? LEAST, SUSPICION[attribution]))
  }
  return bySource
}

const apiOf = (gravest: ReadonlyMap<string, { readonly api: string }>, name: Untrusted): { readonly gravest?: string } => {
  const api = gravest.get(rawText(name))?.api
  return api === undefined ? {} : { gravest: api }
}

/** By several numbers, the first that differs; what has the same ones stays in its order. */
const ordered = <T>(rows: readonly T[], keys: (row: T) => readonly number[]): readonly T[] =>
  rows
    .map((row) => ({ row, by: keys(row) }))
    .sort((a, b) => firstDifference(a.by, b.by))
    .map(({ row }) => row)

const firstDifference = (a: readonly number[], b: readonly number[]): number => {
  const at = a.findIndex((value, index) => value !== b[index])
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

/**
 * Chained sessions, the most dangerous first: those that the revocation does not deny, those that were used, the nearest to the stolen
 * key; refused requests last.
 */
export const sessionsByGravity = (sessions: readonly ChainedSession[]): readonly ChainedSession[] =>
  ordered(sessions, ({ succeeded, revoked, activity, depth }) => [
    Number(!succeeded),
    Number(revoked),
    -Math.min(activity?.events ?? 1, 1),
    depth,
    -(activity?.events ?? 0),
  ])
