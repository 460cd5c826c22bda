import type { AddressLookup, LocateAddress } from '../../incident/facts/activity.ts'
import type { RemoteAddress } from '../../incident/finding/finding.ts'
import { given } from '../../incident/values/given.ts'
import { rawText } from '../../incident/values/untrusted.ts'
import { BUNDLED_PACKAGE, bundledDatabase } from './bundled-database.ts'
import { type AddressLocation, guardDutyPlaces, locationOf, networkName } from './location.ts'
import { openPlaceDatabase, type PlaceDatabase } from './place-database.ts'

export interface Geography {
  /** Undefined for what has no place (private addresses, AWS services, no addresses at all) and for what nobody knows. */
  readonly locate: (source: string) => AddressLocation | undefined
  /** Who is asked for countries and networks, in sentences. */
  readonly source: string
  /** What could not be looked up after all, in sentences. */
  readonly incomplete: () => readonly string[]
  /** Lets go of the databases; afterwards only GuardDuty's own data is known. */
  readonly close: () => void
}

export interface GeographySources {
  /** What GuardDuty's findings say of addresses; the first that speaks of an address counts. */
  readonly known: readonly RemoteAddress[]
  /** Paths of the responder's own databases (.mmdb). */
  readonly countryDatabase?: string
  readonly asnDatabase?: string
}

/** Addresses remembered; more than any incident has, and a bound on memory where there are millions. */
const REMEMBERED = 20_000

/**
 * Opens what knows where addresses are: GuardDuty's own data first, then the responder's databases, and for countries,
 * where the responder has none, the database that npm may have installed. Throws Failure 'usage' with the file's name for
 * a database of the responder's that cannot be read; the installed one may be missing.
 */
export const openGeography = async (
  { known, countryDatabase, asnDatabase }: GeographySources,
  findBundled: () => string | undefined = bundledDatabase,
): Promise<Geography> => {
  const countries = await openCountries(countryDatabase, findBundled)
  const networks = asnDatabase === undefined ? undefined : await openPlaceDatabase(asnDatabase)
  const opened = [countries, networks].filter((database) => database !== undefined)
  let databases: readonly PlaceDatabase[] = opened
  const guardDuty = guardDutyPlaces(known)
  const remembered = new Map<string, AddressLocation | undefined>()
  return {
    locate: (source) => {
      if (!remembered.has(source)) {
        if (remembered.size >= REMEMBERED) remembered.clear()
        remembered.set(source, locationOf(source, guardDuty, databases))
      }
      return remembered.get(source)
    },
    source: saySources(countries, networks),
    incomplete: () =>
      opened
        .filter((database) => database.damaged())
        .map(({ label }) => `${label} is damaged: some addresses could not be looked up in it`),
    close: () => {
      databases = []
      remembered.clear()
    },
  }
}

/** Names of places as the analyses compare them: `Netherlands`, `AS64496 Example Hosting`. */
export const placeNames =
  ({ locate }: Pick<Geography, 'locate'>): LocateAddress =>
  (ip) => {
    const location = locate(ip)
    if (!location) return undefined
    const network = networkName(location)
    return {
      ...given({ country: location.country ? rawText(location.country) : undefined, network }),
    }
  }

/** What an investigation needs of it. */
export const addressLookupOf = (geography: Geography): AddressLookup => ({
  locate: placeNames(geography),
  source: geography.source,
  incomplete: geography.incomplete,
})

/** A damaged or unreadable file of npm's stops nobody: it counts as missing. */
const openCountries = async (
  own: string | undefined,
  findBundled: () => string | undefined,
): Promise<PlaceDatabase | undefined> => {
  if (own !== undefined) return openPlaceDatabase(own)
  const bundled = findBundled()
  return bundled === undefined ? undefined : openPlaceDatabase(bundled).catch(() => undefined)
}

const saySources = (countries: PlaceDatabase | undefined, networks: PlaceDatabase | undefined): string =>
  [
    countries
      ? `Countries are GuardDuty's own, then those of ${countries.label}.`
      : `Countries are GuardDuty's own alone: ${BUNDLED_PACKAGE} is not installed, or cannot be read, and --geoip names no database.`,
    networks
      ? `Networks are GuardDuty's own, then those of ${networks.label}.`
      : "Networks are GuardDuty's own alone: --asn names no database.",
  ].join(' ')
