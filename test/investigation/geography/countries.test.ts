import { describe, expect, it } from 'vitest'
import { countryCode, countryName } from '../../../src/investigation/geography/countries.ts'
import { COUNTRY_NAMES } from '../../../src/investigation/geography/country-names.ts'

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
const { cldr } = process.versions as { cldr?: string }

describe('the names of countries', () => {
  // Another Node may have other names; ours stay the same for everybody.
  it.runIf(cldr === '48.0')('are those of CLDR 48, of every code that stands for itself', () => {
    const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
    const codes = LETTERS.flatMap((first) => LETTERS.map((second) => first + second))
    const current = codes.filter((code) => code !== 'ZZ' && new Intl.Locale(`und-${code}`).region === code)
    const known = current.map((code) => [code, names.of(code)] as const).filter(([, name]) => name !== undefined)
    expect([...COUNTRY_NAMES]).toEqual(known)
  })
})

describe('a country', () => {
  it.each([
    ['NL', 'Netherlands'],
    ['US', 'United States'],
    ['TR', 'Türkiye'],
    ['XK', 'Kosovo'],
  ])('%s is called %s, and found by that name', (code, name) => {
    expect(countryName(code)).toBe(name)
    expect(countryCode(name)).toBe(code)
  })

  it.each([
    ['nl', 'NL'],
    ['The Netherlands', 'NL'],
    ['Hong Kong', 'HK'],
    ['Bosnia and Herzegovina', 'BA'],
    ['Saint Lucia', 'LC'],
    ['Curacao', 'CW'],
    ['Turkey', 'TR'],
    ['Russian Federation', 'RU'],
    ['Germany', 'DE'],
    ['UK', 'GB'],
    ['SU', 'RU'],
  ])('%j is %s, in whatever way it is written', (text, code) => {
    expect(countryCode(text)).toBe(code)
  })

  it.each(['', 'ZZ', 'QQ', 'A1', 'GeneratedFindingCountryName', 'nld', '__proto__'])('%j is none', (text) => {
    expect(countryCode(text)).toBeUndefined()
    expect(countryName(text)).toBeUndefined()
  })
})
