import { describe, expect, it } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import { isBefore } from '../../src/incident/values/instant.ts'
import { reboot } from '../../src/simulator/instances/lifecycle.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { buildQuick, changesIn } from '../laws/whole-run.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { subjectInstanceOf } from '../support/scenario.ts'
import { claimingRestart, hostManaged } from './situations.ts'

describe('another key on an instance that was not rotated', () => {
  it.each([
    ['nothing was done', () => {}],
    ['it was rebooted', (built: BuiltScenario) => reboot(built.account, subjectInstanceOf(built))],
  ])('never gives the verdict "rotated", although a stage claims a restart: %s', async (_, deed) => {
    for (const proofWait of [0, 1200]) {
      const built = await buildQuick('looks-rotated')
      const { result } = await runInMemory({ built, stages: claimingRestart(stages, built, () => deed(built)), proofWait })
      expect(result.incident.facts.rotation?.verdict).not.toBe('rotated')
      expect(result.exitCode).toBe(6)
    }
  })

  it('is refused although it differs, when the agent answers through Default Host Management', async () => {
    const built = await hostManaged(buildQuick('looks-rotated'))
    const { result } = await runInMemory({ built, stages: claimingRestart(stages, built, () => {}), proofWait: 0 })
    const { rotation, subject } = result.incident.facts
    expect(rotation?.newAccessKeyId).toMatch(/^ASIA/)
    expect(rotation?.newAccessKeyId).not.toBe(subject?.accessKeyId)
    expect(rotation?.verdict).toBe('not-rotated')
  })

  it('gives the verdict "rotated" once the instance is restarted', async () => {
    const built = await buildQuick('looks-rotated')
    const { result } = await runInMemory({ built })
    const { rotation, revocation } = result.incident.facts
    expect(rotation?.verdict).toBe('rotated')
    const issued = rotation?.corroboration.find(({ kind }) => kind === 'cloudtrail')?.at
    expect(issued && revocation && !isBefore(issued, revocation.cutoff)).toBe(true)
    expect(changesIn(built)).toMatchObject({ StopInstances: 1, StartInstances: 1 })
  })
})
