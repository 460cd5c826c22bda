import { describe, expect, it } from 'vitest'
import { holdCrashLaw, wholeRun } from './crash.ts'

const whole = await wholeRun('left-behind')
const hunting = whole.moments.filter(({ stage }) => stage === 'hunt-persistence')
/** Before the trace is on disk it is the trace that is cut off. */
const traced = Math.max(...hunting.map(({ entries }) => entries))
const moments = hunting.filter(({ entries }) => entries === traced)

describe('the crash law: gone while it hunts, and run again, it comes to the same end with no change made twice', () => {
  it('the hunt is cut off somewhere', () => {
    expect(moments.length).toBeGreaterThan(15)
  })

  it.each(moments)('$when call $call ($operation), $entries entries on disk', async (moment) => {
    await holdCrashLaw(moment, whole)
  })
})
