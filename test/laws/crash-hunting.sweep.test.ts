import { describe, expect, it } from 'vitest'
import { holdCrashLaw, wholeRun } from './crash.ts'

const whole = await wholeRun('left-behind')
const hunting = whole.moments.filter(({ stage }) => stage === 'hunt-persistence')
/** Before the trace is on disk it is the trace that is cut off. */
const traced = Math.max(...hunting.map(({ entries }) => entries))
const moments = hunting.filter(({ entries }) => entries === traced)

describe('a run that crashes while it hunts comes to the same end when it is run again, and makes no change twice', () => {
  it('the run can crash at more than 15 moments of the hunt', () => {
    expect(moments.length).toBeGreaterThan(15)
  })

  it.each(moments)('$when call $call ($operation), $entries entries on disk', async (moment) => {
    await holdCrashLaw(moment, whole)
  })
})
