import { appendFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createIncident } from '../../src/journal/directory.ts'
import { type Disk, realDisk } from '../../src/journal/disk.ts'
import { openJournal } from '../../src/journal/file.ts'
import { incidentJournals, isTaken, listIncidents } from '../../src/journal/read.ts'
import { entry, recovered, type TestEntry } from './entries.ts'
import { ownUid, temporaryDirectory } from './temporary.ts'

const record = async (root: string, id: string, ...types: readonly string[]): Promise<string> => {
  const { path } = await createIncident(root, id, ownUid)
  const journal = await openJournal<TestEntry>(root, id, { recovered, uid: ownUid })
  for (const type of types) await journal.append(entry(type))
  await journal.close()
  return join(path, 'journal.ndjson')
}

it('incidents are listed by id, with their first and last entry', async () => {
  const root = await temporaryDirectory()
  await record(root, 'second', 'opened')
  await record(root, 'first', 'opened', 'intended', 'ended')
  expect(await listIncidents<TestEntry>(root)).toEqual([
    { id: 'first', entries: 3, first: entry('opened'), last: entry('ended') },
    { id: 'second', entries: 1, first: entry('opened'), last: entry('opened') },
  ])
})

it('damaged incidents are listed with what is good and what is wrong; one whose last line was cut off is none', async () => {
  const root = await temporaryDirectory()
  await appendFile(await record(root, 'newer', 'opened'), '{"v":9}\n')
  await appendFile(await record(root, 'torn', 'opened'), '{"v"')
  await createIncident(root, 'unreadable', ownUid)
  await mkdir(join(root, 'unreadable', 'journal.ndjson'))
  const listed = await listIncidents<TestEntry>(root)
  expect(listed.map(({ id, entries }) => [id, entries])).toEqual([
    ['newer', 1],
    ['torn', 1],
    ['unreadable', 0],
  ])
  expect(listed.map(({ damage }) => damage)).toEqual([
    expect.stringContaining('line 2 has format 9'),
    undefined,
    'The journal of incident unreadable is not a file.',
  ])
})

it('what is no incident is not listed', async () => {
  const root = await temporaryDirectory()
  await record(join(root, 'drills'), 'practice', 'opened')
  await record(root, 'real', 'opened')
  await createIncident(root, 'without-journal', ownUid)
  await record(root, 'before-its-first-line')
  await appendFile(await record(root, 'in-its-first-line'), '{"v"')
  await writeFile(join(root, 'notes'), '')
  await mkdir(join(root, 'Not an id'))
  await symlink(join(root, 'real'), join(root, 'alias'))
  expect((await listIncidents(root)).map(({ id }) => id)).toEqual(['real'])
  expect((await listIncidents(join(root, 'drills'))).map(({ id }) => id)).toEqual(['practice'])
})

it('a root that does not exist has no incidents, one that is a file is refused', async () => {
  const root = await temporaryDirectory()
  expect(await listIncidents(join(root, 'nothing'))).toEqual([])
  await writeFile(join(root, 'file'), '')
  await expect(listIncidents(join(root, 'file'))).rejects.toMatchObject({ kind: 'blocked' })
})

it('the journals of all incidents are read once each, whole', async () => {
  const root = await temporaryDirectory()
  await record(root, 'first', 'opened', 'ended')
  await record(root, 'second', 'opened')
  const opened: string[] = []
  const disk: Disk = {
    ...realDisk,
    open: (path, how) => {
      opened.push(path)
      return realDisk.open(path, how)
    },
  }
  const journals: [string, readonly string[]][] = []
  for await (const { id, entries } of incidentJournals<TestEntry>(root, { disk }))
    journals.push([id, entries.map(({ type }) => type)])
  expect(journals).toEqual([
    ['first', ['opened', 'ended']],
    ['second', ['opened']],
  ])
  expect(opened).toEqual(['first', 'second'].map((id) => join(root, id, 'journal.ndjson')))
})

it('a name is taken by whatever has it, but for a directory in which nothing had been done', async () => {
  const root = await temporaryDirectory()
  await record(root, 'opened', 'opened')
  await createIncident(root, 'damaged', ownUid)
  await writeFile(join(root, 'damaged', 'journal.ndjson'), '{"v":9}\n')
  await writeFile(join(root, 'a-file'), '')
  await symlink(join(root, 'nowhere'), join(root, 'a-link'))
  await createIncident(root, 'without-journal', ownUid)
  await record(root, 'before-its-first-line')
  const taken = async (id: string) => [id, await isTaken(root, id)]
  expect(await Promise.all(['opened', 'damaged', 'a-file', 'a-link'].map(taken))).toEqual([
    ['opened', true],
    ['damaged', true],
    ['a-file', true],
    ['a-link', true],
  ])
  expect(await Promise.all(['without-journal', 'before-its-first-line', 'nothing'].map(taken))).toEqual([
    ['without-journal', false],
    ['before-its-first-line', false],
    ['nothing', false],
  ])
})
