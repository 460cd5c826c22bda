import { execFileSync } from 'node:child_process'
import { appendFile, chmod, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/journal/chain.ts'
import { createIncident } from '../../src/journal/directory.ts'
import { openJournal } from '../../src/journal/file.ts'
import { readJournal } from '../../src/journal/read.ts'
import { recovered, type TestEntry, threeEntries } from './entries.ts'
import { faultyDisk } from './faulty-disk.ts'
import { ID, newRoot, open, pathIn, withEntries } from './journals.ts'
import { failureOf } from './refusal.ts'
import { ownUid } from './temporary.ts'

describe('a torn tail', () => {
  const torn = Buffer.from('{"entry":{"at":"2026')

  it('is kept aside, cut off, and recorded', async () => {
    const root = await withEntries()
    await appendFile(pathIn(root), torn)
    const journal = await open(root)
    expect(journal.notes).toEqual([expect.stringContaining('moved to journal.torn-1')])
    expect(journal.entries).toEqual([
      ...threeEntries,
      recovered({ file: 'journal.torn-1', bytes: torn.length, sha256: sha256(torn) }),
    ])
    await journal.close()
    expect(await readFile(join(root, ID, 'journal.torn-1'))).toEqual(torn)
    expect((await readJournal(root, ID)).damage).toBeUndefined()
  })

  it('is on the disk under its new name before it is cut off, and recorded last', async () => {
    const root = await withEntries()
    await appendFile(pathIn(root), torn)
    const calls: string[] = []
    const journal = await open(root, faultyDisk({ before: (call) => void calls.push(call) }))
    expect(calls.join(' ')).toBe('open state sync readAll open write sync close syncDirectory truncate sync state write datasync')
    await journal.close()
  })

  it('never overwrites one that was kept before', async () => {
    const root = await withEntries()
    for (const tail of ['first', 'second']) {
      await appendFile(pathIn(root), tail)
      await (await open(root)).close()
    }
    expect((await readdir(join(root, ID))).sort()).toEqual(['journal.ndjson', 'journal.torn-1', 'journal.torn-2'])
    expect(await readFile(join(root, ID, 'journal.torn-1'), 'utf8')).toBe('first')
  })

  it('is left out, and told, when the journal is only read', async () => {
    const root = await withEntries()
    await appendFile(pathIn(root), torn)
    const before = await readFile(pathIn(root))
    expect(await readJournal(root, ID)).toMatchObject({
      entries: threeEntries,
      torn: expect.stringContaining('20 bytes are left out'),
    })
    expect(await readFile(pathIn(root))).toEqual(before)
  })

  it('stays where it is when there is no room to keep it aside', async () => {
    const root = await withEntries()
    await appendFile(pathIn(root), torn)
    const before = await readFile(pathIn(root))
    expect(await failureOf(open(root, faultyDisk({ capacity: 5 })))).toMatchObject({
      kind: 'blocked',
      why: 'the disk is full (ENOSPC)',
    })
    expect(await readFile(pathIn(root))).toEqual(before)
  })
})

describe('a damaged journal', () => {
  const damage = async (root: string): Promise<void> => {
    const text = await readFile(pathIn(root), 'utf8')
    await writeFile(pathIn(root), text.replace('web-app', 'web-api'))
  }

  it('is refused, naming the line, and left as it is', async () => {
    const root = await withEntries()
    await damage(root)
    const before = await readFile(pathIn(root))
    const failure = await failureOf(open(root))
    expect(failure).toMatchObject({
      kind: 'blocked',
      what: `The journal of incident ${ID} is damaged`,
      why: expect.stringContaining('line 2 was changed'),
    })
    expect(failure.remedy).toContain(`ir-cred report ${ID}`)
    expect(await readFile(pathIn(root))).toEqual(before)
  })

  it('can still be read up to there', async () => {
    const root = await withEntries()
    await damage(root)
    expect(await readJournal(root, ID)).toMatchObject({
      entries: threeEntries.slice(0, 1),
      damage: 'The journal is damaged: line 2 was changed: it does not match its hash. Only the lines before it can be trusted.',
    })
  })

  it('a journal of a newer ir-cred is read but never written', async () => {
    const root = await withEntries()
    await appendFile(pathIn(root), '{"v":2}\n')
    expect(await failureOf(open(root))).toMatchObject({
      kind: 'blocked',
      what: expect.stringContaining('newer ir-cred'),
      why: expect.stringContaining('line 4'),
    })
    expect((await readJournal(root, ID)).entries).toEqual(threeEntries)
  })

  it('a journal of another incident is refused', async () => {
    const root = await withEntries()
    await createIncident(root, 'other', ownUid)
    await writeFile(join(root, 'other', 'journal.ndjson'), await readFile(pathIn(root)), { mode: 0o600 })
    const opening = openJournal<TestEntry>(root, 'other', { recovered, uid: ownUid })
    expect(await failureOf(opening)).toMatchObject({ kind: 'blocked', why: expect.stringContaining('another incident') })
  })

  it.runIf(ownUid !== undefined).each([
    ['a symbolic link', (path: string, root: string) => symlink(pathIn(root), path), 'it is a symbolic link'],
    ['a directory', (path: string) => mkdir(path), 'it is a directory (EISDIR)'],
  ])('a journal that is %s is refused', async (_, make, why) => {
    const root = await withEntries()
    const { path } = await createIncident(root, 'odd', ownUid)
    await make(join(path, 'journal.ndjson'), root)
    expect(await failureOf(openJournal<TestEntry>(root, 'odd', { recovered, uid: ownUid }))).toMatchObject({
      kind: 'blocked',
      why,
    })
    expect(await failureOf(readJournal(root, 'odd'))).toMatchObject({ kind: 'blocked' })
  })

  it.runIf(ownUid !== undefined)('a journal that is a named pipe is refused and waits for nobody', async () => {
    const root = await newRoot()
    execFileSync('mkfifo', [pathIn(root)])
    expect(await failureOf(open(root))).toMatchObject({
      kind: 'blocked',
      what: `${pathIn(root)} cannot be trusted, and with it this incident`,
      why: 'it is a pipe, a device or a socket, not a file',
    })
    expect(await failureOf(readJournal(root, ID))).toMatchObject({
      kind: 'blocked',
      what: `${pathIn(root)} cannot be trusted, and with it this incident`,
    })
  })

  it.runIf(ownUid !== undefined)('a journal whose mode let others read it is mended with a note', async () => {
    const root = await withEntries()
    await chmod(pathIn(root), 0o644)
    const journal = await open(root)
    expect(journal.notes).toEqual([expect.stringContaining('mode 644')])
    await journal.close()
    expect((await lstat(pathIn(root))).mode & 0o777).toBe(0o600)
  })
})
