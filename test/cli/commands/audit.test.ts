import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../../src/cli/program.ts'
import type { Entry } from '../../../src/incident/entry.ts'
import { createIncident } from '../../../src/journal/directory.ts'
import { evidenceStore } from '../../../src/journal/evidence.ts'
import { openJournal } from '../../../src/journal/file.ts'
import { ownUid, temporaryDirectory } from '../../journal/temporary.ts'
import { memoryHost } from '../../laws/memory-host.ts'
import { at, journal } from '../../support/sample-incident.ts'

const ID = 'web-app-1125-7f3a'
let root = ''

/** The sample incident on the disk, whose evidence is one file. */
beforeEach(async () => {
  root = await temporaryDirectory()
  const { path } = await createIncident(root, ID, ownUid)
  const ref = await evidenceStore(path).keep('finding.json', '{"Id":"1ab92989"}')
  const file = await openJournal<Entry>(root, ID, { recovered: () => expect.fail(), uid: ownUid })
  for (const entry of journal) await file.append(withoutEvidence(entry))
  await file.append({ type: 'kept', at: at('02:40:00'), stage: 'find-finding', name: 'finding', ref })
  await file.append({ type: 'ended', at: at('02:41:00'), ending: 'completed', exitCode: 0, unproven: [], alarms: [] })
  await file.close()
})

/** The sample's evidence is not on any disk. */
const withoutEvidence = (entry: Entry): Entry =>
  entry.type === 'kept' || (entry.type === 'established' && entry.fact.finding)
    ? { type: 'notApplicable', at: entry.at, stage: 'find-finding', why: 'left out' }
    : entry

const path = (file: string): string => join(root, ID, file)

const audit = async (options: { readonly json?: boolean } = {}, incident = ID) => {
  const { host, out, err } = memoryHost({})
  const json = options.json ? ['--json'] : []
  const exitCode = await runCommandLine(host, ['audit', incident, '--state-dir', root, ...json])
  return {
    exitCode,
    out: out(),
    err: err(),
    events: () =>
      out()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  }
}

const changeLine = async (number: number): Promise<void> => {
  const text = await readFile(path('journal.ndjson'), 'utf8')
  const lines = text.split('\n')
  lines[number - 1] = (lines[number - 1] ?? '').replace('2026', '2027')
  await writeFile(path('journal.ndjson'), lines.join('\n'))
}

describe('an intact incident', () => {
  it('ends with 0, and says the head and what to look for in CloudTrail', async () => {
    const { exitCode, out, err } = await audit()
    const { h } = JSON.parse((await readFile(path('journal.ndjson'), 'utf8')).trim().split('\n').at(-1) ?? '')
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' })
    expect(out).toMatch(/^journal {3}intact: \d+ records in order/m)
    expect(out).toMatch(/^evidence {2}intact: 1 file named/m)
    expect(out).toContain(h)
    expect(out).toContain(`journal/${h.slice(0, 16)}`)
    expect(out).toMatch(/^ {10}journal\/[0-9a-f]{16} {2}\S+Z {2}iam:PutRolePolicy, accepted \(line \d+\)$/m)
  })

  it('is one object and the last event for a script', async () => {
    const { exitCode, events } = await audit({ json: true })
    expect(exitCode).toBe(0)
    expect(events()).toMatchObject([
      {
        type: 'audited',
        incident: ID,
        intact: true,
        files: 1,
        problems: [],
        notes: [],
        head: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      { type: 'ended', ending: 'completed', exitCode: 0, incident: ID, writes: 0 },
    ])
    const [{ head, userAgent, writes }] = events()
    expect(userAgent).toBe(`journal/${head.slice(0, 16)}`)
    const lines = (await readFile(path('journal.ndjson'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    for (const write of writes) expect(write.userAgent).toBe(`journal/${lines[write.line - 1].h.slice(0, 16)}`)
    expect(writes.map(({ operation }: { operation: string }) => operation)).toContain('iam:PutRolePolicy')
  })
})

describe('an incident that was changed', () => {
  it('ends with 5 and names the record: line, sequence, type and time', async () => {
    await changeLine(3)
    const { exitCode, out, err } = await audit()
    expect(exitCode).toBe(5)
    expect(out).toMatch(/^journal {3}NOT INTACT: 2 records in order/m)
    expect(err).toMatch(
      /is not as ir-cred wrote it: line 3 of the journal \(record 3, "\w+", "2027-\S+Z"\) was changed: it does not match its hash/,
    )
    expect(err).toContain('→ restore it from a copy')
  })

  it('ends with 5 and names the file, and the line that names it', async () => {
    await appendFile(path('evidence/1-finding.json'), ' ')
    const { exitCode, out, err } = await audit()
    expect(exitCode).toBe(5)
    expect(out).toMatch(/^evidence {2}NOT INTACT/m)
    expect(err).toMatch(/evidence\/1-finding\.json, named by line \d+, has SHA-256 [0-9a-f]{64} in place of/)
  })

  it('names the first of several: the journal before the evidence, all of them in the output', async () => {
    await changeLine(3)
    await writeFile(path('evidence/planted.txt'), '')
    await rm(path('evidence/1-finding.json'))
    const { err, out } = await audit()
    expect(err).toContain('line 3 of the journal')
    expect(out).toContain('note      evidence/planted.txt is not checked')
  })

  it('is an object with each problem, and an ending with 5, for a script', async () => {
    await changeLine(3)
    const { exitCode, events } = await audit({ json: true })
    expect(exitCode).toBe(5)
    expect(events()).toMatchObject([
      {
        type: 'audited',
        intact: false,
        records: 2,
        problems: [{ in: 'journal', line: 3, problem: 'changed', found: { sequence: 3 } }],
      },
      { type: 'ended', ending: 'blocked', exitCode: 5, incident: ID },
    ])
  })

  it('may have been changed by somebody who writes to the terminal: the record’s own words are escaped', async () => {
    const text = await readFile(path('journal.ndjson'), 'utf8')
    await writeFile(path('journal.ndjson'), text.replace(/"at":"2026[^"]*"/, '"at":"\\u001b[2J"'))
    const { out, err } = await audit()
    expect(out + err).not.toContain('\u001b')
    expect(err).toContain('\\u{1B}[2J')
  })

  it('the audit of a journal with a torn last line names the command that mends it', async () => {
    await appendFile(path('journal.ndjson'), '{"entry":{"at":"2026')
    const { exitCode, err } = await audit()
    expect(exitCode).toBe(5)
    expect(err).toContain('was not written to its end')
    expect(err).toContain(`ir-cred respond --incident ${ID}`)
  })
})

describe('an incident that is not there', () => {
  it.each([false, true])('ends with 2 (json: %s)', async (json) => {
    const { exitCode, out, err } = await audit({ json }, 'nobody-0101-0000')
    expect(exitCode).toBe(2)
    expect(err).toContain('There is no incident nobody-0101-0000 here')
    expect(out === '' ? [] : JSON.parse(out)).toMatchObject(json ? { type: 'ended', exitCode: 2 } : [])
  })
})
