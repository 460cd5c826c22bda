import { describe, expect, it } from 'vitest'
import { countryCode, countryName } from '../../../src/activity/geography/countries.ts'

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
