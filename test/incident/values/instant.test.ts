import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  epochOf,
  type Instant,
  instantOf,
  isBefore,
  later,
  parseInstant,
  plus,
  secondsBetween,
  wholeSecond,
} from '../../../src/incident/values/instant.ts'

const at = (text: string): Instant => text as Instant

const moments = fc.date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
const instants = moments.map(instantOf)

describe('a time in UTC is read', () => {
  it.each([
    ['2026-11-25T02:03:41Z', '2026-11-25T02:03:41Z'],
    ['2026-11-25T02:03:41.000Z', '2026-11-25T02:03:41Z'],
    ['2026-11-25T02:03:41.5Z', '2026-11-25T02:03:41.500Z'],
    ['2026-11-25T02:03:41.123456789Z', '2026-11-25T02:03:41.123Z'],
    ['2026-11-25T07:48:41+05:45', '2026-11-25T02:03:41Z'],
    ['2026-11-24T18:03:41-08:00', '2026-11-25T02:03:41Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
  ])('a time is read in UTC: %s', (text, instant) => {
    expect(parseInstant(text)).toBe(instant)
  })
})

describe('a text that is no time is refused', () => {
  it.each([
    ['without a zone', '2026-11-25T02:03:41'],
    ['without a time', '2026-11-25'],
    ['with a space for the T', '2026-11-25 02:03:41Z'],
    ['in lower case', '2026-11-25t02:03:41z'],
    ['without seconds', '2026-11-25T02:03Z'],
    ['with a zone without a colon', '2026-11-25T02:03:41+0100'],
    ['with an hour that does not exist', '2026-11-25T24:00:00Z'],
    ['with a minute that does not exist', '2026-11-25T02:60:00Z'],
    ['with a second that does not exist', '2026-11-25T02:03:61Z'],
    ['with a leap second', '2016-12-31T23:59:60Z'],
    ['with a month that does not exist', '2026-13-01T00:00:00Z'],
    ['with a day that does not exist', '2026-02-30T00:00:00Z'],
    ['with a day of another year', '2025-02-29T00:00:00Z'],
    ['with a day nought', '2026-11-00T00:00:00Z'],
    ['with a fraction of ten digits', '2026-11-25T02:03:41.1234567890Z'],
    ['with a comma', '2026-11-25T02:03:41,5Z'],
    ['with something before it', ' 2026-11-25T02:03:41Z'],
    ['with something after it', '2026-11-25T02:03:41Z\n'],
    ['with a year of five digits', '+12026-11-25T02:03:41Z'],
    ['that lies before the year nought in UTC', '0000-01-01T00:00:00+01:00'],
    ['that lies after the year 9999 in UTC', '9999-12-31T23:59:59-01:00'],
    ['in words', 'Wed, 25 Nov 2026 02:03:41 GMT'],
    ['as a number in a text', '1795572221'],
    ['that is empty', ''],
  ])('%s', (_, text) => {
    expect(parseInstant(text)).toBeUndefined()
  })

  it.each([undefined, null, 1_795_572_221, new Date(0), { at: '2026-11-25T02:03:41Z' }])(
    '%s is no text and is refused',
    (value) => {
      expect(parseInstant(value)).toBeUndefined()
    },
  )

  it('an invalid Date is refused', () => {
    expect(() => instantOf(new Date(Number.NaN))).toThrow(RangeError)
  })
})

describe('an instant', () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(instants, (instant) => void expect(parseInstant(instant)).toBe(instant)))
  })

  it('keeps its millisecond', () => {
    fc.assert(fc.property(moments, (moment) => void expect(epochOf(instantOf(moment))).toBe(moment.getTime())))
  })

  it('is refused or exact, never a guess, whatever the text', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/))
    fc.assert(
      fc.property(text, (given) => {
        const instant = parseInstant(given)
        expect(instant === undefined || epochOf(instant) === Date.parse(given)).toBe(true)
      }),
    )
  })

  it('is later by the seconds that are added', () => {
    const within = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map(instantOf)
    const seconds = fc.integer({ min: -1e8, max: 1e8 })
    fc.assert(
      fc.property(within, seconds, (instant, added) => void expect(secondsBetween(instant, plus(instant, added))).toBe(added)),
    )
  })

  it('takes a fraction of a second to the millisecond', () => {
    expect(plus(at('2026-11-25T02:00:00Z'), 0.5)).toBe('2026-11-25T02:00:00.500Z')
    expect(plus(at('2026-11-25T02:00:00Z'), -0.0004)).toBe('2026-11-25T02:00:00Z')
  })

  it('is before another by time, not by spelling', () => {
    expect(isBefore(at('2026-11-25T02:00:00Z'), at('2026-11-25T02:00:00.500Z'))).toBe(true)
    expect(isBefore(at('2026-11-25T02:00:00.500Z'), at('2026-11-25T02:00:00Z'))).toBe(false)
    expect(isBefore(at('2026-11-25T02:00:00Z'), at('2026-11-25T02:00:00Z'))).toBe(false)
    fc.assert(fc.property(instants, instants, (a, b) => isBefore(a, b) === epochOf(a) < epochOf(b)))
  })

  it('is the later of two whichever comes first', () => {
    fc.assert(
      fc.property(instants, instants, (a, b) => {
        expect(later(a, b)).toBe(later(b, a))
        expect(isBefore(later(a, b), a) || isBefore(later(a, b), b)).toBe(false)
      }),
    )
  })

  it('loses its fraction downwards only', () => {
    expect(wholeSecond(at('2026-11-25T02:00:00.999Z'))).toBe('2026-11-25T02:00:00Z')
    fc.assert(
      fc.property(instants, (instant) => {
        const lost = secondsBetween(wholeSecond(instant), instant)
        expect(lost >= 0 && lost < 1).toBe(true)
      }),
    )
  })
})
