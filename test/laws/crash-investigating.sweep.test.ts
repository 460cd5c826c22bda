import { describe, expect, it } from 'vitest'
import { holdCrashLaw, wholeRun } from './crash.ts'

const STAGES = ['investigate-session', 'trace-activity', 'close-incident']

const whole = await wholeRun()
const moments = whole.moments.filter(({ stage }) => STAGES.includes(stage))

describe('a run that crashes while it investigates and closes comes to the same end when it is run again, and makes no change twice', () => {
  it('the run can crash in each of these stages', () => {
    expect([...new Set(moments.map(({ stage }) => stage))].sort()).toEqual([...STAGES].sort())
  })

  it.each(moments)('$stage, $when call $call ($operation), $entries entries on disk', async (moment) => {
    await holdCrashLaw(moment, whole)
  })
})
