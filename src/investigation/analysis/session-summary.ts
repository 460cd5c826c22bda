import type { ApiRow } from '../../incident/facts/activity-rows.ts'
import { floorTo, HOUR_MS } from '../../incident/values/duration.ts'
import type { Instant } from '../../incident/values/instant.ts'
import { type Untrusted, untrusted } from '../../incident/values/untrusted.ts'
import type { Counted } from './activity-fold.ts'
import { agentName, apiName, apiOf, busiestFirst, type CallTotals, inOrder, sourceName, totalsBy } from './call-totals.ts'
import { instantAt, type TimeBucket } from './time-buckets.ts'

/** When a key, a role or whoever was asked about was active, and with what. Counts are exact, lists complete. */
export interface SessionSummary {
  readonly firstSeen?: Instant
  readonly lastSeen?: Instant
  readonly events: number
  readonly succeeded: number
  /** All calls with an error: the denied, the throttled and the others. */
  readonly failed: number
  readonly denied: number
  readonly throttled: number
  /** Data events among them, such as reads of S3 objects: LookupEvents never has any. */
  readonly dataEvents: number
  readonly accessKeyIds: readonly string[]
  readonly issuedAt: readonly Instant[]
  /** How EC2 handed the credentials out: 1.0 is IMDSv1, 2.0 is IMDSv2. */
  readonly ec2RoleDelivery: readonly string[]
  readonly accountIds: readonly string[]
  readonly regions: readonly string[]
  readonly sessions: readonly Untrusted[]
  readonly ips: readonly { readonly ip: Untrusted; readonly events: number; readonly failed: number; readonly gravest?: string }[]
  readonly apis: readonly ApiRow[]
  readonly userAgents: readonly { readonly userAgent: Untrusted; readonly events: number; readonly gravest?: string }[]
  /** Hours with calls in them, in order. */
  readonly hours: readonly { readonly hour: Instant; readonly succeeded: number; readonly failed: number }[]
}

/** Sums up the calls in scope. */
export const sessionSummary = ({ scope }: Pick<Counted, 'scope'>): SessionSummary => {
  const total = totalsBy(scope, () => 'all').get('all')
  return {
    ...(total ? { firstSeen: instantAt(total.first), lastSeen: instantAt(total.last) } : {}),
    events: total ? total.succeeded + total.failed : 0,
    succeeded: total?.succeeded ?? 0,
    failed: total?.failed ?? 0,
    denied: eventsOf(scope, ({ call }) => call.outcome === 'denied'),
    throttled: eventsOf(scope, ({ call }) => call.outcome === 'throttled'),
    dataEvents: eventsOf(scope, ({ call }) => call.category === 'data'),
    accessKeyIds: namesIn(scope, ({ caller }) => caller.accessKeyId),
    issuedAt: namesIn(scope, ({ caller }) => caller.issuedAt),
    ec2RoleDelivery: namesIn(scope, ({ caller }) => caller.delivery),
    accountIds: namesIn(scope, ({ caller }) => caller.accountId),
    regions: namesIn(scope, ({ call }) => call.region),
    sessions: namesIn(scope, ({ caller }) => caller.sessionArn).map(untrusted),
    ips: busiestFirst(totalsBy(scope, sourceName)).map(([ip, { succeeded, failed }]) => ({
      ip: untrusted(ip),
      events: succeeded + failed,
      failed,
    })),
    apis: apiRows(scope),
    userAgents: busiestFirst(totalsBy(scope, agentName)).map(([agent, { succeeded, failed }]) => ({
      userAgent: untrusted(agent),
      events: succeeded + failed,
    })),
    hours: hoursOf(scope),
  }
}

const eventsOf = (buckets: Iterable<TimeBucket>, counts: (bucket: TimeBucket) => boolean): number => {
  let events = 0
  for (const bucket of buckets) if (counts(bucket)) events += bucket.events
  return events
}

const namesIn = <T extends string>(buckets: Iterable<TimeBucket>, name: (bucket: TimeBucket) => T | undefined): readonly T[] => {
  const names = new Set<T>()
  for (const bucket of buckets) {
    const found = name(bucket)
    if (found !== undefined) names.add(found)
  }
  return [...names].sort(inOrder)
}

/** API methods by service, the busiest first. */
export const apiRows = (buckets: Iterable<TimeBucket>): readonly ApiRow[] =>
  busiestFirst(totalsBy(buckets, ({ call }) => apiName(call))).map(([name, { succeeded, failed }]) => {
    const { eventSource, service, api } = apiOf(name)
    return { eventSource, service, api, succeeded, failed }
  })

const hoursOf = (buckets: Iterable<TimeBucket>): SessionSummary['hours'] => {
  const hours = new Map<number, CallTotals>()
  for (const [name, counts] of totalsBy(buckets, ({ start }) => String(floorTo(start, HOUR_MS)))) hours.set(Number(name), counts)
  return [...hours]
    .sort(([a], [b]) => a - b)
    .map(([hour, { succeeded, failed }]) => ({ hour: instantAt(hour), succeeded, failed }))
}
