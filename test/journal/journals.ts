import { join } from 'node:path'
import { createIncident } from '../../src/journal/directory.ts'
import type { Disk } from '../../src/journal/disk.ts'
import { openJournal } from '../../src/journal/file.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { recovered, type TestEntry, threeEntries } from './entries.ts'
import { ownUid, temporaryDirectory } from './temporary.ts'

/** The incident that most tests are about. */
export const ID = 'stolen-key'

export const pathIn = (root: string): string => join(root, ID, 'journal.ndjson')

/** A state root in which the incident has a directory and nothing else. */
export const newRoot = async (): Promise<string> => {
  const root = await temporaryDirectory()
  await createIncident(root, ID, ownUid)
  return root
}

export const open = (root: string, disk?: Disk): Promise<Journal<TestEntry>> =>
  openJournal<TestEntry>(root, ID, { recovered, uid: ownUid, ...(disk && { disk }) })

/** A state root in which the incident has a journal with entries. */
export const withEntries = async (entries: readonly TestEntry[] = threeEntries): Promise<string> => {
  const root = await newRoot()
  const journal = await open(root)
  for (const each of entries) await journal.append(each)
  await journal.close()
  return root
}
