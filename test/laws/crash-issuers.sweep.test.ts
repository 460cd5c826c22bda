import { describe, expect, it } from 'vitest'
import type { Incident } from '../../src/incident/incident.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { crashedAt, wholeRun } from './crash.ts'
import { apartFromTimesAndIds, changesIn, eachOnceIn, type WholeRun } from './whole-run.ts'

/** What the attacker does goes on while a run is away: the trace differs, the containment does not. */
const contained = ({ facts: { access, revocation } }: Incident) => apartFromTimesAndIds({ access, revocation })

describe.each<[WholeRun, string]>([
  ['roles-anywhere', 'rolesanywhere:DisableProfile'],
  ['pod-identity', 'eks:DeletePodIdentityAssociation'],
  ['identity-pool', 'cognito-identity:UpdateIdentityPool'],
  ['function-role', 'lambda:UpdateFunctionUrlConfig'],
  ['function-alias', 'lambda:RemovePermission'],
])('a run of %s whose process is gone around %s, and that is continued', async (scenario, operation) => {
  const whole = await wholeRun(scenario)
  const moments = whole.moments.filter((moment) => moment.operation === operation)

  it('has a moment before and after the change', () => {
    expect(new Set(moments.map(({ when }) => when)).size).toBe(2)
  })

  it.each(moments)('ends the same and changes once: $when, $entries entries on disk', async (moment) => {
    const { built, journal } = await crashedAt(moment, undefined, scenario)
    const { result } = await runInMemory({ built, journal, proofWait: 0 })
    expect(changesIn(built)).toEqual(eachOnceIn(scenario))
    expect(contained(result.incident)).toEqual(contained(whole.ran.result.incident))
    expect({ exitCode: result.exitCode, alarms: result.alarms }).toEqual({ exitCode: 0, alarms: [] })
  })
})
