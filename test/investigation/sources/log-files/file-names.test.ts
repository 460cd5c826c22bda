import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import {
  deliveredAt,
  mayHoldRecordsOf,
  newestFirst,
} from '../../../../src/investigation/sources/log-files/discover/file-names.ts'
import { findLogFiles } from '../../../../src/investigation/sources/log-files/discover/find-files.ts'
import { delivered, idsIn, idsOf, scanFor, stolenCall, writeLogs } from './logs.ts'
import { temporaryFolder } from './temporary.ts'

const at = (text: string): Instant => text as Instant
const logOf = (time: string, folder = ''): string =>
  `${folder}111122223333_CloudTrail_us-gov-east-1_${time}_AbCdEfGh12345678.json.gz`
const FOLDER = 'trail/AWSLogs/o-abc/111122223333/CloudTrail/us-east-1/2026/03/01/'

describe('the time of delivery in a path', () => {
  it.each([
    [logOf('20260301T1205Z'), '2026-03-01T12:05:00Z'],
    [`${FOLDER}${logOf('20260301T1205Z')}`, '2026-03-01T12:05:00Z'],
    [`${FOLDER}renamed.json.gz`, '2026-03-01T00:00:00Z'],
    [`C:\\logs\\CloudTrail\\us-east-1\\2026\\03\\01\\renamed.json`, '2026-03-01T00:00:00Z'],
    ['renamed.json.gz', undefined],
    [logOf('20260230T1205Z'), undefined],
    ['2026/03/01/other.json', undefined],
  ])('the time of delivery of %s is %s', (path, time) => {
    expect(deliveredAt(path)).toBe(time)
  })

  it('sorts files, the newest first and those without a time last', () => {
    const [old, young] = [logOf('20260301T1205Z'), logOf('20260302T0000Z')]
    expect(newestFirst(['b.json', old, 'a.json', young])).toEqual([young, old, 'a.json', 'b.json'])
  })
})

describe('a file', () => {
  const range = { from: at('2026-03-10T12:00:00Z'), until: at('2026-03-12T12:00:00Z') }

  it.each([
    ['20260309T1155Z', false],
    ['20260309T1200Z', true],
    ['20260311T0000Z', true],
    ['20260313T1200Z', true],
    ['20260313T1201Z', false],
  ])('a file delivered at %s is opened: %s', (time, opened) => {
    expect(mayHoldRecordsOf(logOf(time), range)).toBe(opened)
    expect(mayHoldRecordsOf(logOf(time), {})).toBe(true)
  })

  it('a file without a time in its name is opened, and its records outside the range are left out', async () => {
    const folder = temporaryFolder()
    const inside = stolenCall({ eventTime: '2026-03-11T00:00:00Z' })
    const outside = [stolenCall({ eventTime: '2026-03-10T11:59:59Z' }), stolenCall({ eventTime: '2026-03-12T12:00:00Z' })]
    writeLogs(folder, {
      'a.json': delivered([inside, ...outside]),
      [logOf('20260301T0000Z')]: 'never read',
      [logOf('20260401T0000Z')]: 'never read',
      [logOf('20260311T0000Z')]: delivered([inside, ...outside]),
    })
    const { states, files, outOfRange, bad } = await scanFor([folder], undefined, { range })
    expect(idsIn(states[0])).toEqual(idsOf([inside]))
    expect({ files, outOfRange, bad }).toEqual({ files: 2, outOfRange: 2, bad: [] })
  })
})

describe('the files of a folder', () => {
  it('are all files in it and below, except for hidden files, digests and Insights events', () => {
    const folder = temporaryFolder()
    const logs = ['a.json', 'b.cloudtrail', `${FOLDER}${logOf('20260301T1205Z')}`, 'CloudTrail-Digest.json.txt']
    const others = [
      'AWSLogs/1/CloudTrail-Digest/us-east-1/2026/03/01/x.json.gz',
      '111122223333_CloudTrail-Insight_us-east-1_20260301T1205Z_x.json.gz',
    ]
    writeLogs(folder, Object.fromEntries([...logs, ...others, '.DS_Store', '.git/config'].map((name) => [name, ''])))
    const found = findLogFiles([folder])
    expect([...found.paths].sort()).toEqual(logs.map((name) => join(folder, name)).sort())
    expect(found).toMatchObject({ beside: { digests: [join(folder, others[0] ?? '')], insight: 1 }, bad: [] })
  })

  it('are found once each, through links that lead in a circle too', () => {
    const folder = temporaryFolder()
    const [path] = writeLogs(folder, { 'logs/a.json': '' })
    symlinkSync(folder, join(folder, 'logs', 'up'))
    symlinkSync(join(folder, 'logs'), join(folder, 'again'))
    const { paths } = findLogFiles([folder, join(folder, 'logs')])
    expect(paths).toHaveLength(1)
    expect([path, join(folder, 'again', 'a.json')]).toContain(paths[0])
  })

  it('can be none', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'empty'))
    expect(await scanFor([folder])).toMatchObject({ files: 0, events: 0, bad: [] })
  })
})
