import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asnDigits, namedCountry, readPlaceRow } from '../../../src/investigation/geography/database-row.ts'

describe('a row of a database', () => {
  it.each([
    [
      'MaxMind City',
      { country: { iso_code: 'NL', names: { en: 'The Netherlands', de: 'Niederlande' } }, city: { names: { en: 'Amsterdam' } } },
      { countryCode: 'NL', country: 'Netherlands', city: 'Amsterdam' },
    ],
    [
      'MaxMind ASN',
      { autonomous_system_number: 64496, autonomous_system_organization: 'Example Hosting' },
      { asn: '64496', network: 'Example Hosting' },
    ],
    ['ip-location-db', { country_code: 'DE', city: 'Berlin' }, { countryCode: 'DE', country: 'Germany', city: 'Berlin' }],
    [
      'IPinfo',
      { country: 'France', country_code: 'FR', asn: 'AS64500', as_name: 'Exemple' },
      { countryCode: 'FR', country: 'France', asn: '64500', network: 'Exemple' },
    ],
    ['somebody without codes', { country: 'Atlantis' }, { country: 'Atlantis' }],
    ['nobody', { country: { iso_code: '' }, city: {}, asn: 0 }, {}],
  ])('a database row of %s is read', (_, row, place) => {
    expect(readPlaceRow(row)).toEqual(place)
  })

  it('a database row of anything else is read without an error', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (country, city) => {
        for (const row of [country, { country, city, asn: city, country_code: country }])
          expect(Object.values(readPlaceRow(row)).every((value) => typeof value === 'string')).toBe(true)
      }),
    )
  })
})

describe('a network’s number', () => {
  it.each([
    ['AS64496', '64496'],
    ['64496', '64496'],
    [64496, '64496'],
    ['AS0', undefined],
    ['ASx', undefined],
    [undefined, undefined],
  ])('the number of a network given as %j is %j', (value, digits) => {
    expect(asnDigits(value)).toBe(digits)
  })
})

describe('a country told by its name', () => {
  it('is named in one way', () => {
    expect(namedCountry('NL')).toEqual(namedCountry('the Netherlands'))
  })

  it('keeps a name that nobody knows', () => {
    expect(namedCountry('GeneratedFindingCountryName')).toEqual({ country: 'GeneratedFindingCountryName' })
  })

  it('is none where there is no text', () => {
    expect([namedCountry(undefined), namedCountry(' ')]).toEqual([{}, {}])
  })
})
