import type { ApiRow } from '../../incident/facts/activity-rows.ts'
import { isSameAddress } from '../../incident/values/address.ts'
import { floorTo, HOUR_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { Instant } from '../../incident/values/instant.ts'
import { type Untrusted, untrusted } from '../../incident/values/untrusted.ts'
import type { Counted } from './activity-fold.ts'
import { apiName, apiOf, busiestFirst, type CallTotals, inOrder, totalsBy } from './call-totals.ts'
import { byAgent, bySource } from './origin-table.ts'
import { busiestKept, type FoldedRows } from './rows-kept.ts'
import { instantAt, type TimeBucket } from './time-buckets.ts'

/**
 * When a key, a role or whoever was asked about was active, and with what. Counts are exact, lists complete; of very many addresses and
 * user agents, the usual ones are counted together.
 */
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
  readonly foldedIps?: FoldedRows
  readonly apis: readonly ApiRow[]
  readonly userAgents: readonly { readonly userAgent: Untrusted; readonly events: number; readonly gravest?: string }[]
  readonly foldedUserAgents?: FoldedRows
  /** Hours with calls in them, in order. */
  readonly hours: readonly { readonly hour: Instant; readonly succeeded: number; readonly failed: number }[]
}

/** Sums up the calls in scope. The addresses that a finding reports are listed, however many there are. */
export const sessionSummary = (
  { scope, origins }: Pick<Counted, 'scope' | 'origins'>,
  reported: readonly string[] = [],
): SessionSummary => {
  const isKept = (ip: string): boolean => reported.some((address) => isSameAddress(address, ip))
  const ips = busiestKept(scope, { ...bySource(origins), isKept })
  const userAgents = busiestKept(scope, byAgent(origins))
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
    ips: ips.rows.map(([ip, { succeeded, failed }]) => ({
      ip: untrusted(ip),
      events: succeeded + failed,
      failed,
    })),
    apis: apiRows(scope),
    userAgents: userAgents.rows.map(([agent, { succeeded, failed }]) => ({
      userAgent: untrusted(agent),
      events: succeeded + failed,
    })),
    ...given({ foldedIps: ips.folded, foldedUserAgents: userAgents.folded }),
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
