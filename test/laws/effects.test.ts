import { describe, expect, it } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import type { Assessment, Stage } from '../../src/response/stage.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { type MemoryRan, runInMemory } from '../support/run-in-memory.ts'
import { subjectInstanceOf } from '../support/scenario.ts'
import { apartFromTimesAndIds, buildQuick, changesIn, EACH_ONCE } from './whole-run.ts'

type Seen = { readonly stage: string; readonly assessment: Assessment<unknown>; readonly afterAct: boolean }

/** The same stages; what each assessment says is kept. */
const overheard = (seen: Seen[]): readonly Stage[] =>
  stages.map((stage) => {
    let acted = false
    return {
      ...stage,
      assess: async (incident, context) => {
        const assessment = await stage.assess(incident, context)
        seen.push({ stage: stage.id, assessment, afterAct: acted })
        return assessment
      },
      ...(stage.act
        ? {
            act: async (incident, context, needed) => {
              await stage.act?.(incident, context, needed)
              acted = true
            },
          }
        : {}),
    }
  })

const seen: Seen[] = []
const built = await buildQuick()
const ran = await runInMemory({ built, stages: overheard(seen), proofWait: 0 })
/** What is no instance is renewed in a response to a function's session only. */
const RENEWING = 'renew-workload'
const ofFunction: Seen[] = []
await runInMemory({ built: await buildQuick('function-role'), stages: overheard(ofFunction), proofWait: 0 })
const of = (id: string) => (id === RENEWING ? ofFunction : seen).filter(({ stage }) => stage === id)

describe.each(stages.filter(({ act }) => act))('stage $id', (stage) => {
  it('shows what it would change before it acts: at least one effect, each on a named resource', () => {
    const needed = of(stage.id).flatMap(({ assessment }) => (assessment.status === 'needed' ? [assessment] : []))
    expect(needed.length).toBeGreaterThan(0)
    for (const { effects } of needed) {
      expect(effects.length).toBeGreaterThan(0)
      for (const { operation, resource, sentence, undo, undoCommand } of effects) {
        expect(undo, `how to undo ${operation}`).toMatch(/\w/)
        if (undoCommand !== undefined) expect(undoCommand).toMatch(/^aws [a-z0-9]+ [a-z-]+ --[^<>]+$/)
        expect(operation).toMatch(/^[a-z0-9]+:[A-Z]\w+$/)
        expect(resource).toMatch(/^(arn:aws:\S+|instance\/i-[0-9a-f]{8,17})$/)
        expect(sentence).toMatch(/^[a-z].{8,}[^.]$/)
      }
    }
  })

  it('has its fact established once it has acted', () => {
    expect(
      of(stage.id)
        .filter(({ afterAct }) => afterAct)
        .at(-1)?.assessment.status,
    ).toBe('established')
  })
})

describe('a second run', () => {
  it('changes nothing more and has the same facts', async () => {
    const again = await runInMemory({ built, journal: [...ran.journal], proofWait: 0 })
    expect(again.result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(apartFromTimesAndIds(again.result.incident.facts)).toEqual(apartFromTimesAndIds(ran.result.incident.facts))
    expect(changesIn(built)).toEqual(EACH_ONCE)
  })
})

/** Situations in which a stage cannot go on, and which one. */
const dead: readonly (readonly [situation: string, stage: string, spoil: (built: BuiltScenario) => unknown])[] = [
  ['there is no such finding', 'find-finding', ({ account }) => account.findings.clear()],
  ['the role is gone', 'identify-subject', ({ account }) => account.roles.delete('web-app')],
  ['EC2 does not show the instance', 'scope-blast-radius', (one) => one.account.instances.delete(subjectInstanceOf(one).id)],
]

describe('a stage that cannot go on', () => {
  it.each(dead)('says why, and what you do about it: %s', async (_, stage, spoil) => {
    const spoilt = await buildQuick()
    spoil(spoilt)
    const { result, journal }: MemoryRan = await runInMemory({ built: spoilt, proofWait: 0 })
    const blocked = journal.find((entry) => entry.type === 'blocked')
    expect(blocked).toMatchObject({ stage, why: expect.stringMatching(/\w{3,}/), remedy: expect.stringMatching(/\w{3,}/) })
    expect(result.failure?.remedy).toBe(blocked && 'remedy' in blocked ? blocked.remedy : '')
    expect([5, 6]).toContain(result.exitCode)
  })
})
