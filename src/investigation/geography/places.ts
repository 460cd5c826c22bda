import { type Instant, isBefore } from '../../incident/values/instant.ts'
import { rawText, type Untrusted, untrusted } from '../../incident/values/untrusted.ts'
import type { Geography } from './geography.ts'
import { networkName } from './location.ts'
import { type AddressClass, sourceAddress } from './source-address.ts'

/** Calls from one source, as CloudTrail writes it: an address, or the name of a service. */
export interface SeenSource {
  readonly ip: Untrusted
  readonly events: number
  readonly firstSeen?: Instant
}

/** The calls from one country or network. */
export interface PlaceTally {
  readonly name: Untrusted
  /** The code of a country, the number of a network. */
  readonly code?: string
  readonly addresses: number
  readonly events: number
  readonly firstSeen?: Instant
}

/** Where calls came from. Everything is counted in countries, in networks, and once in a class of addresses. */
export interface PlaceCounts {
  readonly countries: readonly PlaceTally[]
  readonly networks: readonly PlaceTally[]
  /** Sources by what they are; only public addresses and those that GuardDuty knows have a place. */
  readonly classes: readonly { readonly class: AddressClass; readonly sources: number; readonly events: number }[]
  /** Public addresses that nobody could place. Where there are many, a place that looks new may not be. */
  readonly unplaced: { readonly country: number; readonly network: number }
}

/** Counts sources by country, network and class, the busiest first. */
export const countPlaces = (sources: Iterable<SeenSource>, { locate }: Pick<Geography, 'locate'>): PlaceCounts => {
  const countries = new Map<string, PlaceTally>()
  const networks = new Map<string, PlaceTally>()
  const classes = new Map<AddressClass, { sources: number; events: number }>()
  const unplaced = { country: 0, network: 0 }
  for (const seen of sources) {
    const ip = rawText(seen.ip)
    const { class: what } = sourceAddress(ip)
    const location = locate(ip)
    const before = classes.get(what) ?? { sources: 0, events: 0 }
    classes.set(what, { sources: before.sources + 1, events: before.events + seen.events })
    const country = location?.country && rawText(location.country)
    const network = location && networkName(location)
    if (country !== undefined) add(countries, country, location?.countryCode, seen)
    if (network !== undefined) add(networks, network, location?.asn, seen)
    if (what === 'public' && country === undefined) unplaced.country += 1
    if (what === 'public' && network === undefined) unplaced.network += 1
  }
  return {
    countries: busiestFirst(countries),
    networks: busiestFirst(networks),
    classes: [...classes].map(([name, counts]) => ({ class: name, ...counts })).sort((a, b) => b.events - a.events),
    unplaced,
  }
}

const add = (tallies: Map<string, PlaceTally>, name: string, code: string | undefined, seen: SeenSource): void => {
  const before = tallies.get(name)
  const firstSeen = earlier(before?.firstSeen, seen.firstSeen)
  tallies.set(name, {
    name: untrusted(name),
    ...(code ? { code } : {}),
    addresses: (before?.addresses ?? 0) + 1,
    events: (before?.events ?? 0) + seen.events,
    ...(firstSeen ? { firstSeen } : {}),
  })
}

const earlier = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined || (b !== undefined && isBefore(b, a)) ? b : a

const busiestFirst = (tallies: ReadonlyMap<string, PlaceTally>): readonly PlaceTally[] =>
  [...tallies].sort(([a, x], [b, y]) => y.events - x.events || (a < b ? -1 : 1)).map(([, tallied]) => tallied)
