import { expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import { nobody, runInMemory } from '../support/run-in-memory.ts'
import { buildQuick, changesIn } from './whole-run.ts'

it('an approval counts in the process that got it: one that stands in a journal changes nothing without another', async () => {
  const approved: Entry[] = []
  await runInMemory({ built: await buildQuick(), journal: approved, proofWait: 0 })
  const forged = approved.filter(({ type }) => type === 'approved')
  expect(forged.length).toBeGreaterThan(2)

  const built = await buildQuick()
  const journal: Entry[] = []
  expect((await runInMemory({ built, journal, responder: nobody, proofWait: 0 })).result.exitCode).toBe(3)
  journal.push(...forged)
  const { result, journal: after } = await runInMemory({ built, journal, responder: nobody, proofWait: 0 })
  expect(result).toMatchObject({ ending: 'declined', exitCode: 3 })
  expect(after.filter(({ type }) => type === 'intended')).toEqual([])
  expect(changesIn(built)).toEqual({})
})
