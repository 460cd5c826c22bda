import { describe, expect, it } from 'vitest'
import { nextInterval, retryAfterOf, type WaitSoFar } from '../../src/aws/look-interval.ts'
import { plus } from '../../src/incident/values/instant.ts'
import { NOON } from '../support/noon.ts'

const interval = (parts: Partial<WaitSoFar> = {}): number =>
  nextInterval({ kind: 'instance-state', age: 0, left: 1_000, requests: 1, throttled: 0, ...parts })

describe('the time between two looks', () => {
  it.each([
    [0, 1],
    [14, 1],
    [15, 2],
    [89, 2],
    [90, 4],
    [180, 8],
    [1_500, 8],
  ])('grows with the age of the wait: after %i s it is %i s', (age, seconds) => {
    expect(interval({ age })).toBe(seconds)
    expect(interval({ kind: 'ssm-registration', age })).toBe(seconds)
  })

  it('is minutes’ matter where CloudTrail, GuardDuty or Detective take minutes', () => {
    expect(interval({ kind: 'cloudtrail' })).toBe(20)
    expect(interval({ kind: 'cloudtrail', age: 300 })).toBe(30)
    expect(interval({ kind: 'finding' })).toBe(30)
    expect(interval({ kind: 'investigation' })).toBe(15)
  })

  it('doubles with each throttled look, up to a minute', () => {
    expect([1, 2, 3, 6, 9].map((throttled) => interval({ throttled }))).toEqual([2, 4, 8, 60, 60])
    expect(interval({ age: 20, throttled: 1 })).toBe(4)
  })

  it('is at least what AWS asks for', () => {
    expect(interval({ throttled: 1, retryAfter: 17 })).toBe(17)
    expect(interval({ throttled: 3, retryAfter: 1 })).toBe(8)
  })

  it('is at least a second for each request that the last look sent', () => {
    expect(interval({ requests: 4 })).toBe(4)
    expect(interval({ requests: 4, left: 0.5 })).toBe(4)
  })

  it('ends with the wait', () => {
    expect(interval({ age: 100, left: 3 })).toBe(3)
    expect(interval({ kind: 'pause', requests: 0, left: 0.25 })).toBe(0.25)
    expect(interval({ kind: 'pause', requests: 0, left: -3 })).toBe(0)
  })
})

describe('what AWS asks to wait', () => {
  const asking = (value?: string) => ({ $response: { headers: value === undefined ? {} : { 'Retry-After': value } } })
  it.each([
    ['a number of seconds', asking('12'), 12],
    ['a date', asking(new Date(plus(NOON, 90)).toUTCString()), 90],
    ['a date that has passed', asking(new Date(plus(NOON, -90)).toUTCString()), undefined],
    ['something else', asking('soon'), undefined],
    ['nothing', asking(), undefined],
    ['no answer at all', new Error('no'), undefined],
  ])('%s', (_, error, seconds) => {
    expect(retryAfterOf(error, NOON)).toBe(seconds)
  })
})
