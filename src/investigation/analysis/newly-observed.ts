import { isIP } from 'node:net'
import type { AddressPlace, LocateAddress } from '../../incident/facts/activity.ts'
import type { FirstObserved, IncreasedApi } from '../../incident/facts/activity-rows.ts'
import { isSameAddress } from '../../incident/values/address.ts'
import { floorTo, HOUR_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { epochOf } from '../../incident/values/instant.ts'
import { type Untrusted, untrusted } from '../../incident/values/untrusted.ts'
import type { Counted } from './activity-fold.ts'
import { baselineOf } from './baseline.ts'
import { apiName, apiOf, busiestFirst, type CallTotals, inOrder, totalsBy } from './call-totals.ts'
import type { NumberSet } from './number-set.ts'
import { byAgent, bySource, type OriginTable } from './origin-table.ts'
import { busiestKept, type FoldedRows } from './rows-kept.ts'
import { seenBefore } from './seen-before.ts'
import { instantAt, type TimeBucket } from './time-buckets.ts'
import type { NumberedCalls } from './totals-by-number.ts'

export interface NewlyObserved {
  /** False when there is no baseline. Then all lists are empty because nothing was compared. */
  readonly compared: boolean
  /** Whether the whole account was read: only then is something known to be new for the account. */
  readonly accountRead: boolean
  readonly apis: readonly (FirstObserved & { readonly eventSource: string; readonly service: string; readonly api: string })[]
  readonly userAgents: readonly (FirstObserved & { readonly userAgent: Untrusted })[]
  readonly ips: readonly (FirstObserved & { readonly ip: Untrusted })[]
  readonly foldedUserAgents?: FoldedRows
  readonly foldedIps?: FoldedRows
  readonly countries: readonly (FirstObserved & { readonly country: Untrusted })[]
  readonly networks: readonly (FirstObserved & { readonly network: Untrusted })[]
  readonly increased: readonly IncreasedApi[]
}

/**
 * What the calls in scope show that the baseline does not: Detective's "newly observed" panels, which its API leaves out.
 * Without a way to look addresses up there are no countries and no networks.
 */
export const newlyObserved = (
  counted: Counted,
  locate: LocateAddress = () => undefined,
  reported: readonly string[] = [],
): NewlyObserved => {
  const isReported = (ip: string): boolean => reported.some((address) => isSameAddress(address, ip))
  const accountRead = counted.question.wholeAccount
  const compared = baselineOf(counted).days > 0
  if (!compared) return { compared, accountRead, ...NOTHING }
  const { account } = counted
  const before = seenBefore(counted)
  const apisBefore = new Set([...before.calls].map(apiName))
  const places = placesBySource(counted.origins, locate)
  const userAgents = newRows(counted, byAgent(counted.origins), before.userAgents, account.userAgents)
  const ips = newRows(counted, addressesIn(counted.origins), before.sources, account.sources, isReported)
  return {
    compared,
    accountRead,
    apis: newIn(counted, ({ call }) => apiName(call), apisBefore, account.apis).map(([name, found]) => {
      const { eventSource, service, api } = apiOf(name)
      return { eventSource, service, api, ...found }
    }),
    userAgents: userAgents.rows.map(([name, found]) => ({ userAgent: untrusted(name), ...found })),
    ips: ips.rows.map(([name, found]) => ({ ip: untrusted(name), ...found })),
    ...given({ foldedUserAgents: userAgents.folded, foldedIps: ips.folded }),
    countries: newPlaces(counted, places, (place) => place?.country).map(([name, found]) => ({
      country: untrusted(name),
      ...found,
    })),
    networks: newPlaces(counted, places, (place) => place?.network).map(([name, found]) => ({
      network: untrusted(name),
      ...found,
    })),
    increased: increasedApis(counted),
  }
}

const NOTHING = { apis: [], userAgents: [], ips: [], countries: [], networks: [], increased: [] }

/** By the addresses of calls; a service that called has none. */
const addressesIn = (origins: OriginTable): NumberedCalls => {
  const sources = bySource(origins)
  return {
    ...sources,
    numberOf: (bucket) => {
      const number = sources.numberOf(bucket)
      return isIP(sources.nameOf(number)) === 0 ? undefined : number
    },
  }
}

/** The names in scope that are not in the baseline, the busiest first. */
const newIn = (
  counted: Counted,
  name: (bucket: TimeBucket) => string | undefined,
  before: Names,
  others: ReadonlyMap<string, number>,
): readonly (readonly [string, FirstObserved])[] => {
  const now = [...totalsBy(counted.recent, name)].filter(([of]) => !before.has(of))
  return busiestFirst(now).map(([of, counts]) => [of, newAs(counted, counts, others.get(of))])
}

/** The same by number: there may be very many. */
const newRows = (
  counted: Counted,
  by: NumberedCalls,
  before: NumberSet,
  others: ReadonlyMap<string, number>,
  isKept?: (name: string) => boolean,
): NewRows => {
  const numberOf = (bucket: TimeBucket): number | undefined => {
    const number = by.numberOf(bucket)
    return number === undefined || before.has(number) ? undefined : number
  }
  const { rows, folded } = busiestKept(counted.recent, { ...by, numberOf, ...given({ isKept }) })
  return { rows: rows.map(([of, counts]) => [of, newAs(counted, counts, others.get(of))]), ...given({ folded }) }
}

interface NewRows {
  readonly rows: readonly (readonly [string, FirstObserved])[]
  readonly folded?: FoldedRows
}

type Names = Pick<ReadonlySet<string>, 'has'>

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

/** Where calls came from, by the number of their source. */
interface Places {
  readonly locate: LocateAddress
  of(source: number): AddressPlace | undefined
}

const newPlaces = (
  counted: Counted,
  places: Places,
  nameOf: (place: AddressPlace | undefined) => string | undefined,
): readonly (readonly [string, FirstObserved])[] => {
  const others = new Map<string, number>()
  for (const [source, at] of counted.account.sources) {
    const place = nameOf(places.locate(source))
    if (place !== undefined) others.set(place, Math.min(others.get(place) ?? at, at))
  }
  const before = new Set<string>()
  const { sources } = seenBefore(counted)
  for (let source = 0; source < sources.length; source += 1) {
    const place = sources.has(source) ? nameOf(places.of(source)) : undefined
    if (place !== undefined) before.add(place)
  }
  return newIn(counted, ({ origin }) => nameOf(places.of(origin.sourceNumber)), before, others)
}

/** Looks each address up once: there are many calls, and few places. */
const placesBySource = (origins: OriginTable, locate: LocateAddress): Places => {
  const { numbers, nameOf } = bySource(origins)
  const places: (AddressPlace | undefined)[] = []
  const known = new Map<string | undefined, number>()
  const placeOf = new Uint32Array(numbers)
  const NOT_ASKED = 0
  const of = (source: number): AddressPlace | undefined => {
    const before = placeOf[source] ?? NOT_ASKED
    if (before !== NOT_ASKED) return places[before - 1]
    const name = nameOf(source)
    const place = isIP(name) === 0 ? undefined : locate(name)
    const text = JSON.stringify(place)
    const number = known.get(text) ?? places.push(place) - 1
    known.set(text, number)
    placeOf[source] = number + 1
    return places[number]
  }
  return { locate, of }
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
  const busy = new Map([...now].filter(([, use]) => busiestHourOf(use) >= INCREASE_CALLS))
  const before = busy.size === 0 ? busy : perHour(baseline, (name) => busy.has(name))
  return [...busy].flatMap(([name, use]) => increaseOf(name, use, before.get(name))).sort(byBusiestHour)
}

interface Use {
  readonly hours: Map<number, number>
  events: number
  first: number
}

const perHour = (buckets: Iterable<TimeBucket>, isCounted: (name: string) => boolean): ReadonlyMap<string, Use> => {
  const uses = new Map<string, Use>()
  const byCall = new Map<TimeBucket['call'], Use | undefined>()
  const useOf = (call: TimeBucket['call'], first: number): Use | undefined => {
    const name = apiName(call)
    const use = isCounted(name) ? (uses.get(name) ?? { hours: new Map<number, number>(), events: 0, first }) : undefined
    if (use) uses.set(name, use)
    byCall.set(call, use)
    return use
  }
  for (const { call, start, events, first } of buckets) {
    const use = byCall.has(call) ? byCall.get(call) : useOf(call, first)
    if (!use) continue
    const hour = floorTo(start, HOUR_MS)
    use.hours.set(hour, (use.hours.get(hour) ?? 0) + events)
    use.events += events
    use.first = Math.min(use.first, first)
  }
  return uses
}

const busiestHourOf = ({ hours }: Use): number => [...hours.values()].reduce((most, events) => Math.max(most, events), 0)

const increaseOf = (name: string, now: Use, before: Use | undefined): readonly IncreasedApi[] => {
  if (!before) return []
  const [busiestHour, busiestHourBefore] = [busiestHourOf(now), busiestHourOf(before)]
  if (busiestHour < INCREASE_TIMES * busiestHourBefore) return []
  const { eventSource, service, api } = apiOf(name)
  return [{ eventSource, service, api, firstSeen: instantAt(now.first), events: now.events, busiestHour, busiestHourBefore }]
}

const byBusiestHour = (a: IncreasedApi, b: IncreasedApi): number =>
  b.busiestHour - a.busiestHour || inOrder(`${a.eventSource} ${a.api}`, `${b.eventSource} ${b.api}`)
