import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createIncident } from '../../src/journal/directory.ts'
import { openJournal } from '../../src/journal/file.ts'
import { readJournal } from '../../src/journal/read.ts'
import { recovered, type TestEntry, threeEntries } from './entries.ts'
import { ownUid, temporaryDirectory } from './temporary.ts'

/** A journal as version 0.1.0 wrote it. It is never to be changed: whoever has such a file must be able to read it. */
const FORMAT_1 = String.raw`{"entry":{"at":"2026-03-04T02:31:09Z","incident":"stolen-key","region":"eu-central-1","type":"opened"},"h":"9c97deb1adfe02300147310a387ff7e7ee0931590cca237401507951af5a8f79","n":1,"prev":"55fe15fc7eecdf718b9206a9faeb05c2851b0f9b8e2403f328534c8b65c8b903","v":1}
{"entry":{"at":"2026-03-04T02:31:09Z","input":{"RoleName":"web-app","attempts":[1,2.5,null,true]},"operation":"iam:PutRolePolicy","type":"intended"},"h":"b54814d9d9225813fced4e2c7fb438630ccac23004a07f0c95b81d7998167184","n":2,"prev":"9c97deb1adfe02300147310a387ff7e7ee0931590cca237401507951af5a8f79","v":1}
{"entry":{"at":"2026-03-04T02:31:09Z","city":"Z\u00fcrich \ud83c\udfd4","type":"established","userAgent":{"untrusted":"curl\u001b[2J\u202e"}},"h":"0491d6af72e2fe736e68b4d5e7a862962950bf5e4101de81fec1d0561059a431","n":3,"prev":"b54814d9d9225813fced4e2c7fb438630ccac23004a07f0c95b81d7998167184","v":1}
`

it('a journal of format 1 is read, and gone on with', async () => {
  const root = await temporaryDirectory()
  const { path } = await createIncident(root, 'stolen-key', ownUid)
  await writeFile(join(path, 'journal.ndjson'), FORMAT_1, { mode: 0o600 })
  expect(await readJournal(root, 'stolen-key')).toEqual({ entries: threeEntries, head: '0491d6af72e2fe73' })
  const journal = await openJournal<TestEntry>(root, 'stolen-key', { recovered, uid: ownUid })
  await journal.append({ type: 'ended', at: '2026-03-04T03:00:00Z' })
  await journal.close()
  expect((await readJournal(root, 'stolen-key')).entries).toHaveLength(4)
})

it('format 1 is written byte for byte as it always was', async () => {
  const root = await temporaryDirectory()
  const { path } = await createIncident(root, 'stolen-key', ownUid)
  const journal = await openJournal<TestEntry>(root, 'stolen-key', { recovered, uid: ownUid })
  for (const entry of threeEntries) await journal.append(entry)
  await journal.close()
  expect(await readFile(join(path, 'journal.ndjson'), 'utf8')).toBe(FORMAT_1)
})
