import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import type { ActivityState } from '../../../../src/investigation/analysis/activity-fold.ts'
import { questionOf } from '../../../../src/investigation/question.ts'
import type { S3LogsOptions } from '../../../../src/investigation/sources/s3.ts'
import {
  ACCOUNT,
  askedOf,
  BUCKET,
  type BucketServer,
  KEY,
  logFile,
  logKey,
  readLogs,
  record,
  startBucketServer,
} from './bucket-server.ts'

let server: BucketServer
beforeAll(async () => {
  server = await startBucketServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.requests.length = 0
  server.refuse = () => undefined
})

const at = (text: string): Instant => text as Instant

/** The key's calls between two times, without a baseline. */
const between = (from?: string, until?: string) =>
  askedOf({
    questions: [questionOf({ kind: 'access-key-id', value: KEY }, { baselineDays: 0 })],
    range: { ...(from ? { from: at(from) } : {}), ...(until ? { until: at(until) } : {}) },
  })

const read = async (asked: ReturnType<typeof between>, options: Partial<S3LogsOptions<ActivityState>> = {}) => {
  const reading = readLogs(server, asked, options)
  const { states, report } = await reading.answer()
  const { state } = states.get(`access-key-id ${KEY}`) ?? {}
  return { events: state?.counter.ids.size, report, progress: reading.progress, name: reading.name }
}

const fetched = (): string[] =>
  server.requests.filter(({ query }) => query.includes('x-id=GetObject')).map(({ path }) => path.slice(BUCKET.length + 2))
const listed = (): string[] =>
  server.requests
    .filter(({ query }) => query.includes('list-type=2'))
    .map(({ query }) => /(?:^|&)prefix=([^&]*)/.exec(query)?.[1] ?? '')

describe('a trail of one account', () => {
  const keys = ['2026-11-20T10:05:00', '2026-11-22T10:05:00', '2026-11-23T10:05:00'].map((time) => `one/${logKey(time)}`)

  beforeAll(async () => {
    await Promise.all(
      keys.map((key, day) => server.put(key, logFile(record(`event-${day}`, `2026-11-2${[0, 2, 3][day]}T10:00:00Z`)))),
    )
    await server.put(
      `one/${logKey('2026-11-22T10:05:00', { region: 'us-east-1' })}`,
      logFile(record('event-9', '2026-11-22T10:00:00Z')),
    )
    await server.put(
      `one/AWSLogs/${ACCOUNT}/CloudTrail-Digest/eu-central-1/2026/11/22/${ACCOUNT}_CloudTrail-Digest_eu.json.gz`,
      '{}',
    )
    await server.put(
      `one/AWSLogs/${ACCOUNT}/CloudTrail-Insight/eu-central-1/2026/11/22/${ACCOUNT}_CloudTrail-Insight_eu.json.gz`,
      '{}',
    )
    await server.put(`one/AWSLogs/${ACCOUNT}/elasticloadbalancing/eu-central-1/2026/11/22/a.log.gz`, 'x')
  })

  it('is read whole, without digests, Insights events and logs of other services', async () => {
    const { events, report, name } = await read(between(), { address: `s3://${BUCKET}/one` })
    expect(name).toBe(`s3://${BUCKET}/one`)
    expect(events).toBe(4)
    expect(report).toMatchObject({ files: 4, events: 4, badFiles: [], incomplete: [] })
    // That there are files of a day does not say that they have all that was called then.
    expect(report.coveredFrom).toBeUndefined()
    expect(report.calls).toBe(server.requests.length)
    expect(listed().filter((prefix) => /Digest|Insight|elastic/.test(prefix))).toEqual([])
  })

  it('is listed by the days of the range and one day on each side, the newest first', async () => {
    const { events } = await read(between('2026-11-22T00:00:00Z', '2026-11-22T23:00:00Z'), { address: `s3://${BUCKET}/one/` })
    expect(events).toBe(2)
    const days = listed().filter((prefix) => prefix.includes('eu-central-1'))
    expect(days).toEqual(['23', '22', '21'].map((day) => `one/AWSLogs/${ACCOUNT}/CloudTrail/eu-central-1/2026/11/${day}/`))
    expect(fetched()).not.toContain(keys[0])
  })

  it('is listed by the days of the baseline too', async () => {
    const scope = { from: at('2026-11-23T00:00:00Z') }
    const asked = askedOf({ questions: [questionOf({ kind: 'access-key-id', value: KEY }, { scope, baselineDays: 1 })] })
    const { report } = await read(asked, { address: `s3://${BUCKET}/one/`, regions: ['eu-central-1'] })
    expect(report.files).toBe(2)
    expect(listed().some((prefix) => prefix.endsWith('/2026/11/19/'))).toBe(false)
  })

  it('is read only in the Regions and accounts that are wanted', async () => {
    await read(between(), { address: `s3://${BUCKET}/one`, regions: ['us-east-1'] })
    expect(fetched()).toEqual([`one/${logKey('2026-11-22T10:05:00', { region: 'us-east-1' })}`])
    const { report } = await read(between('2026-11-22T00:00:00Z'), { address: `s3://${BUCKET}/one`, accounts: ['999999999999'] })
    expect(report.incomplete).toEqual([
      'only files of account 999999999999 were read (--account): what other accounts recorded is not known',
      `there are no log files of this time range below s3://${BUCKET}/one`,
    ])
  })

  it.each([
    ['one/AWSLogs', 4],
    [`one/AWSLogs/${ACCOUNT}`, 4],
    [`one/AWSLogs/${ACCOUNT}/CloudTrail/`, 4],
    [`one/AWSLogs/${ACCOUNT}/CloudTrail/eu-central-1`, 3],
    [`one/AWSLogs/${ACCOUNT}/CloudTrail/eu-central-1/2026/11`, 3],
    [`one/AWSLogs/${ACCOUNT}/CloudTrail/eu-central-1/2026/11/22/`, 1],
    [keys[0] ?? '', 1],
  ])('can be given as %s', async (prefix, files) => {
    const { report } = await read(between(), { address: `s3://${BUCKET}/${prefix}` })
    expect(report.files).toBe(files)
  })
})

