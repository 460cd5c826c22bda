import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PACE_HEADER } from '../../src/aws/clock/answer.ts'
import { createAwsClock, type Passing, skewOf } from '../../src/aws/clock.ts'
import { epochOf, type Instant } from '../../src/incident/values/instant.ts'

const AWS = '2026-11-25T02:00:00Z'
const utc = (instant: string): string => new Date(instant).toUTCString()
const answer = (date: string, more: Record<string, string> = {}) => ({ date: utc(date), 'x-amzn-requestid': 'r', ...more })
const later = (seconds: number): string => new Date(Date.parse(AWS) + seconds * 1000).toISOString()

/** A machine whose monotonic clock is moved by hand. */
const machine = () => {
  let elapsed = 0
  const slept: number[] = []
  const passing: Passing = {
    elapsed: () => elapsed,
    pass: async (seconds) => {
      slept.push(seconds)
      elapsed += seconds * 1000
    },
  }
  const passes = (seconds: number): void => {
    elapsed += seconds * 1000
  }
  return { passing, slept, passes }
}

describe('AWS’s time', () => {
  it('is not known before AWS has answered', () => {
    expect(() => createAwsClock(machine().passing).now()).toThrow(/AWS has not answered yet/)
  })

  it.each([
    ['out of a cache', answer(later(-7200), { age: '7200' })],
    ['of a captive portal, without a request id', { date: utc(later(86_400)) }],
    ['without a date', { 'x-amzn-requestid': 'r' }],
    ['with a date that is none', { date: 'soon', 'x-amzn-requestid': 'r' }],
    ['with two dates', { date: `${utc(AWS)}, ${utc(AWS)}`, 'x-amzn-requestid': 'r' }],
  ])('is not taken from an answer %s', (_, headers) => {
    const clock = createAwsClock(machine().passing)
    clock.setFrom(headers)
    expect(() => clock.now()).toThrow(/AWS has not answered yet/)
    clock.setFrom(answer(AWS))
    clock.setFrom(headers)
    expect(clock.now()).toBe(AWS)
  })

  it.each(['x-amzn-requestid', 'x-amz-request-id', 'x-amzn-request-id'])('is taken from an answer with %s', (name) => {
    const clock = createAwsClock(machine().passing)
    clock.setFrom({ date: utc(AWS), [name]: 'r' })
    expect(clock.now()).toBe(AWS)
  })

  it('advances between two answers like this machine’s monotonic clock', () => {
    const { passing, passes } = machine()
    const clock = createAwsClock(passing)
    clock.setFrom(answer(AWS))
    passes(42)
    expect(clock.now()).toBe('2026-11-25T02:00:42Z')
  })

  it('follows AWS forward at once after the machine slept and its monotonic clock stood still', () => {
    const { passing } = machine()
    let wall = Date.parse(AWS)
    const clock = createAwsClock({ ...passing, machine: () => wall })
    for (let calls = 0; calls < 3; calls += 1) clock.setFrom(answer(AWS))
    wall += 8 * 3_600_000
    clock.setFrom(answer(later(8 * 3600)))
    expect(clock.now()).toBe('2026-11-25T10:00:00Z')
    expect(clock.reading().undecided).toBe(false)
  })

  it('never runs backwards, in any order of answers', () => {
    const step = fc.record({ date: fc.integer({ min: -3600, max: 3600 }), wait: fc.integer({ min: 0, max: 60 }) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1 }), (steps) => {
        const { passing, passes } = machine()
        const clock = createAwsClock(passing)
        let before = -Infinity
        for (const { date, wait } of steps) {
          clock.setFrom(answer(later(date)))
          passes(wait)
          const now = epochOf(clock.now())
          expect(now).toBeGreaterThanOrEqual(before)
          before = now
        }
      }),
    )
  })

  it('says by how much this machine’s clock is off, for showing only', () => {
    const clock = createAwsClock(machine().passing)
    clock.setFrom(answer(AWS))
    expect(skewOf(clock, new Date(later(-3600)))).toBe(-3600)
    expect(skewOf(clock, new Date(later(240)))).toBe(240)
    expect(clock.now()).toBe(AWS as Instant)
  })
})

describe('a simulated account’s time', () => {
  it('follows its answers: a wait is shorter at 60 times the pace, and takes its stated time at pace 1', async () => {
    for (const [pace, slept] of [
      [60, 0.5],
      [1, 30],
    ] as const) {
      const { passing, slept: waits } = machine()
      const clock = createAwsClock(passing)
      clock.setFrom(answer(AWS, { [PACE_HEADER]: String(pace) }))
      await clock.sleep(30, new AbortController().signal)
      expect(waits).toEqual([slept])
      expect(clock.now()).toBe('2026-11-25T02:00:30Z')
      expect(clock.simulated()).toBe(true)
    }
  })

  it('advances with a wait when it only steps for waits', async () => {
    const { passing } = machine()
    const clock = createAwsClock({ ...passing, elapsed: () => 0 })
    clock.setFrom(answer(AWS, { [PACE_HEADER]: '0' }))
    await clock.sleep(30, new AbortController().signal)
    expect(clock.now()).toBe('2026-11-25T02:00:30Z')
  })
})
