import { describe, expect, it } from 'vitest'
import { instantOf } from '../../../src/incident/values/instant.ts'
import { untrusted } from '../../../src/incident/values/untrusted.ts'
import type { AddressLocation } from '../../../src/investigation/geography/location.ts'
import { countPlaces, type SeenSource } from '../../../src/investigation/geography/places.ts'

const at = (hour: number) => instantOf(new Date(Date.UTC(2026, 10, 25, hour)))
const seen = (ip: string, events: number, hour?: number): SeenSource => ({
  ip: untrusted(ip),
  events,
  ...(hour === undefined ? {} : { firstSeen: at(hour) }),
})

const NL: AddressLocation = {
  countryCode: 'NL',
  country: untrusted('Netherlands'),
  asn: '64496',
  network: untrusted('Example'),
  sources: {},
}
const FR: AddressLocation = { countryCode: 'FR', country: untrusted('France'), sources: {} }
const MAP: ReadonlyMap<string, AddressLocation> = new Map([
  ['198.51.100.23', NL],
  ['9.9.9.9', NL],
  ['8.8.8.8', FR],
])
const geography = { locate: (ip: string) => MAP.get(ip) }

describe('the places that calls came from', () => {
  const places = countPlaces(
    [seen('198.51.100.23', 2, 3), seen('9.9.9.9', 1, 1), seen('8.8.8.8', 10), seen('10.0.0.1', 44, 0), seen('1.1.1.1', 5, 2)],
    geography,
  )

  it('are countries, the busiest first, with the first sight of any of their addresses', () => {
    expect(places.countries).toEqual([
      { name: untrusted('France'), code: 'FR', addresses: 1, events: 10 },
      { name: untrusted('Netherlands'), code: 'NL', addresses: 2, events: 3, firstSeen: at(1) },
    ])
  })

  it('are networks, with their numbers', () => {
    expect(places.networks).toEqual([
      { name: untrusted('AS64496 Example'), code: '64496', addresses: 2, events: 3, firstSeen: at(1) },
    ])
  })

  it('leave out what has no place, and say how many public addresses nobody knows', () => {
    expect(places.classes).toEqual([
      { class: 'private', sources: 1, events: 44 },
      { class: 'public', sources: 3, events: 16 },
      { class: 'documentation', sources: 1, events: 2 },
    ])
    expect(places.unplaced).toEqual({ country: 1, network: 2 })
  })

  it('are none where there were no calls', () => {
    expect(countPlaces([], geography)).toEqual({ countries: [], networks: [], classes: [], unplaced: { country: 0, network: 0 } })
  })
})
