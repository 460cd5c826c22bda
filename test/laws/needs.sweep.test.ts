import { describe, expect, it } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import { type MemoryRan, runInMemory } from '../support/run-in-memory.ts'
import { buildQuick } from './whole-run.ts'

const needsOf = (id: string): readonly string[] => stages.find((stage) => stage.id === id)?.needs ?? []
const oneOf = (id: string): readonly string[] => stages.find((stage) => stage.id === id)?.needsOneOf ?? []

/** Nothing but the instance runs under the role of these runs, and nothing of it is done by hand. */
const OF_OTHERS = ['renew-workload', 'verify-by-hand']

/** Stages that cannot do without a stage, by way of others too. */
const dependents = (skipped: string): readonly string[] => {
  const missing = new Set(
    stages.filter(({ id }) => id === skipped || OF_OTHERS.includes(id)).map(({ establishes }) => establishes as string),
  )
  const without: string[] = []
  for (const { id, establishes } of stages) {
    const lacksAll = oneOf(id).length > 0 && oneOf(id).every((need) => missing.has(need))
    if (id === skipped || OF_OTHERS.includes(id) || !(lacksAll || needsOf(id).some((need) => missing.has(need)))) continue
    missing.add(establishes)
    without.push(id)
  }
  return without
}

describe('the wiring of the runbook', () => {
  it('has one stage for each fact, and no id twice', () => {
    expect(new Set(stages.map(({ id }) => id)).size).toBe(stages.length)
    expect(new Set(stages.map(({ establishes }) => establishes)).size).toBe(stages.length)
  })

  it.each(stages)('$id needs only what an earlier stage establishes', ({ id }) => {
    const earlier = stages
      .slice(
        0,
        stages.findIndex((stage) => stage.id === id),
      )
      .map(({ establishes }) => establishes as string)
    expect([...needsOf(id), ...oneOf(id)].filter((need) => !earlier.includes(need))).toEqual([])
  })

  it.each(stages.filter(({ awaits }) => awaits))('$id awaits only what an earlier stage establishes', ({ id, awaits = [] }) => {
    const place = stages.findIndex((stage) => stage.id === id)
    const earlier = stages.slice(0, place).map(({ establishes }) => establishes)
    expect(awaits.filter((name) => !earlier.includes(name))).toEqual([])
  })

  it.each(stages)('$id has a name that says what it does, and a title that begins with a verb', ({ id, title, phase }) => {
    expect(id).toMatch(/^[a-z]+-[a-z]+(-[a-z]+)?$/)
    expect(title).toMatch(/^[A-Z][a-z]+ \S/)
    expect(['detect', 'contain', 'eradicate', 'recover', 'review']).toContain(phase)
  })
})

/** The run without a stage, made once for all that is asked about it. */
const withoutStage = ((runs: Map<string, Promise<MemoryRan>>) => (id: string) => {
  const run = runs.get(id) ?? buildQuick().then((built) => runInMemory({ built, skip: [id], proofWait: 0 }))
  runs.set(id, run)
  return run
})(new Map())

describe('skipping', () => {
  it.each(stages.slice(1))('$id makes the stages that need it not applicable, and no other', async ({ id }) => {
    const { journal, result } = await withoutStage(id)
    const notApplicable = journal.flatMap((entry) =>
      entry.type === 'notApplicable' && !OF_OTHERS.includes(entry.stage) ? [entry.stage] : [],
    )
    expect(notApplicable).toEqual(dependents(id))
    expect(journal.filter((entry) => entry.type === 'skipped')).toMatchObject([{ stage: id, by: 'the responder' }])
    expect(result.ending).toBe('completed')
    expect(result.incident.decided[id]).toMatchObject({ how: 'skipped' })
  })

  it.each(['preserve-evidence', 'investigate-session', 'trace-activity', 'hunt-persistence'])(
    'a stage that does not contain leaves the exit code 0: %s',
    async (id) => {
      const { result } = await withoutStage(id)
      expect(result.exitCode).toBe(0)
    },
  )

  it.each(['revoke-sessions', 'restart-instance', 'verify-rotation'])(
    'a stage that contains leaves the run unconfirmed, with exit 6: %s',
    async (id) => {
      const { result } = await withoutStage(id)
      expect(result.exitCode).toBe(6)
    },
  )
})
