import { cp, link, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import { type AuditProblem, auditIncident } from '../../src/journal/audit.ts'
import { chainStart, seal, sealedText } from '../../src/journal/chain.ts'
import { createIncident } from '../../src/journal/directory.ts'
import { evidenceStore } from '../../src/journal/evidence.ts'
import { listIncidents } from '../../src/journal/read.ts'
import { buildQuick } from '../laws/whole-run.ts'
import { runOnDisk } from '../support/run-on-disk.ts'
import { at, setting } from '../support/sample-incident.ts'
import { makeTemporary, ownUid, temporaryDirectory } from './temporary.ts'

/** A whole response, with all that it leaves on the disk. */
const original = await makeTemporary()
await runOnDisk({ built: await buildQuick(), root: original })
const ID = (await listIncidents(original))[0]?.id ?? ''
const journal = await readFile(join(original, ID, 'journal.ndjson'))
const lines = journal
  .toString()
  .split(/(?<=\n)/)
  .map((text) => ({ text, line: JSON.parse(text) as { n: number; entry: Entry } }))
const files = (await readdir(join(original, ID, 'evidence'))).map((name) => `evidence/${name}`)
afterAll(() => rm(original, { recursive: true, force: true }))

let root = ''
beforeEach(async () => {
  root = await temporaryDirectory()
  await cp(original, root, { recursive: true })
})

const path = (file: string): string => join(root, ID, file)
const problemsIn = async (): Promise<readonly AuditProblem[]> => (await auditIncident(root, ID)).problems
const firstProblem = async (): Promise<AuditProblem | undefined> => (await problemsIn())[0]
const write = (content: Uint8Array | string): Promise<void> => writeFile(path('journal.ndjson'), content)
const textOf = (order: readonly number[]): string => order.map((index) => lines[index]?.text ?? '').join('')
const all = lines.map((_, index) => index)

const flipped = (bytes: Buffer, position: number, bit: number): Buffer => {
  const copy = Buffer.from(bytes)
  copy[position] = (copy[position] ?? 0) ^ (1 << bit)
  return copy
}

describe('an incident that is as it was written', () => {
  it('has no problems and no notes; its head is the hash of its last line', async () => {
    const { problems, notes, entries, hashes, head, files: count, directory } = await auditIncident(root, ID)
    expect({ problems, notes }).toEqual({ problems: [], notes: [] })
    expect(entries).toHaveLength(lines.length)
    expect(head).toBe(JSON.parse(lines.at(-1)?.text ?? '').h)
    expect(hashes.at(-1)).toBe(head)
    expect(count).toBe(files.length)
    expect(directory).toBe(join(root, ID))
  })

  it('is not changed by the audit, nor is its lock taken', async () => {
    const before = await readdir(path('.'), { recursive: true })
    await auditIncident(root, ID)
    expect(await readdir(path('.'), { recursive: true })).toEqual(before)
    expect(await readFile(path('journal.ndjson'))).toEqual(journal)
  })

  it('is found among the drills as well', async () => {
    await mkdir(join(root, 'drills'))
    await rename(path('.'), join(root, 'drills', ID))
    const { problems, directory } = await auditIncident(root, ID)
    expect({ problems, directory }).toEqual({ problems: [], directory: join(root, 'drills', ID) })
  })

  it('may be in the middle of a run: a journal without an ending is intact up to there', async () => {
    await write(textOf(all.slice(0, 12)))
    const { problems, notes } = await auditIncident(root, ID)
    expect(problems).toEqual([])
    expect(notes).toContainEqual(expect.stringContaining('does not say how the last run ended'))
  })
})

describe('one flipped bit', () => {
  it.each(lines.map(({ line }) => [line.n, line.entry.type] as const))(
    'one flipped bit in line %i (%s) is found there',
    async (n) => {
      const start = Buffer.byteLength(textOf(all.slice(0, n - 1)))
      const length = Buffer.byteLength(lines[n - 1]?.text ?? '')
      await fc.assert(
        fc.asyncProperty(fc.nat(length - 1), fc.nat(7), async (offset, bit) => {
          await write(flipped(journal, start + offset, bit))
          expect(await firstProblem()).toMatchObject({ in: 'journal', line: n, problem: 'changed' })
        }),
        { numRuns: 4, examples: [[length - 1, 0]] },
      )
    },
  )

  it.each(files)('one flipped bit in %s is found there', async (file) => {
    const content = await readFile(path(file))
    await fc.assert(
      fc.asyncProperty(fc.nat(content.length - 1), fc.nat(7), async (offset, bit) => {
        await writeFile(path(file), flipped(content, offset, bit))
        const [first, ...more] = await problemsIn()
        expect(first).toMatchObject({ in: 'evidence', file, problem: 'changed', line: expect.any(Number) })
        expect(more).toEqual([])
      }),
      { numRuns: 4 },
    )
  })
})

describe('a journal', () => {
  it('a journal that was changed names the record: its line, sequence, type and time', async () => {
    const { line, text } = lines[6] ?? expect.fail()
    await write(journal.toString().replace(text, text.replace(/"stage":"[^"]+"/, '"stage":"find-finding"')))
    expect(await firstProblem()).toEqual({
      in: 'journal',
      line: 7,
      problem: 'changed',
      why: 'was changed: it does not match its hash',
      found: { sequence: 7, type: { untrusted: line.entry.type }, at: { untrusted: line.entry.at } },
    })
  })

  it.each<[string, readonly number[], object]>([
    ['lacks a record', all.filter((index) => index !== 4), { line: 5, problem: 'missing', found: { sequence: 6 } }],
    ['lacks the record before the last', all.filter((index) => index !== all.length - 2), { problem: 'missing' }],
    ['has a record twice', [0, 1, 2, 2, ...all.slice(3)], { line: 4, problem: 'added', found: { sequence: 3 } }],
    ['has two records in another order', [0, 2, 1, ...all.slice(3)], { line: 2, problem: 'moved', found: { sequence: 3 } }],
  ])('a journal that %s names the first line that is out of order', async (_, order, expected) => {
    await write(textOf(order))
    expect(await firstProblem()).toMatchObject({ in: 'journal', ...expected })
  })

  it('a journal that was cut off within a line names that line', async () => {
    for (const cut of [1, 2, 50]) {
      await truncate(path('journal.ndjson'), journal.length - cut)
      expect(await problemsIn()).toMatchObject([{ in: 'journal', line: lines.length, problem: 'truncated' }])
    }
  })

  it('a journal that is cut off at the end of a line shows it where evidence of later lines is left', async () => {
    const last = lines.findLast(({ line }) => line.entry.type === 'ended')?.line.n ?? 0
    await write(textOf(all.slice(0, last - 1)))
    expect((await auditIncident(root, ID)).notes).toContainEqual(expect.stringContaining('the last lines were taken away'))
  })

  it('a journal whose first lines were rewritten, hashes and all, is found where the old lines begin', async () => {
    const entry = { ...lines[0]?.line.entry, at: '2020-01-01T00:00:00Z' } as Entry
    await write(sealedText(seal(chainStart(ID), 1, entry)) + textOf(all.slice(1)))
    expect(await firstProblem()).toMatchObject({
      line: 2,
      problem: 'changed',
      why: expect.stringContaining('line 1 was written anew'),
    })
  })

  it('a journal of another incident is found at its first line', async () => {
    await rename(path('.'), join(root, 'another-one'))
    expect((await auditIncident(root, 'another-one')).problems[0]).toMatchObject({
      line: 1,
      why: 'comes from the journal of another incident',
    })
  })

  it('a journal that was removed is no unknown incident: its evidence is still there', async () => {
    await rm(path('journal.ndjson'))
    await expect(auditIncident(root, ID)).rejects.toMatchObject({ kind: 'blocked', what: expect.stringContaining('is missing') })
  })

  it('a journal that was never there is an unknown incident', async () => {
    for (const id of ['nobody-0101-0000', 'drills', '../x'])
      await expect(auditIncident(root, id)).rejects.toMatchObject({ kind: 'usage' })
    await rm(path('.'), { recursive: true })
    await createIncident(root, ID, ownUid)
    await expect(auditIncident(root, ID)).rejects.toMatchObject({ kind: 'usage' })
  })
})

describe('a file of evidence', () => {
  it.each(files)('%s is named when it is missing, cut off or longer', async (file) => {
    const content = await readFile(path(file))
    await writeFile(path(file), content.subarray(0, -1))
    expect(await problemsIn()).toMatchObject([{ file, problem: 'truncated' }])
    await writeFile(path(file), Buffer.concat([content, Buffer.from('\n')]))
    expect(await problemsIn()).toMatchObject([{ file, problem: 'changed', why: expect.stringContaining('bytes in place of') }])
    await rm(path(file))
    expect(await problemsIn()).toMatchObject([{ file, problem: 'missing', why: 'is missing' }])
  })

  it('a file of evidence that was exchanged with another one is named, and so is the other', async () => {
    const [one = '', other = ''] = files
    await rename(path(one), path('aside'))
    await rename(path(other), path(one))
    await rename(path('aside'), path(other))
    const problems = await problemsIn()
    expect(problems.map(({ file, why }) => `${file} ${why}`).sort()).toEqual(
      [`${one} holds what was kept as ${other}`, `${other} holds what was kept as ${one}`].sort(),
    )
  })

  it.runIf(ownUid !== undefined)('a file of evidence that became a link to the same content was changed', async () => {
    const [file = ''] = files
    await rename(path(file), path('aside'))
    await symlink(path('aside'), path(file))
    expect(await problemsIn()).toMatchObject([{ file, problem: 'linked', why: 'is a link' }])
  })

  it.runIf(ownUid !== undefined)(
    'a file of evidence with a second name elsewhere is named: it can be changed through that',
    async () => {
      const [file = ''] = files
      await link(path(file), path('second-name'))
      expect(await problemsIn()).toMatchObject([{ file, problem: 'linked', why: expect.stringContaining('has 2 names') }])
    },
  )

  it.each(['evidence/99-planted.json', 'evidence/1-planted.txt', 'evidence/notes.txt', 'evidence/folder'])(
    '%s is named when no line of a finished journal names it',
    async (file) => {
      if (file.endsWith('folder')) await mkdir(path(file))
      else await writeFile(path(file), 'x')
      expect(await problemsIn()).toEqual([{ in: 'evidence', file, problem: 'added', why: 'is not named by the journal' }])
    },
  )

  it('is checked up to the first line that cannot be trusted; what only later lines name is said to be unchecked', async () => {
    await write(flipped(journal, Buffer.byteLength(textOf([0])) + 5, 0))
    const { problems, notes } = await auditIncident(root, ID)
    expect(problems).toMatchObject([{ in: 'journal', line: 2 }])
    expect(notes).toHaveLength(files.length)
    expect(notes[0]).toContain('is not checked: no line before line 2 names it')
  })
})

describe('a file of evidence that no line names, because a run was cut off before it wrote the line', () => {
  const opened: Entry = {
    ...{ type: 'opened', at: at('02:00:00'), incident: 'cut-off', version: '0.0.0', request: { by: 'list' } },
    setting,
  } as const
  const resumed: Entry = { type: 'resumed', at: at('02:10:00'), responderArn: setting.responderArn }
  const ended: Entry = { type: 'ended', at: at('02:20:00'), ending: 'completed', exitCode: 0, unproven: [], alarms: [] }

  /** A journal of these entries; a name stands for a file that is kept and journaled, `!name` for one that is only kept. */
  const written = async (parts: readonly (Entry | string)[]) => {
    await createIncident(root, 'cut-off', ownUid)
    const store = evidenceStore(join(root, 'cut-off'))
    let head = chainStart('cut-off')
    const lines: string[] = []
    for (const part of parts) {
      const ref = typeof part === 'string' ? await store.keep(part.replace('!', ''), part) : undefined
      if (typeof part === 'string' && part.startsWith('!')) continue
      const entry = ref ? { type: 'kept', at: at('02:01:00'), stage: 'x', name: part, ref } : part
      const line = seal(head, lines.length + 1, entry as Entry)
      head = line.h
      lines.push(sealedText(line))
    }
    await writeFile(join(root, 'cut-off', 'journal.ndjson'), lines.join(''))
    return auditIncident(root, 'cut-off')
  }

  it.each<[string, readonly (Entry | string)[]]>([
    ['that goes on or was not resumed', [opened, 'one', '!two']],
    ['that was resumed', [opened, 'one', '!two', resumed, 'three', ended]],
    ['that was resumed and cut off again', [opened, 'one', '!two', resumed, '!three', resumed, 'four', ended]],
    ['before its journal named any', [opened, '!one', 'two', ended]],
  ])('is noted and no problem: a run %s', async (_, parts) => {
    const { problems, notes } = await written(parts)
    expect(problems).toEqual([])
    expect(notes).toContainEqual(expect.stringContaining('a run was cut off between keeping it and writing its line'))
  })

  it.each<[string, readonly (Entry | string)[]]>([
    ['the run ended', [opened, 'one', ended, '!two']],
    ['the run went on in the next line', [opened, 'one', '!two', 'three', ended]],
    ['the run that ended was resumed', [opened, 'one', '!two', ended, resumed, 'three', ended]],
    ['another run was cut off, later', [opened, 'one', '!two', 'three', resumed, ended]],
  ])('is a problem where that cannot be: %s', async (_, parts) => {
    expect((await written(parts)).problems).toMatchObject([{ file: 'evidence/2-two.txt', problem: 'added' }])
  })
})
