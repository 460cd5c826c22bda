import { describe, expect, it } from 'vitest'
import { holdCrashLaw, wholeRun } from './crash.ts'

const whole = await wholeRun('web-identity')

/** Around each call of the stage that closes what issues credentials. */
const moments = whole.moments.filter(({ stage }) => stage === 'close-access')

describe('a run whose process is gone while it closes what issues credentials ends the same, and makes no change twice', () => {
  it('there is a moment before and after each of its two changes', () => {
    const written = moments.filter(({ operation }) => /^iam:(?:Put|Update)/.test(operation))
    expect(new Set(written.map(({ operation, when }) => `${when} ${operation}`)).size).toBe(4)
  })

  it.each(moments)('$when $operation, call $call, $entries entries on disk', async (moment) => {
    await holdCrashLaw(moment, whole)
  })
})
