import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ActivityState } from '../../../../src/investigation/analysis/activity-fold.ts'
import { finishInvestigation } from '../../../../src/investigation/investigation.ts'
import { questionOf } from '../../../../src/investigation/question.ts'
import type { ReadHooks } from '../../../../src/investigation/source.ts'
import { logFiles } from '../../../../src/investigation/sources/log-files.ts'
import type { Document } from '../../records.ts'
import { cacheIn } from './caches.ts'
import { callBy, delivered, sessionOf, stolenCall, strangerCall, theKey, writeLogs } from './logs.ts'
import { temporaryFolder } from './temporary.ts'

const reading: ReadHooks<ActivityState> = { signal: new AbortController().signal, progress: () => undefined }
const places = { locate: () => undefined, source: 'nowhere', incomplete: () => [] }

const investigated = async (files: Readonly<Record<string, string>>) => {
  const folder = temporaryFolder()
  writeLogs(folder, files)
  const question = questionOf(theKey)
  const source = logFiles({ paths: [folder], threads: 1, clock: () => new Date(0) })
  const read = await source.read({ questions: [question], followChainedSessions: true, range: {} }, reading)
  return (await finishInvestigation(question, read, { places, ownAddresses: [] })).coverage
}

const at = (hour: string, parts: Document = {}): Document => ({ eventTime: `2026-03-01T${hour}:00:00Z`, ...parts })
const trail = (eventName: string): Document => ({
  ...{ eventName, eventSource: 'cloudtrail.amazonaws.com', readOnly: false },
  requestParameters: { name: 'arn:aws:cloudtrail:us-east-1:111122223333:trail/org' },
})
const named = (account: string, region: string): string =>
  `AWSLogs/${account}/CloudTrail/${region}/2026/03/01/${account}_CloudTrail_${region}_20260301T1215Z_abcdefgh.json`

