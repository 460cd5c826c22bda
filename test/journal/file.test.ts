import { lstat, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { chainStart } from '../../src/journal/chain.ts'
import type { Disk } from '../../src/journal/disk.ts'
import { LINE_LIMIT, memoryJournal } from '../../src/journal/journal.ts'
import { readJournal } from '../../src/journal/read.ts'
import { entry, type TestEntry, threeEntries } from './entries.ts'
import { faultyDisk } from './faulty-disk.ts'
import { ID, newRoot, open, pathIn, withEntries } from './journals.ts'
import { failureOf } from './refusal.ts'
import { ownUid, temporaryDirectory } from './temporary.ts'

describe('a journal', () => {
  it('gives back what was appended, after it is opened again', async () => {
    const root = await withEntries()
    const journal = await open(root)
    expect(journal.entries).toEqual(threeEntries)
    expect(journal.notes).toEqual([])
    await journal.append(entry('ended'))
    await journal.close()
    expect((await readJournal(root, ID)).entries).toEqual([...threeEntries, entry('ended')])
  })

  it('shows its own appends at once, as they will be read again', async () => {
    const journal = await open(await newRoot())
    const source = { ...entry('seen'), list: [1], nothing: undefined }
    const appended = journal.append(source)
    source.list.push(2)
    await appended
    expect(journal.entries).toStrictEqual([{ ...entry('seen'), list: [1] }])
    await journal.close()
  })

  it('writes appends in the order they were asked for, whoever waits', async () => {
    const root = await newRoot()
    const journal = await open(root, faultyDisk({ shortWrites: 7 }))
    await Promise.all(Array.from({ length: 20 }, (_, n) => journal.append(entry(`entry-${n}`))))
    await journal.close()
    expect((await readJournal(root, ID)).entries.map(({ type }) => type)).toEqual(
      Array.from({ length: 20 }, (_, n) => `entry-${n}`),
    )
  })

  it('shows a head of 16 hex digits that changes with every entry', async () => {
    const root = await newRoot()
    const journal = await open(root)
    const heads = [journal.head()]
    for (const each of threeEntries) {
      await journal.append(each)
      heads.push(journal.head())
    }
    await journal.close()
    expect(heads[0]).toBe(chainStart(ID).slice(0, 16))
    expect(new Set(heads).size).toBe(4)
    expect((await readJournal(root, ID)).head).toBe(heads.at(-1))
  })

  it.runIf(ownUid !== undefined)('is a file for its owner only', async () => {
    const root = await withEntries()
    expect((await lstat(pathIn(root))).mode & 0o777).toBe(0o600)
  })

  it('needs its incident to exist', async () => {
    const root = await temporaryDirectory()
    expect(await failureOf(open(root))).toMatchObject({ kind: 'usage' })
    expect(await failureOf(readJournal(root, ID))).toMatchObject({ kind: 'usage', what: `There is no incident ${ID} here` })
  })

  it('takes nothing more once it is closed', async () => {
    const journal = await open(await newRoot())
    await journal.close()
    await journal.close()
    await expect(journal.append(entry('late'))).rejects.toThrow('the journal is closed')
  })

  it('finishes the appends under way before it closes', async () => {
    const root = await newRoot()
    const journal = await open(root)
    const appended = journal.append(entry('last'))
    await journal.close()
    await appended
    expect((await readJournal(root, ID)).entries).toHaveLength(1)
  })

  it('refuses an entry that is too large or no JSON, and goes on', async () => {
    const root = await newRoot()
    const journal = await open(root)
    expect(await failureOf(journal.append(entry('huge', { text: 'x'.repeat(LINE_LIMIT) })))).toMatchObject({
      kind: 'blocked',
      what: 'An entry of type huge is too large for the journal',
    })
    await expect(journal.append(entry('odd', { n: Number.NaN }))).rejects.toThrow(TypeError)
    await journal.append(entry('fine'))
    await journal.close()
    expect((await readJournal(root, ID)).entries).toEqual([entry('fine')])
  })
})

describe('durability', () => {
  const callsOf = async (work: (disk: Disk, calls: string[]) => Promise<void>): Promise<string[]> => {
    const calls: string[] = []
    await work(faultyDisk({ before: (call) => void calls.push(call) }), calls)
    return calls
  }

  it('a new journal and its name are synced before it is used', async () => {
    const root = await newRoot()
    expect(await callsOf(async (disk) => (await open(root, disk)).close())).toEqual([
      'open',
      'state',
      'sync',
      'syncDirectory',
      'readAll',
      'close',
    ])
  })

  it('a journal that a crashed run left is synced before it is believed', async () => {
    const root = await withEntries()
    expect(await callsOf(async (disk) => (await open(root, disk)).close())).toEqual(['open', 'state', 'sync', 'readAll', 'close'])
  })

  it('an append resolves only after its last byte and then a sync', async () => {
    const root = await newRoot()
    const calls = await callsOf(async (disk, seen) => {
      const journal = await open(root, disk)
      seen.length = 0
      await journal.append(entry('intended'))
      seen.push('resolved')
      await journal.close()
    })
    expect(calls).toEqual(['state', 'write', 'datasync', 'resolved', 'close'])
  })

  it('short writes are continued until all bytes are taken', async () => {
    const root = await newRoot()
    const journal = await open(root, faultyDisk({ shortWrites: 1 }))
    for (const each of threeEntries) await journal.append(each)
    await journal.close()
    expect(await readFile(pathIn(root))).toEqual(await readFile(pathIn(await withEntries())))
  })
})

describe('a journal in memory', () => {
  it('has the same head and entries as one on the disk', async () => {
    const onDisk = await open(await newRoot())
    const inMemory = memoryJournal<TestEntry>([], ID)
    for (const each of threeEntries) {
      const appended = await onDisk.append({ ...each, gone: undefined })
      expect(await inMemory.append({ ...each, gone: undefined })).toBe(appended)
      expect([onDisk.head(), inMemory.head()]).toEqual([appended, appended])
    }
    expect(inMemory.entries).toStrictEqual(onDisk.entries)
    await onDisk.close()
  })

  it('refuses the same entries, and all of them once it is closed', async () => {
    const journal = memoryJournal<TestEntry>(threeEntries)
    expect(journal.entries).toEqual(threeEntries)
    await expect(journal.append(entry('odd', { n: Number.NaN }))).rejects.toThrow(TypeError)
    await expect(journal.append(entry('huge', { text: 'x'.repeat(LINE_LIMIT) }))).rejects.toThrow('too large')
    await journal.close()
    await expect(journal.append(entry('late'))).rejects.toThrow('the journal is closed')
  })
})
