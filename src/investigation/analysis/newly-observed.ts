import { isIP } from 'node:net'
import type { AddressPlace, LocateAddress } from '../../incident/facts/activity.ts'
import type { FirstObserved, IncreasedApi } from '../../incident/facts/activity-rows.ts'
import { floorTo, HOUR_MS } from '../../incident/values/duration.ts'
import { epochOf } from '../../incident/values/instant.ts'
import { type Untrusted, untrusted } from '../../incident/values/untrusted.ts'
import type { Counted } from './activity-fold.ts'
import { baselineOf } from './baseline.ts'
import { agentName, apiName, apiOf, busiestFirst, type CallTotals, inOrder, sourceName, totalsBy } from './call-totals.ts'
import { instantAt, type TimeBucket } from './time-buckets.ts'

export interface NewlyObserved {
  /** False when there is no baseline. Then all lists are empty because nothing was compared. */
  readonly compared: boolean
  /** Whether the whole account was read: only then is something known to be new for the account. */
  readonly accountRead: boolean
  readonly apis: readonly (FirstObserved & { readonly eventSource: string; readonly service: string; readonly api: string })[]
  readonly userAgents: readonly (FirstObserved & { readonly userAgent: Untrusted })[]
  readonly ips: readonly (FirstObserved & { readonly ip: Untrusted })[]
  readonly countries: readonly (FirstObserved & { readonly country: Untrusted })[]
  readonly networks: readonly (FirstObserved & { readonly network: Untrusted })[]
  readonly increased: readonly IncreasedApi[]
}

/**
 * What the calls in scope show that the baseline does not: Detective's "newly observed" panels, which its API leaves out.
 * Without a way to look addresses up there are no countries and no networks.
 */
export const newlyObserved = (counted: Counted, locate: LocateAddress = () => undefined): NewlyObserved => {
  const accountRead = counted.question.wholeAccount
  const compared = baselineOf(counted).days > 0
  if (!compared) return { compared, accountRead, ...NOTHING }
  const { account } = counted
  const places = remembered(locate)
  const before = namesBefore(counted)
  return {
    compared,
    accountRead,
    apis: newIn(counted, ({ call }) => apiName(call), before.apis, account.apis).map(([name, found]) => {
      const { eventSource, service, api } = apiOf(name)
      return { eventSource, service, api, ...found }
    }),
    userAgents: newIn(counted, agentName, before.userAgents, account.userAgents).map(([name, found]) => ({
      userAgent: untrusted(name),
      ...found,
    })),
    ips: newIn(counted, addressOf, before.sources, account.sources).map(([name, found]) => ({ ip: untrusted(name), ...found })),
    countries: newPlaces(counted, before, (ip) => places(ip)?.country).map(([name, found]) => ({
      country: untrusted(name),
      ...found,
    })),
    networks: newPlaces(counted, before, (ip) => places(ip)?.network).map(([name, found]) => ({
      network: untrusted(name),
      ...found,
    })),
    increased: increasedApis(counted),
  }
}

const NOTHING = { apis: [], userAgents: [], ips: [], countries: [], networks: [], increased: [] }

/** What the baseline shows, by name. */
interface NamesBefore {
  readonly apis: ReadonlySet<string>
  readonly userAgents: ReadonlySet<string>
  readonly sources: ReadonlySet<string>
}

/** In one iteration: a baseline has many buckets and few names. */
const namesBefore = ({ baseline }: Counted): NamesBefore => {
  const calls = new Set<TimeBucket['call']>()
  const origins = new Set<TimeBucket['origin']>()
  for (const { call, origin } of baseline) {
    calls.add(call)
    origins.add(origin)
  }
  return {
    apis: new Set([...calls].map(apiName)),
    userAgents: new Set([...origins].map((origin) => agentName({ origin }))),
    sources: new Set([...origins].map((origin) => sourceName({ origin }))),
  }
}

/** The address of a call; a service that called has none. */
const addressOf = (bucket: TimeBucket): string | undefined => ipOf(sourceName(bucket))

const ipOf = (source: string): string | undefined => (isIP(source) === 0 ? undefined : source)

