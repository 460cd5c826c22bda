import { describe, expect, it } from 'vitest'
import type { Incident } from '../../src/incident/incident.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { crashedAt, wholeRun } from './crash.ts'
import { apartFromTimesAndIds, changesIn, eachOnceIn } from './whole-run.ts'

const RENEWALS = [
  ['function-role', 'lambda:UpdateFunctionConfiguration'],
  ['function-alias', 'lambda:PublishVersion'],
  ['function-alias', 'lambda:UpdateAlias'],
  ['task-role', 'ecs:UpdateService'],
  ['function-role-without-room', 'iam:CreatePolicy'],
  ['function-role-without-room', 'iam:AttachRolePolicy'],
] as const

const ofRenewals = await Promise.all(
  RENEWALS.map(async ([scenario, operation]) => {
    const whole = await wholeRun(scenario)
    return whole.moments
      .filter((moment) => moment.operation === operation)
      .map((moment) => ({ moment, whole, scenario, title: `${moment.when} ${operation}, ${moment.entries} entries on disk` }))
  }),
)

/** What the attacker does goes on while a run is away: the trace differs in order, the containment does not. */
const contained = ({ facts: { renewal, rotation, revocation } }: Incident) =>
  apartFromTimesAndIds({ renewal, rotation, revocation })

describe('a run whose process is gone around a renewal or a managed deny, and that is continued, ends the same and changes once', () => {
  it('there is a moment before and after each renewal', () => {
    for (const moments of ofRenewals) expect(new Set(moments.map(({ moment }) => moment.when)).size).toBe(2)
  })

  it.each(ofRenewals.flat())('$title', async ({ moment, whole, scenario }) => {
    const { built, journal } = await crashedAt(moment, undefined, scenario)
    const { result } = await runInMemory({ built, journal, proofWait: 0 })
    expect(changesIn(built)).toEqual(eachOnceIn(scenario))
    expect(contained(result.incident)).toEqual(contained(whole.ran.result.incident))
    expect({ exitCode: result.exitCode, alarms: result.alarms }).toEqual({ exitCode: 0, alarms: [] })
  })
})
