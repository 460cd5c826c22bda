import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { earlierIncidents } from '../../../src/cli/incident-run/finished-incident.ts'
import type { ConnectedAccount } from '../../../src/cli/incident-run/resume.ts'
import type { Entry } from '../../../src/incident/entry.ts'
import type { FoundFinding, ReportByResponder } from '../../../src/incident/facts/facts.ts'
import type { Finding } from '../../../src/incident/finding/finding.ts'
import { createIncident } from '../../../src/journal/directory.ts'
import { openJournal } from '../../../src/journal/file.ts'
import { ownUid, temporaryDirectory } from '../../journal/temporary.ts'
import { at, journal, setting } from '../../support/sample-incident.ts'

const place = { setting, clock: { now: () => at('03:00:00') } } as unknown as ConnectedAccount

const sample = journal.flatMap((entry) => (entry.type === 'established' && entry.fact.finding ? [entry.fact.finding] : []))[0]

const foundWith = (finding: Partial<Record<keyof Finding, unknown>>, parts: Partial<FoundFinding> = {}): FoundFinding => {
  if (!sample) throw new Error('the sample incident has no finding')
  return { ...sample, ...parts, finding: { ...sample.finding, ...finding } as Finding }
}

/** What a responder reported, of which no key is known. */
const keyless = (by: ReportByResponder['by'], name: string, id: string, accessKeyId?: string): FoundFinding =>
  foundWith(
    { id, type: 'reported', userName: name, accessKeyId },
    {
      source: 'reported',
      report: { by, name },
    },
  )

/** A state root with an incident on each of these, opened one minute after the other. */
const rootWith = async (incidents: Readonly<Record<string, FoundFinding>>): Promise<string> => {
  const root = await temporaryDirectory()
  for (const [index, [id, found]] of Object.entries(incidents).entries()) {
    await createIncident(root, id, ownUid)
    const file = await openJournal<Entry>(root, id, { recovered: (_) => journal[0] as Entry, uid: ownUid })
    const [opened, kept] = journal as readonly [Entry, Entry]
    await file.append({ ...opened, at: at(`02:0${index}:00`), incident: id } as Entry)
    await file.append({ ...kept, at: at('02:10:00') } as Entry)
    await file.append({ type: 'established', at: at('02:10:00'), stage: 'find-finding', fact: { finding: found } })
    await file.close()
  }
  return root
}

const sameAs = async (root: string, found: FoundFinding): Promise<readonly string[]> =>
  (await earlierIncidents(found, root, place)).same.map(({ id }) => id)

describe('the earlier incidents on what a response is about', () => {
  it('are those on one key where one of the two is a report', async () => {
    const root = await rootWith({ 'a-1': keyless('role', 'web-app', 'ASIAXCSEC6TNGZ6EZUUO', 'ASIAXCSEC6TNGZ6EZUUO') })
    expect(await sameAs(root, foundWith({}))).toEqual(['a-1'])
    expect(await sameAs(root, foundWith({ accessKeyId: 'ASIAXCSEC6TNOTHERKEY' }))).toEqual([])
  })

  it('are none on another matter because neither names a key', async () => {
    const root = await rootWith({ 'a-1': keyless('user', 'bob', 'AIDAXCSEC6TNEXAMPLE1') })
    expect(await sameAs(root, keyless('user', 'carol', 'AIDAXCSEC6TNEXAMPLE2'))).toEqual([])
    expect(await sameAs(root, keyless('role', 'bob', 'AROAXCSEC6TNEXAMPLE1'))).toEqual([])
    expect(await sameAs(root, foundWith({ id: 'f'.repeat(32), accessKeyId: undefined }))).toEqual([])
  })

  it('are those on one report of which no key is known', async () => {
    const root = await rootWith({ 'a-1': keyless('user', 'bob', 'AIDAXCSEC6TNEXAMPLE1') })
    expect(await sameAs(root, keyless('user', 'bob', 'AIDAXCSEC6TNEXAMPLE1'))).toEqual(['a-1'])
    expect(await sameAs(root, keyless('user', 'bob', 'AKIAXCSEC6TNEXAMPLE1', 'AKIAXCSEC6TNEXAMPLE1'))).toEqual(['a-1'])
  })

  it('are not those on another actor of an attack sequence, without a key as this one; they are linked, the first of them', async () => {
    const actor = (userName: string, other: string) =>
      foundWith({ userName, accessKeyId: undefined, otherActors: [{ userName: other }] })
    const root = await rootWith({ 'z-1': actor('bob', 'carol'), 'a-2': actor('dave', 'carol'), 'b-3': actor('carol', 'bob') })
    const { same, linkedTo } = await earlierIncidents(actor('carol', 'bob'), root, place)
    expect(same.map(({ id }) => id)).toEqual(['b-3'])
    expect(linkedTo).toBe('z-1')
  })

  it('are in this very account, and a damaged one is left out', async () => {
    const root = await rootWith({ 'a-1': foundWith({}) })
    const elsewhere = { ...place, setting: { ...setting, accountId: '444455556666' } }
    expect(await earlierIncidents(foundWith({}), root, elsewhere)).toEqual({ same: [] })
    const path = join(root, 'a-1', 'journal.ndjson')
    await writeFile(path, (await readFile(path, 'utf8')).replace('evidence/finding.json', 'evidence/another.json'))
    const left: string[] = []
    expect(await earlierIncidents(foundWith({}), root, place, (id) => left.push(id))).toEqual({ same: [] })
    expect(left).toEqual(['a-1'])
  })
})
