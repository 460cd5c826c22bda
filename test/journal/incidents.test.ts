import { appendFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createIncident } from '../../src/journal/directory.ts'
import { openJournal } from '../../src/journal/file.ts'
import { listIncidents } from '../../src/journal/read.ts'
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
