import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PACE_HEADER } from '../../src/aws/clock/answer.ts'
import { createAwsClock, realPassing, skewOf } from '../../src/aws/clock.ts'
import { type Instant, isBefore, plus } from '../../src/incident/values/instant.ts'
import { NOON, steppingPassing } from '../support/noon.ts'

const signal = new AbortController().signal
const dateOf = (at: Instant): string => new Date(at).toUTCString()
const answer = (at: Instant, more: Record<string, string> = {}) => ({ date: dateOf(at), 'x-amzn-requestid': 'r', ...more })

const clockAt = (at: Instant = NOON, more: Record<string, string> = {}) => {
  const passing = steppingPassing()
  const clock = createAwsClock(passing)
  clock.setFrom(answer(at, more))
  return { clock, passing }
}

describe('AWS’s time', () => {
  it('is not known before AWS has answered', () => {
    expect(() => createAwsClock(steppingPassing()).now()).toThrow('AWS has not answered yet')
  })

  it('is the Date of its answer, carried on by a monotonic clock', () => {
    const { clock, passing } = clockAt()
    expect(clock.now()).toBe(NOON)
    passing.run(2_500)
    expect(clock.now()).toBe(plus(NOON, 2.5))
  })

  it('is as late as the latest of the answers that agree: a Date is cut to its second', () => {
    const { clock, passing } = clockAt()
    passing.run(1_000)
    clock.setFrom(answer(plus(NOON, 2)))
    expect(clock.now()).toBe(plus(NOON, 2))
  })

  it.each([['without a request id, such as a captive portal’s', { date: dateOf(plus(NOON, 999)) }]])(
    'is not set by an answer %s',
    (_, headers) => {
      const { clock } = clockAt()
      clock.setFrom(headers)
      expect(clock.now()).toBe(NOON)
      const fresh = createAwsClock(steppingPassing())
      fresh.setFrom(headers)
      expect(() => fresh.now()).toThrow('AWS has not answered yet')
    },
  )

  it.each([
    ['without a date', { 'x-amzn-requestid': 'r' }],
    ['with a date that is none', { 'x-amzn-requestid': 'r', date: 'yesterday' }],
    ['with two dates', { 'x-amzn-requestid': 'r', date: `${dateOf(NOON)}, ${dateOf(NOON)}` }],
    ['out of a cache', { ...answer(plus(NOON, 999)), age: '17' }],
  ])('is this machine’s after an answer %s', (_, headers) => {
    const clock = createAwsClock(steppingPassing())
    clock.setFrom(headers)
    expect(clock.now()).toBe(NOON)
    expect(clock.reading()).toEqual({ now: NOON, machine: NOON, undecided: false })
  })

  it.each(['x-amzn-requestid', 'x-amz-request-id', 'x-amzn-request-id'])('is set by an answer with %s', (name) => {
    const clock = createAwsClock(steppingPassing())
    clock.setFrom({ date: dateOf(NOON), [name]: 'r' })
    expect(clock.now()).toBe(NOON)
  })

  it('never runs backwards, whatever is heard', () => {
    const step = fc.record({ passes: fc.nat(5_000), received: fc.integer({ min: -600, max: 600 }), silent: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const { clock, passing } = clockAt()
        let last = clock.now()
        for (const { passes, received, silent } of steps) {
          passing.run(passes)
          if (!silent) clock.setFrom(answer(plus(NOON, received)))
          const now = clock.now()
          expect(isBefore(now, last)).toBe(false)
          last = now
        }
      }),
    )
  })
})

describe('a sleep', () => {
  it('lasts its seconds on real AWS', async () => {
    const { clock, passing } = clockAt()
    await clock.sleep(30, signal)
    expect(passing.waits).toEqual([30])
    expect(clock.now()).toBe(plus(NOON, 30))
    expect(clock.simulated()).toBe(false)
  })

  it.each([
    ['1', 30],
    ['60', 0.5],
  ])('a sleep on a simulated account of pace %s lasts %d s of real time', async (pace, outside) => {
    const { clock, passing } = clockAt(NOON, { [PACE_HEADER]: pace })
    await clock.sleep(30, signal)
    expect(passing.waits).toEqual([outside])
    expect(clock.now()).toBe(plus(NOON, 30))
    expect(clock.simulated()).toBe(true)
  })

  it('a sleep on an account whose time stands still moves that time', async () => {
    const { clock, passing } = clockAt(NOON, { [PACE_HEADER]: '0' })
    passing.run(5_000)
    expect(clock.now()).toBe(NOON)
    await clock.sleep(30, signal)
    expect(passing.waits).toEqual([30])
    expect(clock.now()).toBe(plus(NOON, 30))
  })

  it('keeps the pace that was told when it is told no pace, or none that is a number', async () => {
    const { clock, passing } = clockAt(NOON, { [PACE_HEADER]: '60' })
    clock.setFrom(answer(NOON))
    clock.setFrom(answer(NOON, { [PACE_HEADER]: 'fast' }))
    await clock.sleep(30, signal)
    expect(passing.waits).toEqual([0.5])
  })

  it('ends when it is aborted', async () => {
    const { clock } = clockAt()
    await expect(clock.sleep(30, AbortSignal.abort(new Error('Ctrl-C')))).rejects.toThrow('Ctrl-C')
  })
})

describe('real time', () => {
  it('passes, and runs on meanwhile', async () => {
    const before = realPassing.elapsed()
    await realPassing.pass(0.01, signal)
    expect(realPassing.elapsed() - before).toBeGreaterThan(5)
  })

  it('is not waited for when it was aborted before', async () => {
    await expect(realPassing.pass(60, AbortSignal.abort(new Error('Ctrl-C')))).rejects.toThrow('Ctrl-C')
  })

  it('is not waited for any longer once it is aborted', async () => {
    const controller = new AbortController()
    const wait = realPassing.pass(60, controller.signal)
    controller.abort(new Error('Ctrl-C'))
    await expect(wait).rejects.toThrow('Ctrl-C')
  })

  it('a negative duration passes at once', async () => {
    await expect(realPassing.pass(-1, signal)).resolves.toBeUndefined()
  })
})

it('the machine’s clock is so many seconds ahead of AWS’s, or behind it', () => {
  const { clock } = clockAt()
  expect(skewOf(clock, new Date(plus(NOON, 90)))).toBe(90)
  expect(skewOf(clock, new Date(plus(NOON, -90.4)))).toBe(-90)
})
