import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RemoteAddress } from '../../../src/incident/finding/finding.ts'
import { untrusted } from '../../../src/incident/values/untrusted.ts'
import { bundledDatabase } from '../../../src/investigation/geography/bundled-database.ts'
import { type GeographySources, openGeography, placeNames } from '../../../src/investigation/geography/geography.ts'
import { fileOf, tinyDatabase } from './tiny-database.ts'

const ATTACKER: RemoteAddress = {
  ip: '198.51.100.23',
  country: untrusted('Netherlands'),
  city: untrusted('Amsterdam'),
  asn: '64496',
  network: untrusted('Example Hosting'),
}

const opened = async (sources: Partial<GeographySources> = {}, findBundled?: () => string | undefined) => {
  const geography = await openGeography({ known: [], ...sources }, findBundled)
  onTestFinished(geography.close)
  return geography
}

const nothingInstalled = () => undefined

/** Any characters at all; fast-check's own unit for that takes a second to be made. */
const anyText = fc.string({ unit: fc.nat(0x10ffff).map((code) => String.fromCodePoint(code)) })

describe('the country database that npm installs', () => {
  it.each([
    ['8.8.8.8', 'US', 'United States'],
    ['::ffff:8.8.8.8', 'US', 'United States'],
    ['2001:4860:4860::8888', 'US', 'United States'],
    ['130.89.1.1', 'NL', 'Netherlands'],
    ['194.2.0.20', 'FR', 'France'],
    ['133.11.0.1', 'JP', 'Japan'],
  ])('knows that %s is in %s', async (ip, countryCode, country) => {
    const { locate } = await opened()
    expect(locate(ip)).toEqual({
      countryCode,
      country: untrusted(country),
      sources: { country: expect.stringMatching(/^geo-whois-asn-country\.mmdb \(.+, built \d{4}-\d\d-\d\d\)$/) },
    })
  })

  it.each(['10.0.1.11', '127.0.0.1', '203.0.113.9', 'ec2.amazonaws.com', 'AWS Internal', 'nonsense', ''])(
    'is not asked for %j, which has no place',
    async (source) => {
      const { locate } = await opened()
      expect(locate(source)).toBeUndefined()
    },
  )

  it('may be missing: that is said, and GuardDuty’s own data stands', async () => {
    const { locate, source } = await opened({ known: [ATTACKER] }, nothingInstalled)
    expect(source).toContain('geo-whois-asn-country-mmdb is not installed')
    expect(locate('8.8.8.8')).toBeUndefined()
    expect(locate('198.51.100.23')?.countryCode).toBe('NL')
  })

  it('counts as missing when it cannot be read', async () => {
    const { source } = await opened({}, () => '/nowhere/country.mmdb')
    expect(source).toContain('is not installed, or cannot be read')
  })

  it('is not asked where the responder has a database of their own', async () => {
    const own = fileOf(tinyDatabase({ country_code: 'SE' }), 'city.mmdb')
    const { locate, source } = await opened({ countryDatabase: own })
    expect(locate('8.8.8.8')?.countryCode).toBe('SE')
    expect(source).toContain('city.mmdb (Tiny, built 2025-11-25)')
  })
})

describe('GuardDuty’s own data', () => {
  it('comes before every database, and before the class of an address', async () => {
    const { locate } = await opened({ known: [ATTACKER, { ip: '8.8.8.8', country: untrusted('France') }] })
    expect(locate('8.8.8.8')).toMatchObject({ countryCode: 'FR', sources: { country: 'GuardDuty' } })
    expect(locate('198.51.100.23')).toEqual({
      ...{ countryCode: 'NL', country: untrusted('Netherlands'), city: untrusted('Amsterdam') },
      ...{ asn: '64496', network: untrusted('Example Hosting') },
      sources: { country: 'GuardDuty', network: 'GuardDuty' },
    })
  })

  it('is filled up from the databases where it is silent', async () => {
    const { locate } = await opened({ known: [{ ip: '8.8.8.8', network: untrusted('Example Hosting') }] })
    expect(locate('8.8.8.8')).toMatchObject({ countryCode: 'US', network: untrusted('Example Hosting') })
  })

  it('is the first finding’s where two findings differ', async () => {
    const second = { ip: '198.51.100.23', country: untrusted('France'), city: untrusted('Paris') }
    const { locate } = await opened({ known: [ATTACKER, second] })
    expect(locate('198.51.100.23')).toMatchObject({ countryCode: 'NL', city: untrusted('Amsterdam') })
  })

  it('names a network for the databases too, so that one network is not two', async () => {
    const asnDatabase = fileOf(tinyDatabase({ autonomous_system_number: 64496, autonomous_system_organization: 'EXAMPLE-AS' }))
    const names = placeNames(await opened({ known: [ATTACKER], asnDatabase }))
    expect(names('8.8.8.8')?.network).toBe('AS64496 Example Hosting')
    expect(names('198.51.100.23')?.network).toBe('AS64496 Example Hosting')
  })
})

