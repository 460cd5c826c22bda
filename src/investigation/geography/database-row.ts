import { given } from '../../incident/values/given.ts'
import { countryCode, countryName } from './countries.ts'

/** What one row of a database says of an address, in the database's own words. */
export interface PlaceRow {
  /** ISO 3166 alpha-2. */
  readonly countryCode?: string
  /** The English name of the code, or the database's name for what has no code. */
  readonly country?: string
  readonly city?: string
  /** The number of the autonomous system, digits only. */
  readonly asn?: string
  /** Who announces the network. */
  readonly network?: string
}

/**
 * Reads a row of MaxMind's City, Country, ASN, ISP or Enterprise databases, and of those that write the same facts flat
 * (ip-location-db, IPinfo, DB-IP). Whatever else stands in it is left alone, so a database given in the place of another
 * still says what it knows.
 */
export const readPlaceRow = (row: unknown): PlaceRow => {
  const country = countryIn(row)
  const city = textAt(row, 'city') ?? textAt(memberOf(memberOf(row, 'city'), 'names'), 'en')
  const asn = asnDigits(memberOf(row, 'autonomous_system_number') ?? memberOf(row, 'asn'))
  const network = textAt(row, 'autonomous_system_organization') ?? textAt(row, 'as_name')
  return { ...country, ...given({ city: city || undefined, asn: asn || undefined, network: network || undefined }) }
}

/** A country given by code or name, as its code and its name; a name that nobody knows stays what it is. */
export const namedCountry = (text: string | undefined): Pick<PlaceRow, 'countryCode' | 'country'> => {
  if (text === undefined || text.trim() === '') return {}
  const code = countryCode(text)
  const name = code === undefined ? undefined : countryName(code)
  return code === undefined || name === undefined ? { country: text } : { countryCode: code, country: name }
}

/** The digits of a number of an autonomous system: of `AS64496`, `64496` and 64496. */
export const asnDigits = (value: unknown): string | undefined =>
  typeof value === 'number' || typeof value === 'string' ? /^(?:AS)?([1-9]\d{0,9})$/i.exec(String(value))?.[1] : undefined

const countryIn = (row: unknown): Pick<PlaceRow, 'countryCode' | 'country'> => {
  const country = memberOf(row, 'country')
  return namedCountry(
    textAt(country, 'iso_code') ??
      textAt(memberOf(country, 'names'), 'en') ??
      textAt(row, 'country_code') ??
      textAt(row, 'country'),
  )
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined

const textAt = (value: unknown, name: string): string | undefined => {
  const text = memberOf(value, name)
  return typeof text === 'string' && text.trim() !== '' ? text : undefined
}