describe('a trail of an organization', () => {
  const other = '444455556666'

  beforeAll(async () => {
    const organization = 'o-exampleorgid/'
    await server.put(`org/${logKey('2026-11-22T10:05:00', { organization })}`, logFile(record('org-1', '2026-11-22T10:00:00Z')))
    await server.put(
      `org/${logKey('2026-11-22T10:05:00', { organization, account: other })}`,
      logFile(record('org-2', '2026-11-22T10:00:00Z')),
    )
  })

  it('is read in all accounts', async () => {
    expect((await read(between(), { address: `s3://${BUCKET}/org` })).events).toBe(2)
  })

  it('is read only in the accounts that are wanted', async () => {
    const { events } = await read(between('2026-11-22T00:00:00Z'), { address: `s3://${BUCKET}/org`, accounts: [other] })
    expect(events).toBe(1)
    expect(listed().filter((prefix) => prefix.includes(ACCOUNT))).toEqual([])
  })
})

describe('a bucket of another layout', () => {
  it('is read below two prefixes with a trail each', async () => {
    for (const team of ['a', 'b'])
      await server.put(`teams/${team}/${logKey('2026-11-22T10:05:00')}`, logFile(record(`team-${team}`, '2026-11-22T10:00:00Z')))
    expect((await read(between(), { address: `s3://${BUCKET}/teams` })).events).toBe(2)
  })

  it('is read whole when it has no AWSLogs folder', async () => {
    await server.put('loose/monday.json', JSON.stringify({ Records: [record('loose-1', '2026-11-22T10:00:00Z')] }))
    await server.put('loose/sub/tuesday.json.gz', logFile(record('loose-2', '2026-11-22T11:00:00Z')))
    expect((await read(between(), { address: `s3://${BUCKET}/loose` })).events).toBe(2)
  })

  it('is a usage error when it has no log files', async () => {
    await expect(read(between(), { address: `s3://${BUCKET}/nowhere` })).rejects.toMatchObject({
      kind: 'usage',
      what: `there are no log files below s3://${BUCKET}/nowhere`,
    })
  })

  it.each(['trail-logs', 's3:/trail-logs', 's3://T', 'https://trail-logs.s3.amazonaws.com'])(
    'is a usage error when its address is %s',
    (address) => {
      expect(() => readLogs(server, between(), { address })).toThrow('is not a valid S3 address')
    },
  )
})

describe('a day of more than 1,000 files', () => {
  it('is read page by page, with an estimate of the time left', async () => {
    const names = Array.from({ length: 1100 }, (_, index) => String(index).padStart(16, '0'))
    const put = (name: string) =>
      server.put(`busy/${logKey('2026-11-22T10:05:00', { name })}`, logFile(record(`busy-${name}`, '2026-11-22T10:00:00Z')))
    for (let first = 0; first < names.length; first += 100) await Promise.all(names.slice(first, first + 100).map(put))
    const { events, report, progress } = await read(between('2026-11-22T00:00:00Z', '2026-11-22T23:00:00Z'), {
      address: `s3://${BUCKET}/busy`,
    })
    expect(events).toBe(1100)
    expect(report.files).toBe(1100)
    expect(new Set(fetched()).size).toBe(1100)
    expect(server.requests.filter(({ query }) => query.includes('continuation-token'))).toHaveLength(1)
    expect(progress.at(-1)).toMatchObject({ unit: 'file', done: 1100, of: 1100, events: 1100, secondsLeft: 0 })
    expect(progress.find(({ done, of }) => done < 1000 && of !== undefined)?.of).toBe(1100)
  })
})
