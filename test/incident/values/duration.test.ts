import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, DAY_SECONDS, duration, floorTo, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/incident/values/duration.ts'

describe('the units of time', () => {
  it('fit into each other: 86,400 seconds a day, a thousand milliseconds a second', () => {
    expect([SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS, DAY_SECONDS]).toEqual([1000, 60_000, 3_600_000, 86_400_000, 86_400])
  })

  it('a time is rounded down to a unit, before 1970 too', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(SECOND_MS, HOUR_MS), (time, unit) => {
        const start = floorTo(time, unit)
        expect(Math.abs(start % unit)).toBe(0)
        expect(time - start >= 0 && time - start < unit).toBe(true)
      }),
    )
  })
})

describe('seconds in words', () => {
  it.each([
    [0, '0 s'],
    [-5, '0 s'],
    [0.4, '0 s'],
    [0.5, '1 s'],
    [45, '45 s'],
    [59.6, '1 min'],
    [60, '1 min'],
    [250, '4 min 10 s'],
    [3_600, '1 h'],
    [3_601, '1 h'],
    [7_500, '2 h 5 min'],
    [86_399, '23 h 59 min'],
    [86_400, '1 d'],
    [273_600, '3 d 4 h'],
    [90 * 86_400, '90 d'],
  ])('%d are %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words)
  })
})
