import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { questionOf } from '../../../../src/investigation/question.ts'
import { fillCache } from '../../../../src/investigation/sources/log-files/cache/fill-cache.ts'
import { bundled } from '../../../journal/processes.ts'
import { makeTemporary } from '../../../journal/temporary.ts'
import { NOW } from './caches.ts'
import {
  callBy,
  delivered,
  gzipped,
  roleCall,
  scanFor,
  sessionOf,
  stolenCall,
  strangerCall,
  textsIn,
  theKey,
  writeLogs,
} from './logs.ts'
import { temporaryFolder } from './temporary.ts'

/** So many files are scanned by several workers. */
const FILES = 240

let workerProgram: URL
beforeAll(async () => {
  workerProgram = pathToFileURL(await bundled(new URL('./gather-worker.ts', import.meta.url), await makeTemporary()))
})

const issue = stolenCall({
  eventSource: 'sts.amazonaws.com',
  eventName: 'AssumeRole',
  responseElements: { credentials: { accessKeyId: 'ASIACHILD00000000001' } },
})

/** The stolen key is in a few files in the middle, its role in all of them, and the session it obtained in the newest ones. */
const documentsIn = (index: number): unknown[] => [
  ...[strangerCall(), roleCall(), strangerCall()],
  ...(index % 60 === 30 ? [stolenCall()] : []),
  ...(index === 90 ? [issue] : []),
  ...(index < 5 ? [callBy(sessionOf('ASIACHILD00000000001', 'admin', 'x'))] : []),
]

const writeMany = (): string => {
  const folder = temporaryFolder()
  const files = Array.from({ length: FILES }, (_, index) => {
    const time = new Date(Date.UTC(2026, 2, 1) - index * 3_600_000)
      .toISOString()
      .replaceAll(/[-:]|:00\.000/g, '')
      .slice(0, 13)
    return [`logs/1_CloudTrail_us-east-1_${time}Z_${index}.json.gz`, gzipped(delivered(documentsIn(index)))] as const
  })
  writeLogs(folder, Object.fromEntries([...files, ['logs/bad.json', '{"Records":[']]))
  return folder
}

describe('several workers', () => {
  it('find what one worker finds', async () => {
    const logs = join(writeMany(), 'logs')
    const alone = await scanFor([logs], theKey, { followChainedSessions: true })
    const seen: number[] = []
    const together = await scanFor([logs], theKey, {
      ...{ followChainedSessions: true, threads: 3, workerProgram: workerProgram },
      onProgress: ({ files, ofFiles }) => seen.push(files / ofFiles),
    })
    expect(alone.states[0]?.size).toBe(FILES + FILES / 60 + 1)
    expect(textsIn(together.states[0])).toEqual(textsIn(alone.states[0]))
    expect([...together.chainedSessions].map(([name, state]) => [name, textsIn(state)])).toEqual(
      [...alone.chainedSessions].map(([name, state]) => [name, textsIn(state)]),
    )
    const { states, chainedSessions, span, ...numbers } = alone
    const { first, last, hasDataEvents } = span
    expect(together).toMatchObject({ ...numbers, span: { first, last, hasDataEvents } })
    expect(seen.at(-1)).toBe(1)
  })

  it('report each session beyond the limit that they do not follow', async () => {
    const folder = temporaryFolder()
    const keys = Array.from({ length: 720 }, (_, index) => `ASIAMANY000000000${String(index).padStart(3, '0')}`)
    const issues = keys.map((accessKeyId) => ({ ...issue, responseElements: { credentials: { accessKeyId } } }))
    writeLogs(
      join(folder, 'logs'),
      Object.fromEntries(
        Array.from({ length: FILES }, (_, file) => [`${file}.json`, delivered(issues.slice(3 * file, 3 * file + 3))]),
      ),
    )
    const { chainedSessions, unfollowed } = await scanFor([folder], theKey, {
      followChainedSessions: true,
      threads: 3,
      workerProgram: workerProgram,
    })
    expect(chainedSessions.size).toBeGreaterThanOrEqual(500)
    expect(chainedSessions.size + unfollowed).toBe(keys.length)
  })

  it('cache what one worker caches', async () => {
    const folder = writeMany()
    const logs = join(folder, 'logs')
    const cache = { folder: join(folder, 'cache'), writer: 'test 1', maxBytes: 2 ** 30 }
    await fillCache({ paths: [logs], cache, threads: 3, workerProgram: workerProgram, now: NOW })
    const questions = [questionOf(theKey, { wholeAccount: true })]
    const cached = await scanFor([logs], theKey, { questions, cache })
    expect(textsIn(cached.states[0])).toEqual(textsIn((await scanFor([logs], theKey, { questions })).states[0]))
    expect(cached.bad).toHaveLength(1)
  })

  it('can be many without a warning about listeners', async () => {
    const warnings: string[] = []
    const listen = ({ name }: Error) => warnings.push(name)
    process.on('warning', listen)
    const logs = join(writeMany(), 'logs')
    const { states } = await scanFor([logs], theKey, { threads: 16, workerProgram: workerProgram })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', listen)
    expect(states[0]?.size).toBeGreaterThan(FILES)
    expect(warnings).toEqual([])
  })

  it('end when the signal is aborted', async () => {
    const logs = join(writeMany(), 'logs')
    const stop = new AbortController()
    const scan = scanFor([logs], theKey, { threads: 3, workerProgram: workerProgram, signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(scan).rejects.toThrow('enough')
  })

  // Two start while the files are found; more than there are processors start later.
  it.each([2, 64])('end the scan when one of %i fails', async (threads) => {
    const folder = writeMany()
    const program = join(folder, 'program.mjs')
    writeFileSync(program, 'throw new Error("broken")')
    const scan = (more: object) => scanFor([join(folder, 'logs')], theKey, { threads, ...more })
    await expect(scan({ workerProgram: pathToFileURL(program) })).rejects.toThrow('broken')
    writeFileSync(program, '')
    await expect(scan({ workerProgram: pathToFileURL(program) })).rejects.toThrow('ended early')
    await expect(scan({ workerProgram, fold: { name: 'unknown', make: () => ({}) } })).rejects.toThrow()
  })

  it('do not end the scan when they fail and are not needed', async () => {
    const folder = temporaryFolder()
    const program = join(folder, 'program.mjs')
    writeFileSync(program, 'throw new Error("broken")')
    writeLogs(join(folder, 'logs'), { 'a.json': delivered([stolenCall()]) })
    const { states } = await scanFor([join(folder, 'logs')], theKey, { threads: 2, workerProgram: pathToFileURL(program) })
    expect(states[0]?.size).toBe(1)
  })
})
