import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeTimeline } from '../../../src/cli/investigate/timeline.ts'
import { timelineRequestOf } from '../../../src/cli/investigate/timeline-request.ts'
import { runCommandLine } from '../../../src/cli/program.ts'
import { sortedRows } from '../../../src/investigation/timeline/sorted-rows.ts'
import { documentOf, KEY } from '../../investigation/records.ts'
import { memoryHost } from '../../support/host.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'timeline-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const CHAINED = 'ASIAXCSEC6TNCHAINED1'
const RECORDS = [
  documentOf({ eventID: 'second', eventTime: '2026-11-25T01:12:41Z', eventName: 'GetBucketAcl', awsRegion: 'eu-west-1' }),
  documentOf({ eventID: 'first', eventTime: '2026-11-25T01:12:40Z' }),
  documentOf({
    ...{ eventID: 'issue', eventTime: '2026-11-25T01:12:42Z', eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole' },
    requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/deploy', roleSessionName: 'x' },
    responseElements: { credentials: { accessKeyId: CHAINED } },
  }),
  documentOf({
    ...{ eventID: 'chained', eventTime: '2026-11-25T01:12:43Z', eventName: 'DeleteBucket', readOnly: false },
    userIdentity: { type: 'AssumedRole', accessKeyId: CHAINED },
  }),
  documentOf({ eventID: 'not its own', userIdentity: { type: 'IAMUser', accessKeyId: 'AKIAOTHER00000000001' } }),
]

const run = async (...args: readonly string[]) => {
  writeFileSync(join(folder, 'a.json'), JSON.stringify({ Records: RECORDS }))
  // The same calls once more, as two trails deliver them.
  writeFileSync(join(folder, 'b.json'), JSON.stringify({ Records: RECORDS.slice(0, 2) }))
  const { host, out, err } = memoryHost()
  const code = await runCommandLine(host, ['investigate', '--access-key-id', KEY, '--logs', folder, ...args])
  return { code, out: out(), err: err() }
}

const idsIn = (lines: string): readonly unknown[] =>
  lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'timeline')
    .map(({ id, depth }) => `${id} ${depth}`)

