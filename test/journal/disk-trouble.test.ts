import { appendFile, rm, truncate } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Failure } from '../../src/incident/values/failure.ts'
import { readJournal } from '../../src/journal/read.ts'
import { entry, threeEntries } from './entries.ts'
import { diskError, type Faults, faultyDisk } from './faulty-disk.ts'
import { ID, newRoot, open, pathIn, withEntries } from './journals.ts'
import { failureOf } from './refusal.ts'

describe('disk trouble stops the work, not the truth', () => {
  const appendUntilRefused = async (
    faults: Faults,
  ): Promise<{ root: string; acknowledged: number; failure: Failure; late: Failure }> => {
    const root = await newRoot()
    const journal = await open(root, faultyDisk(faults))
    for (const [acknowledged, each] of threeEntries.entries()) {
      const failure = await journal.append(each).then(
        () => undefined,
        (error: Failure) => error,
      )
      if (!failure) continue
      const late = await failureOf(journal.append(entry('later')))
      await journal.close()
      return { root, acknowledged, failure, late }
    }
    return expect.fail('it was never refused')
  }

  it.each([0, 1, 100, 300, 550, 700])(
    'a disk that is full after %i bytes: what was acknowledged is there, and nothing after it',
    async (capacity) => {
      const { root, acknowledged, failure, late } = await appendUntilRefused({ capacity })
      expect(failure).toMatchObject({
        kind: 'blocked',
        why: 'the disk is full (ENOSPC)',
        remedy: expect.stringContaining('Free space'),
      })
      expect(late).toBe(failure)
      const again = await open(root)
      expect(again.entries.filter(({ type }) => type !== 'recovered')).toEqual(threeEntries.slice(0, acknowledged))
      await again.append(entry('resumed'))
      await again.close()
      expect(await readJournal(root, ID)).not.toHaveProperty('damage')
    },
  )

  it.each([
    ['EFBIG', 'size limit'],
    ['EDQUOT', 'quota'],
    ['EROFS', 'read-only'],
    ['EACCES', 'permission'],
    ['EMFILE', 'too many files'],
    ['EWEIRD', 'the disk reports an error'],
  ])('%s is told with what to do', async (fullCode, why) => {
    const { failure } = await appendUntilRefused({ capacity: 300, fullCode })
    expect(failure).toMatchObject({ kind: 'blocked', why: expect.stringContaining(why), remedy: expect.stringMatching(/\.$/) })
    expect(failure.why).toContain(fullCode)
  })

  it('a failed sync is final: a later one may succeed without having written anything', async () => {
    const { failure, late, acknowledged } = await appendUntilRefused({ failingSyncs: [4] })
    expect(acknowledged).toBe(1)
    expect(failure).toMatchObject({ kind: 'blocked', why: expect.stringContaining('(EIO)') })
    expect(late).toBe(failure)
  })

  it.each([1, 2])('a sync that fails while opening (call %i) refuses the journal', async (call) => {
    expect(await failureOf(open(await newRoot(), faultyDisk({ failingSyncs: [call] })))).toMatchObject({ kind: 'blocked' })
  })

  it('a disk that cannot even be opened is told', async () => {
    const disk = faultyDisk({
      before: (call) => {
        if (call === 'open') throw diskError('EROFS')
      },
    })
    expect(await failureOf(open(await newRoot(), disk))).toMatchObject({
      kind: 'blocked',
      why: 'the file system is read-only (EROFS)',
    })
  })

  it('a disk that takes no byte without an error is not asked for ever', async () => {
    const { failure } = await appendUntilRefused({ shortWrites: 0 })
    expect(failure).toMatchObject({ kind: 'blocked' })
  })
})

describe('somebody else’s hand in an open journal', () => {
  it.each([
    ['appended to it', (path: string) => appendFile(path, 'x'), 'bytes instead of'],
    ['cut it', (path: string) => truncate(path, 10), 'has 10 bytes'],
    ['removed it', (path: string) => rm(path), 'was removed'],
  ])('is noticed when they %s, and nothing is written', async (_, tamper, why) => {
    const root = await withEntries()
    const journal = await open(root)
    await tamper(pathIn(root))
    expect(await failureOf(journal.append(entry('next')))).toMatchObject({ kind: 'blocked', why: expect.stringContaining(why) })
    await journal.close()
  })
})
