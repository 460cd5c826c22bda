import { describe, expect, it } from 'vitest'
import type { Instant } from '../../src/incident/values/instant.ts'
import { clockTime, showWithTimes, timeHere } from '../../src/terminal/time.ts'
import { at } from '../support/sample-incident.ts'

const reference = at('09:00:00')

describe('a time on the terminal', () => {
  it('is short on the day being lived through, and dated on every other', () => {
    expect(clockTime(at('02:03:41'), reference)).toBe('02:03:41Z')
    expect(clockTime('2026-11-24T23:59:59Z' as Instant, reference)).toBe('2026-11-24 23:59:59Z')
    expect(clockTime(at('02:03:41'))).toBe('2026-11-25 02:03:41Z')
  })

  it.each([
    ['Europe/Berlin', '02:03:41Z (03:03 here)'],
    ['Asia/Kathmandu', '02:03:41Z (07:48 here)'],
    ['America/Los_Angeles', '02:03:41Z (24 Nov 18:03 here)'],
    ['UTC', '02:03:41Z'],
    ['Africa/Abidjan', '02:03:41Z'],
  ])('has local time of %s beside it where that differs', (zone, shown) => {
    expect(timeHere(at('02:03:41'), { reference, zone })).toBe(shown)
  })

  it('has no local time where the view has no zone', () => {
    expect(timeHere(at('02:03:41'), { reference })).toBe('02:03:41Z')
  })

  it('has local time once a line, at its last moment', () => {
    const line = ['first ', { at: at('01:12:40') }, ', last ', { at: at('01:58:03') }, '.']
    expect(showWithTimes(line, { reference, zone: 'Europe/Berlin' })).toBe('first 01:12:40Z, last 01:58:03Z (02:58 here).')
  })
})
