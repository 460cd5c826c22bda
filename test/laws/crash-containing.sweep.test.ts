import { describe, expect, it } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import type { Stage } from '../../src/response/stage.ts'
import { holdCrashLaw, wholeRun } from './crash.ts'

/** A stage that believes its own memory instead of looking: what the law is there to find. */
const trusting = (stage: Stage): Stage => {
  let done = false
  return {
    ...stage,
    assess: async (incident, context) => {
      const assessment = await stage.assess(incident, context)
      if (done || assessment.status !== 'established') return assessment
      return {
        status: 'needed',
        effects: [{ operation: 'ec2:CreateSnapshots', resource: '*', sentence: 'again' }],
        expected: assessment.fact,
      }
    },
    act: async (incident, context, needed) => {
      await stage.act?.(incident, context, needed)
      done = true
    },
  }
}

const STAGES = ['revoke-sessions', 'preserve-evidence', 'restart-instance', 'verify-rotation']

const whole = await wholeRun()
const moments = whole.moments.filter(({ stage }) => STAGES.includes(stage))

describe('a run that crashes while it contains comes to the same end when it is run again, and makes no change twice', () => {
  it('the run can crash in each of these stages', () => {
    expect([...new Set(moments.map(({ stage }) => stage))].sort()).toEqual([...STAGES].sort())
  })

  it.each(moments)('$stage, $when call $call ($operation), $entries entries on disk', async (moment) => {
    await holdCrashLaw(moment, whole)
  })

  it('a stage that does not look whether its change is made already breaks this rule', async () => {
    const naive = () => stages.map((stage) => (stage.id === 'preserve-evidence' ? trusting(stage) : stage))
    const moment = moments.find(({ when, operation }) => when === 'after' && operation === 'ec2:CreateSnapshots')
    if (!moment) throw new Error('no snapshot was taken')
    await expect(holdCrashLaw(moment, whole, naive)).rejects.toMatchObject({ actual: { CreateSnapshots: 2 } })
  })
})
