import { describe, expect, it } from 'vitest'
import { holdCrashLaw, wholeRun } from './crash.ts'

const STAGES = ['investigate-session', 'trace-activity', 'close-incident']

const whole = await wholeRun()
const moments = whole.moments.filter(({ stage }) => STAGES.includes(stage))

describe('the crash law: gone while it investigates and closes, and run again, it comes to the same end with no change made twice', () => {
  it('each of these stages is cut off somewhere', () => {
    expect([...new Set(moments.map(({ stage }) => stage))].sort()).toEqual([...STAGES].sort())
  })

  it.each(moments)('$stage, $when call $call ($operation), $entries entries on disk', async (moment) => {
    await holdCrashLaw(moment, whole)
  })
})
