import { describe, expect, it } from 'vitest'
import { holdCrashLaw, wholeRun } from './crash.ts'

const STAGES = ['start', 'find-finding', 'identify-subject', 'scope-blast-radius']

const whole = await wholeRun()
const moments = whole.moments.filter(({ stage }) => STAGES.includes(stage))

describe('a run that crashes before anything is changed comes to the same end when it is run again, and makes no change twice', () => {
  it('the run can crash in each of these stages', () => {
    expect([...new Set(moments.map(({ stage }) => stage))].sort()).toEqual([...STAGES].sort())
  })

  it.each(moments)('$stage, $when call $call ($operation), $entries entries on disk', async (moment) => {
    await holdCrashLaw(moment, whole)
  })
})
