import { appendFileSync, chmodSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type PrincipalRef, questionOf } from '../../../../src/investigation/question.ts'
import { type LogCache, markUsed } from '../../../../src/investigation/sources/log-files/cache/cache-files.ts'
import { fillCache } from '../../../../src/investigation/sources/log-files/cache/fill-cache.ts'
import { openSegment } from '../../../../src/investigation/sources/log-files/cache/segment-reader.ts'
import type { Document } from '../../records.ts'
import { cacheIn, heldBy, NOW, segmentsIn } from './caches.ts'
import {
  callBy,
  delivered,
  idsIn,
  idsOf,
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

const ISSUE: Document = {
  eventSource: 'sts.amazonaws.com',
  eventName: 'AssumeRole',
  eventTime: '2026-03-01T12:34:56Z',
  requestParameters: { roleArn: 'arn:aws:iam::444455556666:role/admin', roleSessionName: 'x\ny' },
  responseElements: { credentials: { accessKeyId: 'ASIACHILD00000000001', sessionToken: 'never kept', expiration: 'x' } },
  resources: [{ ARN: 'arn:aws:iam::444455556666:role/admin' }],
}

const ours = [
  stolenCall(ISSUE),
  stolenCall({ eventTime: '1969-12-31T23:59:59.123Z', userAgent: 'lines\r\nand "quotes" \u2028 \u{1F600}', readOnly: false }),
  stolenCall({ eventID: 'no id of CloudTrail’s', errorCode: 'AccessDenied', errorMessage: 'with an explicit deny' }),
  roleCall({ eventID: undefined, vpcEndpointId: 'vpce-1', sourceIPAddress: 'ec2.amazonaws.com' }),
  callBy({ ...sessionOf(theKey.value), invokedBy: 'athena.amazonaws.com' }),
]
const others = [strangerCall(), callBy({ type: 'AWSService', invokedBy: 'ec2.amazonaws.com' }), { eventVersion: '1.09' }]

/** Logs, and a full cache of them. */
const logsAndCache = async (
  files: Readonly<Record<string, readonly unknown[]>> = { 'a.json': [...others, ...ours], 'b.json': others },
) => {
  const folder = temporaryFolder()
  const logs = join(folder, 'logs')
  const paths = writeLogs(logs, Object.fromEntries(Object.entries(files).map(([name, list]) => [name, delivered(list)])))
  return { logs, paths, cache: await cacheIn(folder, [logs]) }
}

describe('the cache answers as the files do', () => {
  const principals: readonly PrincipalRef[] = [
    theKey,
    { kind: 'role', value: 'web-app' },
    { kind: 'role', value: 'arn:aws:iam::111122223333:role/app/stranger' },
    { kind: 'ip', value: 'ec2.amazonaws.com' },
    { kind: 'user', value: 'nobody' },
  ]
  it.each(principals)('the cache answers about the $kind $value as the files do', async (principal) => {
    const { logs, paths, cache } = await logsAndCache()
    const read = await scanFor([logs], principal, { followChainedSessions: true })
    expect(heldBy(cache, paths)).toEqual([true, true])
    const taken = await scanFor([logs], principal, { followChainedSessions: true, cache })
    expect(textsIn(taken.states[0])).toEqual(textsIn(read.states[0]))
    expect([...taken.chainedSessions.keys()]).toEqual([...read.chainedSessions.keys()])
    expect(taken).toMatchObject({ files: read.files, bytes: read.bytes, events: read.events, bad: [] })
  })

  it.each<[string, PrincipalRef, Document]>([
    [
      'what others undid of a name',
      { kind: 'resource', value: 'svc-backup' },
      { eventSource: 'iam.amazonaws.com', eventName: 'DeleteUser', requestParameters: { userName: 'svc-backup' } },
    ],
    [
      'who came in through a trust policy',
      { kind: 'trust', value: '444455556666/admin' },
      {
        ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', sourceIPAddress: '198.51.100.7' },
        requestParameters: { roleArn: 'arn:aws:iam::444455556666:role/admin', roleSessionName: 'x' },
      },
    ],
  ])('the cache answers %s as the files do', async (_, principal, call) => {
    const { logs, cache } = await logsAndCache({ 'a.json': [...others, strangerCall({ readOnly: false, ...call })] })
    const read = await scanFor([logs], principal)
    const taken = await scanFor([logs], principal, { cache })
    expect(textsIn(read.states[0])).not.toEqual(textsIn((await scanFor([logs], { ...principal, value: 'other/none' })).states[0]))
    expect(textsIn(taken.states[0])).toEqual(textsIn(read.states[0]))
  })

  it('the cache answers about the whole account, and within a range, as the files do', async () => {
    const { logs, cache } = await logsAndCache()
    const questions = [questionOf(theKey, { wholeAccount: true })]
    const range = { from: '2026-03-01T12:30:00Z' as never }
    for (const more of [{ questions }, { range }, { questions, range }])
      expect(textsIn((await scanFor([logs], theKey, { ...more, cache })).states[0])).toEqual(
        textsIn((await scanFor([logs], theKey, more)).states[0]),
      )
  })

  it('the cache answers about a part of the files as the files do', async () => {
    const files = { 'x/a.json': [stolenCall()], 'y/b.json': [stolenCall()] }
    const { logs, cache } = await logsAndCache(files)
    const { states } = await scanFor([join(logs, 'y')], theKey, { cache })
    expect(idsIn(states[0])).toEqual(idsOf(files['y/b.json']))
  })
})

describe('a file', () => {
  it('a file that is new or has changed is read again, and then cached', async () => {
    const { logs, paths, cache } = await logsAndCache()
    const [changed = '', touched = ''] = paths
    const [one, two] = [stolenCall(), stolenCall()]
    writeFileSync(changed, delivered([one]))
    utimesSync(touched, NOW, NOW)
    const all = [...paths, ...writeLogs(logs, { 'new.json': delivered([two]) })]
    const { states } = await scanFor([logs], theKey, { cache })
    expect(idsIn(states[0])).toEqual(idsOf([one, two]))
    expect(heldBy(cache, all)).toEqual([false, false, false])
    await fillCache({ paths: [logs], cache, threads: 1, now: NOW })
    expect(heldBy(cache, all)).toEqual([true, true, true])
    expect(idsIn((await scanFor([logs], theKey, { cache })).states[0])).toEqual(idsOf([one, two]))
  })

  it('a file outside the cache is searched for principals that the cache leads to', async () => {
    const { logs, cache } = await logsAndCache({ 'a.json': [stolenCall()] })
    const role = roleCall()
    writeLogs(logs, { 'b.json': delivered([role]) })
    const { states } = await scanFor([logs], theKey, { cache })
    expect(states[0]?.size).toBe(2)
  })
})

describe('a segment', () => {
  const damages: Readonly<Record<string, (path: string) => void>> = {
    'that is truncated': (path) => truncateSync(path, statSync(path).size - 1),
    'that is too long': (path) => appendFileSync(path, 'x'),
    'that is empty': (path) => truncateSync(path, 0),
    'that is another file': (path) => writeFileSync(path, 'IRCLOGS5 is not what this is'),
    'whose header is not JSON': (path) => {
      const bytes = readFileSync(path)
      writeFileSync(path, bytes.fill('x', 20, 40))
    },
  }
  it.each(Object.entries(damages))('%s is not used', async (_, damage) => {
    const { logs, paths, cache } = await logsAndCache()
    segmentsIn(cache).forEach(damage)
    expect(heldBy(cache, paths)).toEqual([false, false])
    expect((await scanFor([logs], theKey, { cache })).states[0]?.size).toBe(ours.length)
  })

  it('a segment that is damaged inside ends the scan with a remedy', async () => {
    const { logs, cache } = await logsAndCache()
    for (const path of segmentsIn(cache)) {
      const bytes = readFileSync(path)
      writeFileSync(path, bytes.fill(0x7b, bytes.indexOf('{"accessKeyId"'), bytes.indexOf('{"accessKeyId"') + 40))
    }
    const scan = scanFor([logs], { kind: 'ip', value: 'ec2.amazonaws.com' }, { cache })
    await expect(scan).rejects.toMatchObject({ kind: 'blocked', what: 'the cache of the log files is damaged' })
  })

  it('a segment that another version wrote is not used', async () => {
    const { paths, cache } = await logsAndCache()
    expect(heldBy({ ...cache, writer: 'test 2' }, paths)).toEqual([false, false])
  })

  it('can be read by its owner only, and contains no session token', async () => {
    const { cache } = await logsAndCache()
    const [segment = ''] = segmentsIn(cache)
    expect(statSync(cache.folder).mode & 0o777).toBe(0o700)
    expect(statSync(segment).mode & 0o777).toBe(0o600)
    expect(readFileSync(segment).includes('never kept')).toBe(false)
  })
})

describe('the cache', () => {
  it('stays within its limit: what was used longest ago is removed first', async () => {
    const { logs, paths, cache } = await logsAndCache()
    const [old = ''] = segmentsIn(cache)
    const { size } = statSync(old)
    const [other, third] = ['other', 'third'].map((name) => writeLogs(join(logs, '..', name), { 'a.json': delivered(ours) }))
    const later = new Date(Date.now() + 60_000)
    const fill = (paths: readonly string[] = [], maxBytes = 0) =>
      fillCache({ paths, cache: { ...cache, maxBytes }, threads: 1, now: later })
    await fill(other, 40 * size)
    expect(heldBy(cache, [...paths, ...(other ?? [])])).toEqual([true, true, true])
    await fill([logs], 40 * size)
    const held = segmentsIn(cache).reduce((sum, path) => sum + statSync(path).size, 0)
    // A byte less than what is held and what is expected of the new file: one has to go.
    const expected = statSync(third?.[0] ?? '').size
    await fill(third, held + expected - 1)
    expect(heldBy(cache, [...paths, ...(other ?? []), ...(third ?? [])])).toEqual([true, true, false, true])
    await fill(other, 10)
    expect(segmentsIn(cache)).toEqual([])
  })

  it('loses what another process left unfinished', async () => {
    const { logs, cache } = await logsAndCache()
    const left = join(cache.folder, 'x.unfinished')
    writeFileSync(left, '')
    utimesSync(left, new Date(NOW.getTime() - 7_200_000), new Date(NOW.getTime() - 7_200_000))
    writeLogs(logs, { 'new.json': delivered([stolenCall()]) })
    await fillCache({ paths: [logs], cache, threads: 1, now: NOW })
    expect(segmentsIn(cache)).not.toContain(left)
  })

  it('is filled until the signal is aborted', async () => {
    const { logs, cache } = await logsAndCache({})
    writeLogs(logs, { 'a.json': delivered([stolenCall()]) })
    const reason = new Error('enough')
    await expect(fillCache({ paths: [logs], cache, now: NOW, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(segmentsIn(cache)).toEqual([])
  })
})

describe('a cache folder among the logs', () => {
  it('is not read as logs', async () => {
    const { logs, cache } = await logsAndCache()
    const answer = await scanFor([join(logs, '..')], theKey, { cache })
    expect(answer).toMatchObject({ files: 2, bad: [] })
  })
})

describe('the name of an answer', () => {
  const nameOf = async (paths: readonly string[], cache: LogCache) => (await scanFor(paths, theKey, { cache })).cached.asked?.name
  it('differs when another file could not be read', async () => {
    const { logs, cache } = await logsAndCache()
    expect(await nameOf([logs, join(logs, 'nothing-here.json')], cache)).not.toBe(await nameOf([logs], cache))
    expect(await nameOf([logs], cache)).toBe(await nameOf([logs], cache))
  })

  it('differs when the permissions of a file have changed', async () => {
    const { logs, paths, cache } = await logsAndCache()
    const before = await nameOf([logs], cache)
    for (const path of paths) chmodSync(path, 0o640)
    expect(await nameOf([logs], cache)).not.toBe(before)
  })
})

describe('a segment that another process has removed', () => {
  it('is ignored', () => {
    expect(openSegment('/nowhere/x.segment', 'test')).toBeUndefined()
    expect(() => markUsed(['/nowhere/x.segment'], NOW)).not.toThrow()
  })
})
