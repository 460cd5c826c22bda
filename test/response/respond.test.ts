import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/incident/values/failure.ts'
import { defineStage } from '../../src/response/stage.ts'
import { buildQuick } from '../laws/whole-run.ts'
import { runInMemory } from '../support/run-in-memory.ts'

const denied = new Failure({ kind: 'identity', what: 'AWS refused it', meaning: 'denied' })

/** A run of one stage whose change fails in this way; with `withoutIt`, the response can do without the stage. */
const acting = async (error: unknown, parts: { withoutIt?: (refusal: Failure) => string | undefined } = {}) => {
  let acted = false
  const stage = defineStage({
    id: 'preserve-evidence',
    phase: 'contain',
    title: 'Preserve the evidence',
    needs: [],
    establishes: 'evidence',
    assess: async () =>
      acted
        ? { status: 'established', fact: { snapshots: [] } }
        : {
            status: 'needed',
            effects: [{ operation: 'ec2:CreateSnapshots', resource: 'instance/i-1', sentence: 'take a snapshot' }],
            expected: { snapshots: [] },
          },
    act: async () => {
      if (error !== undefined) throw error
      acted = true
    },
    describe: () => [],
    ...parts,
  })
  const { result, journal } = await runInMemory({ built: await buildQuick(), stages: [stage], proofWait: 0 })
  const ends: unknown[] = journal.map((entry) => (entry.type === 'established' ? entry.fact : 'why' in entry && entry.why))
  return { result, ends: ends.filter(Boolean) }
}
const optional = {
  withoutIt: ({ meaning }: Failure) => (meaning === denied.meaning ? 'it is denied, and the rest stands' : undefined),
}

describe('respond', () => {
  it('establishes the fact of a stage whose change was made', async () => {
    const { result, ends } = await acting(undefined, optional)
    expect(ends).toEqual([{ evidence: { snapshots: [] } }])
    expect(result.ending).toBe('completed')
  })

  it('ends the run with the refusal when a change is refused', async () => {
    const { result } = await acting(denied)
    expect(result).toMatchObject({ exitCode: 4, failure: denied })
  })

  it('leaves a stage out, with its reason, when its change is refused and the response can do without it', async () => {
    const { result, ends } = await acting(denied, optional)
    expect(ends).toEqual(['it is denied, and the rest stands'])
    expect(result.ending).toBe('completed')
  })

  it('ends the run when such a stage gives no reason to go on without it', async () => {
    const ended = new Failure({ kind: 'identity', what: 'AWS refused it', meaning: 'expired' })
    expect((await acting(ended, optional)).result).toMatchObject({ exitCode: 4, failure: ended })
  })

  it('throws a bug of a stage to its caller, whether or not the response can do without the stage', async () => {
    await expect(acting(new TypeError('x'), optional)).rejects.toThrow(TypeError)
  })
})
