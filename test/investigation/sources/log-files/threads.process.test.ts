import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { questionOf } from '../../../../src/investigation/question.ts'
import { keepLogs } from '../../../../src/investigation/sources/log-files/keep-logs.ts'
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

/** So many files are worth several threads. */
const FILES = 240

let threadProgram: URL
beforeAll(async () => {
  threadProgram = pathToFileURL(await bundled(new URL('./gathering-thread.ts', import.meta.url), await makeTemporary()))
})

const issue = stolenCall({
  eventSource: 'sts.amazonaws.com',
  eventName: 'AssumeRole',
  responseElements: { credentials: { accessKeyId: 'ASIACHILD00000000001' } },
})

/** The stolen key is in a few files in the middle, its role in all of them, and what it obtained in the newest ones. */
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

describe('several threads', () => {
  it('find what one finds', async () => {
    const logs = join(writeMany(), 'logs')
    const alone = await scanFor([logs], theKey, { followChainedSessions: true })
    const seen: number[] = []
    const together = await scanFor([logs], theKey, {
      ...{ followChainedSessions: true, threads: 3, threadProgram },
      onProgress: ({ files, ofFiles }) => seen.push(files / ofFiles),
    })
    expect(alone.states[0]?.size).toBe(FILES + FILES / 60 + 1)
    expect(textsIn(together.states[0])).toEqual(textsIn(alone.states[0]))
    expect([...together.chainedSessions].map(([name, state]) => [name, textsIn(state)])).toEqual(
      [...alone.chainedSessions].map(([name, state]) => [name, textsIn(state)]),
    )
    const { states, chainedSessions, ...numbers } = alone
    expect(together).toMatchObject(numbers)
    expect(seen.at(-1)).toBe(1)
  })

  it('leave no session out unsaid, where there are more than are followed', async () => {
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
      threadProgram,
    })
    expect(chainedSessions.size).toBeGreaterThanOrEqual(500)
    expect(chainedSessions.size + unfollowed).toBe(keys.length)
  })

  it('keep what one keeps', async () => {
    const folder = writeMany()
    const logs = join(folder, 'logs')
    const cache = { folder: join(folder, 'cache'), writer: 'test 1', most: 2 ** 30 }
    await keepLogs({ paths: [logs], cache, threads: 3, threadProgram, now: NOW })
    const questions = [questionOf(theKey, { wholeAccount: true })]
    const kept = await scanFor([logs], theKey, { questions, cache })
    expect(textsIn(kept.states[0])).toEqual(textsIn((await scanFor([logs], theKey, { questions })).states[0]))
    expect(kept.bad).toHaveLength(1)
  })

  it('may be many: nothing is said of how many listen', async () => {
    const warnings: string[] = []
    const hear = ({ name }: Error) => warnings.push(name)
    process.on('warning', hear)
    const logs = join(writeMany(), 'logs')
    const { states } = await scanFor([logs], theKey, { threads: 16, threadProgram })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', hear)
    expect(states[0]?.size).toBeGreaterThan(FILES)
    expect(warnings).toEqual([])
  })

  it('end when they are told to', async () => {
    const logs = join(writeMany(), 'logs')
    const stop = new AbortController()
    const scan = scanFor([logs], theKey, { threads: 3, threadProgram, signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(scan).rejects.toThrow('enough')
  })

  // Two are started while the files are looked for, more than there are processors are not.
  it.each([2, 64])('that fail end the scan: %i', async (threads) => {
    const folder = writeMany()
    const program = join(folder, 'program.mjs')
    writeFileSync(program, 'throw new Error("broken")')
    const scan = (more: object) => scanFor([join(folder, 'logs')], theKey, { threads, ...more })
    await expect(scan({ threadProgram: pathToFileURL(program) })).rejects.toThrow('broken')
    writeFileSync(program, '')
    await expect(scan({ threadProgram: pathToFileURL(program) })).rejects.toThrow('ended too early')
    await expect(scan({ threadProgram, fold: { name: 'unknown', make: () => ({}) } })).rejects.toThrow()
  })

  it('that were started and are not needed cost nothing of the answer, though they fail', async () => {
    const folder = temporaryFolder()
    const program = join(folder, 'program.mjs')
    writeFileSync(program, 'throw new Error("broken")')
    writeLogs(join(folder, 'logs'), { 'a.json': delivered([stolenCall()]) })
    const { states } = await scanFor([join(folder, 'logs')], theKey, { threads: 2, threadProgram: pathToFileURL(program) })
    expect(states[0]?.size).toBe(1)
  })
})