describe('the responder’s own databases', () => {
  it('give country, city and network', async () => {
    const countryDatabase = fileOf(tinyDatabase({ country: { iso_code: 'JP' }, city: { names: { en: 'Tokyo' } } }))
    const asnDatabase = fileOf(
      tinyDatabase({ autonomous_system_number: 64500, autonomous_system_organization: 'Exemple' }),
      'asn.mmdb',
    )
    const { locate } = await opened({ countryDatabase, asnDatabase })
    expect(locate('8.8.8.8')).toMatchObject({
      ...{ countryCode: 'JP', city: untrusted('Tokyo'), asn: '64500', network: untrusted('Exemple') },
      sources: { network: 'asn.mmdb (Tiny, built 2025-11-25)' },
    })
  })

  it('do no harm when they are given in each other’s place', async () => {
    const countryDatabase = fileOf(tinyDatabase({ autonomous_system_number: 64500 }))
    const asnDatabase = fileOf(tinyDatabase({ country_code: 'JP' }))
    const names = placeNames(await opened({ countryDatabase, asnDatabase }))
    expect(names('8.8.8.8')).toEqual({ country: 'Japan', network: 'AS64500' })
  })

  it('a database of IPv4 addresses says nothing of an IPv6 address', async () => {
    const { locate } = await opened({ countryDatabase: fileOf(tinyDatabase({ country_code: 'JP' })) })
    expect(locate('2001:4860:4860::8888')).toBeUndefined()
  })

  it.each([
    ['an empty file', () => Buffer.alloc(0)],
    ['a text', () => Buffer.from('no database')],
    ['a packed file', () => Buffer.from([0x1f, 0x8b, 8, 0])],
    ['half a file', () => installedBytes().subarray(0, 4_000_000)],
    ['a file without its last bytes', () => installedBytes().subarray(0, -50)],
    ['a file without its beginning', () => installedBytes().subarray(1_000_000)],
  ])('are refused with the file’s name when %s was given', async (_, bytes) => {
    const path = fileOf(bytes(), 'broken.mmdb')
    for (const sources of [{ countryDatabase: path }, { asnDatabase: path }])
      await expect(opened(sources)).rejects.toMatchObject({ name: 'Failure', kind: 'usage', what: expect.stringContaining(path) })
  })

  it.each(['/nowhere/city.mmdb', '/'])('are refused when %s is no file', async (path) => {
    await expect(opened({ countryDatabase: path })).rejects.toMatchObject({ kind: 'usage', what: expect.stringContaining(path) })
  })

  it('databases that are damaged in a part say so, and the rest of them counts', async () => {
    const bytes = tinyDatabase({ country_code: 'JP' }, { country_code: 'SE' })
    // The row of 9.9.9.9 begins with a type that there is not.
    bytes[bytes.lastIndexOf('country_code') - 2] = 0x1f
    const geography = await opened({ countryDatabase: fileOf(bytes, 'torn.mmdb') })
    expect(geography.incomplete()).toEqual([])
    expect(geography.locate('9.9.9.9')).toBeUndefined()
    expect(geography.locate('8.8.8.8')?.countryCode).toBe('JP')
    expect(geography.incomplete()).toEqual([expect.stringContaining('torn.mmdb (Tiny, built 2025-11-25) is damaged')])
  })
})

describe('looking up', () => {
  it('never fails, whatever the text', async () => {
    const { locate } = await opened({ known: [ATTACKER] })
    const text = fc.oneof(anyText, fc.ipV4(), fc.ipV6(), fc.constantFrom('__proto__', '::ffff:0:0'))
    fc.assert(
      fc.property(text, (source) => {
        const location = locate(source)
        expect(location === undefined || Object.keys(location.sources).length > 0).toBe(true)
      }),
    )
  })

  it('knows only GuardDuty’s data after it was closed', async () => {
    const geography = await openGeography({ known: [ATTACKER] })
    expect(geography.locate('8.8.8.8')).toBeDefined()
    geography.close()
    expect(geography.locate('8.8.8.8')).toBeUndefined()
    expect(geography.locate('198.51.100.23')).toBeDefined()
  })
})

const installedBytes = (): Buffer => {
  const path = bundledDatabase()
  if (path === undefined) throw new Error('the optional dependency is installed here')
  return readFileSync(path)
}
