import { describe, expect, it } from 'vitest'
import { type SettleOptions, settle } from '../../src/aws/settle.ts'
import { secondsBetween } from '../../src/incident/values/instant.ts'
import { NOON, noonClock, steppingPassing } from '../support/noon.ts'
import { awsError } from '../support/stage-context.ts'

/** Waits on a stepping clock; tells when it looked (seconds since the beginning) and how often it was in between. */
const waiting = (options: Partial<SettleOptions> = {}) => {
  const clock = noonClock(steppingPassing())
  const looks: number[] = []
  let between = 0
  const all: SettleOptions = {
    kind: 'pause',
    within: 20,
    clock,
    signal: new AbortController().signal,
    between: async () => {
      between += 1
    },
    ...options,
  }
  const now = () => secondsBetween(NOON, clock.now())
  const until = <T>(look: () => T | undefined) =>
    settle(async () => {
      looks.push(now())
      return look()
    }, all)
  return { until, looks, now, between: () => between }
}

const throttled = (retryAfter?: string): Error =>
  Object.assign(awsError('RequestLimitExceeded', 503), {
    $response: { headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } },
  })

describe('a wait', () => {
  it('ends at once when the thing is there already', async () => {
    const { until, looks, between } = waiting()
    expect(await until(() => 'seen')).toBe('seen')
    expect(looks).toEqual([0])
    expect(between()).toBe(0)
  })

  it('of time alone looks every five seconds of AWS’s time, and does what is due in between', async () => {
    const { until, looks, between, now } = waiting()
    expect(await until(() => (now() >= 10 ? 'seen' : undefined))).toBe('seen')
    expect(looks).toEqual([0, 5, 10])
    expect(between()).toBe(2)
  })

  it('gives nothing when time is over, after a last look at the end', async () => {
    const { until, looks } = waiting()
    expect(await until(() => undefined)).toBeUndefined()
    expect(looks).toEqual([0, 5, 10, 15, 20])
  })

  it('a wait of no time looks once', async () => {
    const { until, looks, between } = waiting({ within: 0 })
    expect(await until(() => undefined)).toBeUndefined()
    expect(looks).toEqual([0])
    expect(between()).toBe(0)
  })

  it.each([false, 0, '', null])('ends with %j too: only undefined means that nothing was seen', async (seen) => {
    expect(await waiting().until(() => seen)).toBe(seen)
  })

  it('ends at once with an error of the look', async () => {
    const { until, looks } = waiting()
    const denied = Object.assign(new Error('no'), { name: 'AccessDenied' })
    const wait = until(() => {
      throw denied
    })
    await expect(wait).rejects.toBe(denied)
    expect(looks).toEqual([0])
  })

  it('ends with an error of what is done in between', async () => {
    const wait = waiting({ between: () => Promise.reject(new Error('the disk is full')) }).until(() => undefined)
    await expect(wait).rejects.toThrow('the disk is full')
  })

  it('does not look when it was aborted before', async () => {
    const { until, looks } = waiting({ signal: AbortSignal.abort(new Error('Ctrl-C')) })
    await expect(until(() => 'seen')).rejects.toThrow('Ctrl-C')
    expect(looks).toEqual([])
  })

  it('ends in the middle of its sleep when it is aborted', async () => {
    const controller = new AbortController()
    const { until, looks } = waiting({
      signal: controller.signal,
      between: async () => controller.abort(new Error('Ctrl-C')),
    })
    await expect(until(() => undefined)).rejects.toThrow('Ctrl-C')
    expect(looks).toEqual([0])
  })

  it('of time alone ends at its end, not at the look after it', async () => {
    const { until, looks } = waiting({ within: 12 })
    expect(await until(() => undefined)).toBeUndefined()
    expect(looks).toEqual([0, 5, 10, 12])
  })

  it('looks half as often after a throttled look, and step by step as often as before once AWS answers', async () => {
    const { until, looks } = waiting({ kind: 'instance-state', within: 60 })
    const throttles = [throttled(), throttled(), throttled()]
    const seen = until(() => {
      const error = looks.length > 1 && throttles.pop()
      if (error) throw error
      return looks.length >= 8 ? 'seen' : undefined
    })
    expect(await seen).toBe('seen')
    expect(looks).toEqual([0, 1, 3, 7, 15, 23, 27, 29])
  })

  it('stays away for as long as AWS asks when it throttles', async () => {
    const { until, looks } = waiting({ kind: 'instance-state', within: 60 })
    const seen = until(() => {
      if (looks.length === 1) throw throttled('17')
      return 'seen'
    })
    expect(await seen).toBe('seen')
    expect(looks).toEqual([0, 17])
  })

  it('that AWS throttles to its end ends with that error, since nothing was seen to be absent', async () => {
    const { until } = waiting({ kind: 'instance-state', within: 5 })
    const wait = until(() => {
      throw throttled()
    })
    await expect(wait).rejects.toMatchObject({ name: 'RequestLimitExceeded' })
  })

  it('that AWS throttles for two minutes ends with that error', async () => {
    const { until, now } = waiting({ kind: 'instance-state', within: 1_500 })
    const wait = until(() => {
      throw throttled()
    })
    await expect(wait).rejects.toMatchObject({ name: 'RequestLimitExceeded' })
    expect(now()).toBeGreaterThan(60)
    expect(now()).toBeLessThan(180)
  })
})
