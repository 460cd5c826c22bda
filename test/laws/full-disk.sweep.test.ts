import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import { diskFailure } from '../../src/journal/disk.ts'
import { diskError } from '../journal/faulty-disk.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { buildQuick, changesIn, EACH_ONCE } from './whole-run.ts'

/** A journal whose disk is full after so many entries, and stays full. */
const fullAfter = (entries: number): Entry[] => {
  const journal: Entry[] = []
  journal.push = (entry) => {
    if (journal.length >= entries) throw diskFailure(diskError('ENOSPC'), 'The journal cannot be written')
    return Array.prototype.push.call(journal, entry)
  }
  return journal
}

const whole: Entry[] = []
await runInMemory({ built: await buildQuick(), journal: whole, proofWait: 0 })

/** The entries around each change: what it needs on the disk before, and what is to be written after. */
const AROUND_CHANGES = [...whole.entries()].filter(([, { type }]) => ['intended', 'sent'].includes(type))

const total = (changes: Readonly<Record<string, number>>): number => Object.values(changes).reduce((sum, count) => sum + count, 0)

describe('a disk that is full when an entry is to be written', () => {
  it.each(AROUND_CHANGES.map(([index, entry]) => [index, entry.type, 'stage' in entry ? entry.stage : ''] as const))(
    'ends the run as blocked, without a change that has no intent, and the next run makes no change twice: entry %i (%s of %s)',
    async (index) => {
      const built = await buildQuick()
      const journal = fullAfter(index)
      const { result } = await runInMemory({ built, journal, proofWait: 0 })
      expect(result).toMatchObject({ ending: 'blocked', exitCode: 5, failure: { why: 'the disk is full (ENOSPC)' } })
      expect(result.failure?.remedy).toContain('Free space')
      expect(total(changesIn(built))).toBe(journal.filter(({ type }) => type === 'intended').length)

      const { result: again } = await runInMemory({ built, journal: [...journal], proofWait: 0 })
      expect({ exitCode: again.exitCode, changes: changesIn(built) }).toEqual({ exitCode: 0, changes: EACH_ONCE })
    },
  )
})
