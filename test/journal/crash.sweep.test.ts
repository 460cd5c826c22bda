import { appendFile, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createIncident } from '../../src/journal/directory.ts'
import { openJournal } from '../../src/journal/file.ts'
import { readJournal } from '../../src/journal/read.ts'
import { entry, recovered, type TestEntry } from './entries.ts'
import { bundled, run } from './processes.ts'
import { makeTemporary, ownUid, temporaryDirectory } from './temporary.ts'

let bundle: string
let appender: string
beforeAll(async () => {
  bundle = await makeTemporary()
  appender = await bundled(new URL('./appender.ts', import.meta.url), bundle)
}, 60_000)
afterAll(() => rm(bundle, { recursive: true, force: true }))

const append = async (root: string, crashAt: number, count: number): Promise<string[]> =>
  (await run(process.execPath, [appender, root, String(crashAt), String(count)])).stdout.split('\n').filter((line) => line !== '')

const callsIn = (said: readonly string[]): number => Number(/^calls (\d+)$/.exec(said.at(-1) ?? '')?.[1])

const typesIn = async (root: string): Promise<string[]> => (await readJournal(root, 'crash')).entries.map(({ type }) => type)

/** Runs the work for 1 … count, a few at a time. */
const sweep = async (count: number, work: (n: number) => Promise<void>): Promise<void> => {
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  const worker = async (): Promise<void> => {
    for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) await work(n)
  }
  await Promise.all([worker(), worker(), worker()])
}

const goOn = async (root: string): Promise<void> => {
  const journal = await openJournal<TestEntry>(root, 'crash', { recovered, uid: ownUid })
  await journal.append(entry('resumed'))
  await journal.close()
}

describe('SIGKILL before any call on the disk', () => {
  it('a SIGKILL while appending leaves a journal that opens and holds all that was acknowledged', async () => {
    const calls = callsIn(await append(await temporaryDirectory(), 0, 2))
    expect(calls).toBeGreaterThan(10)
    const roots = await Promise.all(Array.from({ length: calls + 1 }, temporaryDirectory))
    await sweep(calls, async (crashAt) => {
      const root = roots[crashAt] ?? ''
      const acknowledged = await append(root, crashAt, 2)
      await goOn(root)
      const types = await typesIn(root)
      expect(types.slice(0, acknowledged.length)).toEqual(acknowledged)
      expect(['entry-1', 'entry-2', 'recovered', 'resumed'].filter((type) => types.includes(type))).toEqual(types)
      expect(types.at(-1)).toBe('resumed')
    })
  })

  it('a SIGKILL while a torn tail is mended loses neither an entry nor the torn bytes', async () => {
    const prepare = async (): Promise<string> => {
      const root = await temporaryDirectory()
      await openJournalIn(root)
      await appendFile(join(root, 'crash', 'journal.ndjson'), '{"torn')
      return root
    }
    const roots = await Promise.all(Array.from({ length: 40 }, prepare))
    const calls = callsIn(await append(roots[0] ?? '', 0, 0))
    expect(calls).toBeGreaterThan(10)
    await sweep(Math.min(calls, roots.length - 1), async (crashAt) => {
      const root = roots[crashAt] ?? ''
      await append(root, crashAt, 0)
      await goOn(root)
      const types = await typesIn(root)
      expect([types[0], types.at(-1)]).toEqual(['entry-1', 'resumed'])
      expect(await readFile(join(root, 'crash', 'journal.torn-1'), 'utf8').then((text) => '{"torn'.startsWith(text))).toBe(true)
    })
  })
})

describe.runIf(ownUid !== undefined)('a real limit on the file’s size', () => {
  it('stops the journal with what was acknowledged in it', async () => {
    const root = await temporaryDirectory()
    const { stdout, stderr } = await run('sh', ['-c', `ulimit -f 2; exec '${process.execPath}' '${appender}' '${root}' 0 50`])
    const acknowledged = stdout.split('\n').filter((line) => line.startsWith('entry-'))
    expect(stderr).toContain('the file would exceed the size limit of this shell (EFBIG)')
    expect(acknowledged.length).toBeGreaterThan(0)
    await goOn(root)
    expect((await typesIn(root)).filter((type) => type.startsWith('entry-'))).toEqual(acknowledged)
  })
})

const openJournalIn = async (root: string): Promise<void> => {
  await createIncident(root, 'crash', ownUid)
  const journal = await openJournal<TestEntry>(root, 'crash', { recovered, uid: ownUid })
  await journal.append(entry('entry-1'))
  await journal.close()
}
