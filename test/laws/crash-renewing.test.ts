import { describe, expect, it } from 'vitest'
import { holdCrashLaw, wholeRun } from './crash.ts'

const RENEWALS = [
  ['function-role', 'lambda:UpdateFunctionConfiguration'],
  ['task-role', 'ecs:UpdateService'],
] as const

const ofRenewals = await Promise.all(
  RENEWALS.map(async ([scenario, operation]) => {
    const whole = await wholeRun(scenario)
    return whole.moments
      .filter((moment) => moment.operation === operation)
      .map((moment) => ({ moment, whole, title: `${moment.when} ${operation}, ${moment.entries} entries on disk` }))
  }),
)

describe('a run whose process is gone around a renewal, and that is continued, ends the same and renews once', () => {
  it('there is a moment before and after each renewal', () => {
    for (const moments of ofRenewals) expect(new Set(moments.map(({ moment }) => moment.when)).size).toBe(2)
  })

  it.each(ofRenewals.flat())('$title', async ({ moment, whole }) => {
    await holdCrashLaw(moment, whole)
  })
})