/** The names in scope that are not in the baseline, the busiest first. */
const newIn = (
  counted: Counted,
  name: (bucket: TimeBucket) => string | undefined,
  before: ReadonlySet<string>,
  others: ReadonlyMap<string, number>,
): readonly (readonly [string, FirstObserved])[] => {
  const now = [...totalsBy(counted.recent, name)].filter(([of]) => !before.has(of))
  return busiestFirst(now).map(([of, counts]) => [of, newAs(counted, counts, others.get(of))])
}

const newAs = (
  { question, baselineRange }: Counted,
  { succeeded, failed, first }: CallTotals,
  seen: number | undefined,
): FirstObserved => {
  const before = baselineRange ? epochOf(baselineRange.until) : first
  const known = seen !== undefined && seen < before
  return {
    firstSeen: instantAt(first),
    events: succeeded + failed,
    newFor: question.wholeAccount && !known ? 'account' : 'role',
  }
}

const newPlaces = (
  counted: Counted,
  { sources }: NamesBefore,
  placeOf: (ip: string) => string | undefined,
): readonly (readonly [string, FirstObserved])[] => {
  const others = new Map<string, number>()
  for (const [source, at] of counted.account.sources) {
    const place = placeOf(source)
    if (place !== undefined) others.set(place, Math.min(others.get(place) ?? at, at))
  }
  const placeIn = (source: string): string | undefined => {
    const ip = ipOf(source)
    return ip === undefined ? undefined : placeOf(ip)
  }
  const before = new Set([...sources].map(placeIn).filter((place) => place !== undefined))
  return newIn(counted, (bucket) => placeIn(sourceName(bucket)), before, others)
}

/** Looks each address up once. */
const remembered = (locate: LocateAddress): LocateAddress => {
  const known = new Map<string, AddressPlace | undefined>()
  return (ip) => {
    if (!known.has(ip)) known.set(ip, locate(ip))
    return known.get(ip)
  }
}

/** The rule that marks an API as called more than before, in words for the responder. */
export const INCREASE_RULE =
  'The call volume of an API has increased when its busiest hour has at least 10 calls, and at least three times the calls of its busiest hour in the baseline.'

const INCREASE_CALLS = 10
const INCREASE_TIMES = 3

/**
 * API methods that the baseline knows and that were called far more in scope. Busiest hours are compared, not means: a
 * job that makes all its calls in one hour of the day is not an increase.
 */
const increasedApis = ({ recent, baseline }: Pick<Counted, 'recent' | 'baseline'>): readonly IncreasedApi[] => {
  const now = perHour(recent, () => true)
  const before = perHour(baseline, (name) => now.has(name))
  return [...now].flatMap(([name, use]) => increaseOf(name, use, before.get(name))).sort(byBusiestHour)
}

interface Use {
  readonly hours: Map<number, number>
  events: number
  first: number
}

const perHour = (buckets: Iterable<TimeBucket>, isCounted: (name: string) => boolean): ReadonlyMap<string, Use> => {
  const uses = new Map<string, Use>()
  const names = new Map<TimeBucket['call'], string>()
  for (const { call, start, events, first } of buckets) {
    const name = names.get(call) ?? apiName(call)
    names.set(call, name)
    if (!isCounted(name)) continue
    const use = uses.get(name) ?? { hours: new Map<number, number>(), events: 0, first }
    const hour = floorTo(start, HOUR_MS)
    use.hours.set(hour, (use.hours.get(hour) ?? 0) + events)
    use.events += events
    use.first = Math.min(use.first, first)
    uses.set(name, use)
  }
  return uses
}

const increaseOf = (name: string, now: Use, before: Use | undefined): readonly IncreasedApi[] => {
  if (!before) return []
  const busiestHour = Math.max(...now.hours.values())
  const busiestHourBefore = Math.max(...before.hours.values())
  if (busiestHour < INCREASE_CALLS || busiestHour < INCREASE_TIMES * busiestHourBefore) return []
  const { eventSource, service, api } = apiOf(name)
  return [{ eventSource, service, api, firstSeen: instantAt(now.first), events: now.events, busiestHour, busiestHourBefore }]
}

const byBusiestHour = (a: IncreasedApi, b: IncreasedApi): number =>
  b.busiestHour - a.busiestHour || inOrder(`${a.eventSource} ${a.api}`, `${b.eventSource} ${b.api}`)
