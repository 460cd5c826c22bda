import type { Finding, RemoteAddress } from '../../incident/finding/finding.ts'
import { given } from '../../incident/values/given.ts'
import { epochOf } from '../../incident/values/instant.ts'
import { rawText, type Untrusted, untrusted } from '../../incident/values/untrusted.ts'
import { asnDigits, namedCountry, type PlaceRow } from './database-row.ts'
import type { PlaceDatabase } from './place-database.ts'
import { sourceAddress } from './source-address.ts'

/** Where an address is, and who says so. */
export interface AddressLocation {
  /** ISO 3166 alpha-2; missing when a source uses a name that has none. */
  readonly countryCode?: string
  /** The English name. */
  readonly country?: Untrusted
  readonly city?: Untrusted
  /** The number of the autonomous system, digits only. */
  readonly asn?: string
  /** Who announces the network (ASO). */
  readonly network?: Untrusted
  /** `GuardDuty`, or the label of a database. */
  readonly sources: { readonly country?: string; readonly network?: string }
}

/** The network with its number, as far as both are known. */
export const networkName = ({ asn, network }: Pick<AddressLocation, 'asn' | 'network'>): string | undefined => {
  const parts = [asn && `AS${asn}`, network && rawText(network)].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join(' ')
}

/** What GuardDuty's findings say of addresses. */
interface GuardDutyPlaces {
  /** Several findings may speak of one address; the first counts. */
  readonly byAddress: ReadonlyMap<string, readonly PlaceRow[]>
  /** Databases spell an organisation in another way; one network must not count as two. */
  readonly networkByAsn: ReadonlyMap<string, string>
}

/** Takes the addresses out of findings. */
export const guardDutyPlaces = (known: readonly RemoteAddress[]): GuardDutyPlaces => {
  const byAddress = new Map<string, PlaceRow[]>()
  const networkByAsn = new Map<string, string>()
  for (const remote of known) {
    const { address } = sourceAddress(remote.ip ?? '')
    const row = rowOf(remote)
    if (address !== undefined) byAddress.set(address, [...(byAddress.get(address) ?? []), row])
    if (row.asn !== undefined && row.network !== undefined && !networkByAsn.has(row.asn)) networkByAsn.set(row.asn, row.network)
  }
  return { byAddress, networkByAsn }
}

const rowOf = ({ country, city, asn, network }: RemoteAddress): PlaceRow => {
  const digits = asnDigits(asn)
  return {
    ...namedCountry(country && rawText(country)),
    ...given({
      city: city ? rawText(city) : undefined,
      asn: digits || undefined,
      network: network ? rawText(network) : undefined,
    }),
  }
}

/** Puts together what is known of a source: each of country and network from the first that knows it. */
export const locationOf = (
  source: string,
  { byAddress, networkByAsn }: GuardDutyPlaces,
  databases: readonly PlaceDatabase[],
): AddressLocation | undefined => {
  const { class: what, address } = sourceAddress(source)
  if (address === undefined) return undefined
  const said = [
    ...(byAddress.get(address) ?? []).map((row) => ({ source: 'GuardDuty', row })),
    ...(what === 'public' ? databases.map((database) => ({ source: database.label, row: database.find(address) })) : []),
  ]
  const country = said.find(({ row }) => row?.country !== undefined)
  const network = said.find(({ row }) => row?.asn !== undefined || row?.network !== undefined)
  return country || network ? merged(country, network, networkByAsn) : undefined
}

interface LocationSource {
  readonly source: string
  readonly row: PlaceRow | undefined
}

const merged = (
  place: LocationSource | undefined,
  net: LocationSource | undefined,
  networkByAsn: ReadonlyMap<string, string>,
): AddressLocation => {
  const { countryCode, country, city } = place?.row ?? {}
  const { asn, network } = net?.row ?? {}
  const name = (asn && networkByAsn.get(asn)) ?? network
  return {
    ...given({
      countryCode: countryCode || undefined,
      country: country ? untrusted(country) : undefined,
      city: city ? untrusted(city) : undefined,
      asn: asn || undefined,
      network: name ? untrusted(name) : undefined,
    }),
    sources: given({ country: place?.source, network: net?.source }),
  }
}

/**
 * Where GuardDuty itself says that addresses are: address, country, city, network and its number, as `openGeography({ known })` takes
 * them. The most recently updated finding speaks first; each finding knows its latest address only.
 */
export const findingPlaces = (findings: readonly Finding[]): readonly RemoteAddress[] =>
  [...findings]
    .sort((a, b) => epochOf(b.updatedAt) - epochOf(a.updatedAt))
    .flatMap(({ action, sampleMarks }) => (action?.remote?.ip === undefined || sampleMarks.length > 0 ? [] : [action.remote]))