describe('--timeline', () => {
  it('writes every call of the key and of its chained sessions in order, each once, into a file', async () => {
    const file = join(folder, 'calls.jsonl')
    const { code, out } = await run('--timeline', file)
    expect([code, out]).toEqual([0, expect.stringContaining('Persistence (CloudTrail)')])
    expect(idsIn(readFileSync(file, 'utf8'))).toEqual(['first 0', 'second 0', 'issue 0', 'chained 1'])
  })

  it('follows the answer on standard output as text', async () => {
    const { out } = await run('--timeline')
    expect(out.indexOf('Persistence (CloudTrail)')).toBeLessThan(out.indexOf('2026-11-25 01:12:40Z  s3:ListBuckets'))
    expect(out).toContain('> s3:DeleteBucket')
  })

  it('has standard output for itself as CSV', async () => {
    const { out } = await run('--timeline', '-', '--timeline-format', 'csv')
    expect(out.startsWith('time,kind,what,api')).toBe(true)
    expect(out.trimEnd().split('\r\n')).toHaveLength(5)
  })

  it('stands between the answer and the end of the JSON lines', async () => {
    const { out } = await run('--timeline', '-', '--json')
    const types = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).type)
    expect(types).toEqual(['activity', 'timeline', 'timeline', 'timeline', 'timeline', 'ended'])
  })

  it('keeps to the scope', async () => {
    const { out } = await run('--timeline', '-', '--json', '--until', '2026-11-25T01:12:41Z')
    expect(idsIn(out)).toEqual(['first 0'])
  })

  it('has the moments of the finding that was named', async () => {
    const finding = {
      ...{ SchemaVersion: '2.0', AccountId: '111122223333', Region: 'us-east-1', Partition: 'aws', Id: 'f-1', Severity: 8 },
      ...{ Type: 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS', CreatedAt: '2026-11-25T01:20:00Z' },
      ...{ UpdatedAt: '2026-11-25T01:20:00Z', Arn: 'arn:aws:guardduty:us-east-1:111122223333:detector/d/finding/f-1' },
      Resource: {
        ResourceType: 'AccessKey',
        AccessKeyDetails: { AccessKeyId: KEY, UserType: 'AssumedRole', UserName: 'web-app', PrincipalId: 'AROA:i-0' },
      },
      Service: { Count: 1, EventFirstSeen: '2026-11-25T01:12:41Z', EventLastSeen: '2026-11-25T01:12:41Z', Archived: false },
    }
    const logs = join(folder, 'a.json')
    writeFileSync(logs, JSON.stringify({ Records: RECORDS }))
    const file = join(folder, 'finding')
    writeFileSync(file, JSON.stringify(finding))
    const { host, out } = memoryHost()
    await runCommandLine(host, ['investigate', '--finding', file, '--logs', logs, '--timeline', '-', '--json'])
    const rows = out()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === 'timeline')
    expect(rows.map(({ kind }) => kind)).toEqual(['call', 'call', 'finding', 'call', 'call', 'finding'])
  })

  it('a file that cannot be written ends with a sentence, after the answer', async () => {
    const { code, out, err } = await run('--timeline', '/dev/full')
    expect(code).toBe(5)
    expect(out).toContain('Persistence (CloudTrail)')
    expect(err).toContain('the timeline could not be written to')
  })

  it('a link where its file belongs is refused before anything is read, and what it leads to stays as it was', async () => {
    const [target, link] = [join(folder, 'target'), join(folder, 'link.csv')]
    writeFileSync(target, 'not ours')
    symlinkSync(target, link)
    const { code, out, err } = await run('--timeline', link)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('is a link, and ir-cred writes through none')
    expect(readFileSync(target, 'utf8')).toBe('not ours')
  })

  it('a link that appears while the logs are read is not written through either', async () => {
    const [target, link] = [join(folder, 'later-target'), join(folder, 'later.csv')]
    writeFileSync(target, 'not ours')
    symlinkSync(target, link)
    const timeline = { sorted: sortedRows(), incomplete: [] }
    const request = { format: 'text', isCsv: false, unfolded: false, file: link } as const
    await expect(writeTimeline(timeline, request, memoryHost().host)).rejects.toMatchObject({ kind: 'blocked' })
    expect(readFileSync(target, 'utf8')).toBe('not ours')
  })
})

describe('the request for a timeline', () => {
  it.each([
    [{}, undefined],
    [{ timeline: true }, { format: 'text', isCsv: false, unfolded: false }],
    [{ timeline: '-' }, { format: 'text', isCsv: false, unfolded: false }],
    [{ timeline: 'x.csv' }, { file: 'x.csv', format: 'csv', isCsv: true, unfolded: false }],
    [{ timeline: 'x.jsonl' }, { file: 'x.jsonl', format: 'json', isCsv: false, unfolded: false }],
    [
      { timeline: 'x.txt', unfold: true },
      { file: 'x.txt', format: 'text', isCsv: false, unfolded: true },
    ],
    [
      { timeline: 'x.csv', timelineFormat: 'timesketch' },
      { file: 'x.csv', format: 'timesketch', isCsv: true, unfolded: false },
    ],
  ] as const)('%j', (options, request) => {
    expect(timelineRequestOf(options, false)).toEqual(request)
  })

  it.each([
    [{ timelineFormat: 'csv' }, false],
    [{ timeline: '/no/such/folder/x.csv' }, false],
    [{ timeline: '/' }, false],
    [{ timeline: '-', timelineFormat: 'csv' }, true],
  ] as const)('%j is refused before anything is read', (options, isJson) => {
    expect(() => timelineRequestOf(options, isJson)).toThrow(expect.objectContaining({ kind: 'usage' }))
  })
})
