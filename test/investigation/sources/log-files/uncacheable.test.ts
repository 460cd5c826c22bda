import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fillCache } from '../../../../src/investigation/sources/log-files/cache/fill-cache.ts'
import { cacheIn, heldBy, NOW, segmentsIn } from './caches.ts'
import { delivered, scanFor, stolenCall, theKey, writeLogs } from './logs.ts'
import { temporaryFolder } from './temporary.ts'

/** A folder for logs, and an empty cache. */
const logsAndCache = async () => {
  const folder = temporaryFolder()
  const logs = join(folder, 'logs')
  writeLogs(logs, {})
  return { logs, cache: await cacheIn(folder, []) }
}

describe('a file', () => {
  it('a file that is damaged, or has an event without a time, is not cached: each scan reads and reports it', async () => {
    const { logs, cache } = await logsAndCache()
    const paths = writeLogs(logs, { 'a.json': delivered([stolenCall()]) })
    const damaged = writeLogs(logs, {
      'b.json': delivered([stolenCall(), stolenCall()]).slice(0, -50),
      'c.json.gz': Buffer.from('1f8b', 'hex'),
      'd.json': delivered([stolenCall(), { ...stolenCall(), eventTime: 'lately' }]),
    })
    await fillCache({ paths: [logs], cache, threads: 1, now: NOW })
    expect(heldBy(cache, [...paths, ...damaged])).toEqual([true, false, false, false])
    const answer = await scanFor([logs], theKey, { cache })
    expect(answer.states[0]?.size).toBe(3)
    expect(answer.bad.map(({ path }) => path)).toEqual(damaged)
  })

  it('a file that is damaged is not tried again until it changes', async () => {
    const { logs, cache } = await logsAndCache()
    const whole = delivered([stolenCall()])
    const [path = ''] = writeLogs(logs, { 'b.json': whole.replace(/\}$/, '?') })
    utimesSync(path, NOW, NOW)
    const fill = () => fillCache({ paths: [logs], cache, threads: 1, now: NOW })
    await fill()
    const segments = segmentsIn(cache)
    expect(segments).toHaveLength(1)
    writeFileSync(path, whole)
    utimesSync(path, NOW, NOW)
    await fill()
    expect(heldBy(cache, [path])).toEqual([false])
    expect(segmentsIn(cache)).toEqual(segments)
    utimesSync(path, NOW, new Date(NOW.getTime() + 1000))
    await fill()
    expect(heldBy(cache, [path])).toEqual([true])
  })
})