describe('the coverage of log files', () => {
  it('names accounts, Regions, and the first and last record', async () => {
    const coverage = await investigated({
      [named('111122223333', 'us-east-1')]: delivered([strangerCall(at('08')), stolenCall(at('09'))]),
      [named('444455556666', 'eu-west-1')]: delivered([strangerCall(at('11'))]),
    })
    expect(coverage).toMatchObject({
      accounts: ['111122223333', '444455556666'],
      regions: ['eu-west-1', 'us-east-1'],
      firstRecord: '2026-03-01T08:00:00Z',
      lastRecord: '2026-03-01T11:00:00Z',
      hasDataEvents: false,
      gaps: [],
      gapsOfAll: true,
    })
  })

  it('knows data events of anybody', async () => {
    const data = strangerCall({ eventCategory: 'Data', managementEvent: false })
    expect(await investigated({ 'a.json': delivered([stolenCall(), data]) })).toMatchObject({ hasDataEvents: true })
  })

  it('names the gap between a stop of a trail and its start by somebody else', async () => {
    const admin = callBy(sessionOf('ASIAADMIN00000000001', 'admin', 'bob'), { ...at('13'), ...trail('StartLogging') })
    const { gaps } = await investigated({ 'a.json': delivered([stolenCall({ ...at('10'), ...trail('StopLogging') }), admin]) })
    expect(gaps).toMatchObject([
      {
        stopped: { at: '2026-03-01T10:00:00Z', trail: { untrusted: 'org' } },
        started: { at: '2026-03-01T13:00:00Z', by: { untrusted: expect.stringContaining('admin/bob') } },
      },
    ])
  })

  it('finds changes of trails by others from the day of the first stop on, whichever file is read first', async () => {
    const admin = sessionOf('ASIAADMIN00000000001', 'admin', 'bob')
    const day = (number: string, eventName: string) => ({ eventTime: `2026-03-${number}T12:00:00Z`, ...trail(eventName) })
    const file = (number: string, documents: readonly Document[]): readonly [string, string] => [
      named('111122223333', 'us-east-1').replace('20260301T1215Z_abcdefgh', `202603${number}T1215Z_abcdefgh`),
      delivered([...documents, ...Array.from({ length: 9 }, () => strangerCall({ userAgent: 'x'.repeat(1_000_000) }))]),
    ]
    const { gaps, gapsOfAll } = await investigated(
      Object.fromEntries([
        file('01', [callBy(admin, day('01', 'StopLogging'))]),
        file('05', [stolenCall(day('05', 'StopLogging'))]),
        file('09', [callBy(admin, day('09', 'StartLogging'))]),
        file('13', [stolenCall(day('13', 'DeleteTrail'))]),
        file('17', [callBy(admin, day('17', 'CreateTrail'))]),
      ]),
    )
    const days = gaps.map(({ stopped, started }) => [stopped.at.slice(8, 10), started?.at.slice(8, 10)])
    expect({ days, gapsOfAll }).toEqual({
      days: [
        ['05', '09'],
        ['13', '17'],
      ],
      gapsOfAll: true,
    })
  })

  it('leaves a gap open when no start was read, and counts no stop that was refused', async () => {
    const refused = strangerCall({ ...at('11'), ...trail('StopLogging'), errorCode: 'AccessDenied' })
    const { gaps } = await investigated({ 'a.json': delivered([stolenCall({ ...at('10'), ...trail('DeleteTrail') }), refused]) })
    expect(gaps.map(({ stopped, started }) => [stopped.eventName, started])).toEqual([['DeleteTrail', undefined]])
  })

  it('names the hours without a digest file, and what was left out', async () => {
    const digest = (hour: string): string =>
      `AWSLogs/1/CloudTrail-Digest/us-east-1/111122223333_CloudTrail-Digest_us-east-1_org_us-east-1_20260301T${hour}0000Z.json.gz`
    const coverage = await investigated({
      'a.json': delivered([stolenCall()]),
      ...Object.fromEntries(['08', '09', '13', '14'].map((hour) => [digest(hour), ''])),
      'AWSLogs/1/CloudTrail-Insight/us-east-1/x.json.gz': '',
      'AWSLogs/1/CloudTrail-Aggregated/us-east-1/x.json.gz': '',
    })
    expect(coverage).toMatchObject({
      missingDigests: [{ trail: '111122223333 us-east-1 org', from: '2026-03-01T09:00:00Z', until: '2026-03-01T13:00:00Z' }],
      beside: { digest: 4, insight: 1, aggregated: 1 },
    })
  })

  it('names files that only mention the key', async () => {
    const mention = strangerCall({ requestParameters: { accessKeyId: theKey.value } })
    const { mentionedIn } = await investigated({ 'a.json': delivered([stolenCall()]), 'b.json': delivered([mention]) })
    expect(mentionedIn.map((path) => path.slice(-6))).toEqual(['b.json'])
  })
})

describe('the coverage of files that come from the cache', () => {
  it('says that the name was looked for in calls only', async () => {
    const folder = temporaryFolder()
    const logs = join(folder, 'logs')
    writeLogs(logs, { 'a.json': delivered([stolenCall()]) })
    const cache = await cacheIn(folder, [logs])
    const source = logFiles({ paths: [logs], threads: 1, cache, clock: () => new Date(0) })
    const { report } = await source.read({ questions: [questionOf(theKey)], followChainedSessions: false, range: {} }, reading)
    expect(report.coverage?.notCovered).toEqual([
      'whether the name stands in one file from the cache without a call of it was not looked for',
    ])
  })
})

describe('a source without a CloudTrail record is refused, and the sentence says what was found', () => {
  it.each([
    ['a finding', { 'finding.json': '{"schemaVersion":"2.0","type":"UnauthorizedAccess"}' }, 'It holds no CloudTrail record.'],
    ['log files without records', { 'a.json': '{"Records":[]}' }, 'one file was read, and it holds no record'],
    ['text', { 'readme.md': 'hello\n' }, 'It is not JSON.'],
  ])('%s', async (_, files: Readonly<Record<string, string>>, why) => {
    await expect(investigated(files)).rejects.toMatchObject({ kind: 'usage', why: expect.stringContaining(why) })
  })
})
