import { describe, expect, it } from 'vitest'
import { apiCalls } from '../../src/aws/calls.ts'
import { holdCrashLaw, wholeRun } from './crash.ts'

const writes = apiCalls.filter(({ access }) => access === 'write').map(({ service, operation }) => `${service}:${operation}`)
const whole = await wholeRun()

/** Around each write, where a second sending would do harm. `npm run test:sweeps` takes every call and every entry. */
const moments = whole.moments.filter(({ operation }) => writes.includes(operation))

describe('a run whose process is gone around a write, and that is continued, ends the same and makes no change twice', () => {
  it('there is a moment before and after each write of the run', () => {
    const written = new Set(moments.map(({ operation }) => operation))
    expect(written.size).toBe(7)
    expect(moments.filter(({ when }) => when === 'after').length).toBeGreaterThanOrEqual(written.size)
  })

  it.each(moments)('$when $operation, $entries entries on disk', async (moment) => {
    await holdCrashLaw(moment, whole)
  })
})
