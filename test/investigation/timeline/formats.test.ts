import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvCell, type TimelineWriting, timelineLines } from '../../../src/investigation/timeline/formats.ts'
import type { TimelineRow } from '../../../src/investigation/timeline/row.ts'
import { rowLike } from './rows.ts'

const written = (writing: Partial<TimelineWriting>, ...rows: readonly TimelineRow[]): string =>
  [...timelineLines({ format: 'text', isCsv: false, unfolded: false, ...writing }, rows)].join('')

const burst = Array.from({ length: 5 }, (_, second) =>
  rowLike({ at: `2026-03-01T12:00:0${second}Z`, action: 's3:GetObject', object: `bucket data/${second}`, id: `id-${second}` }),
)

describe('a timeline as text', () => {
  it('has a line for each call with time, API, object, outcome, address, agent, key and event', () => {
    const words = written({}, rowLike({ action: 's3:GetObject', object: 'bucket payroll/all.csv', id: 'e-1' }))
    expect(words).toContain(
      '2026-03-01 12:00:00Z  s3:GetObject  "bucket payroll/all.csv"  ok  from 198.51.100.7  "aws-cli/2.15.0"  eu-west-1  key ASIASTOLENKEY0000001  event "e-1"\n',
    )
  })

  it('folds a burst of reads into one line that says how many, until when, and of what', () => {
    const words = written({}, ...burst)
    expect(words).toContain(
      '2026-03-01 12:00:00Z  5 x s3:GetObject until 12:00:04Z  "bucket data/0", "bucket data/1", "bucket data/2" and others',
    )
    expect(words.trimEnd().split('\n')).toHaveLength(2)
    expect(words).toContain('Calls that write are never folded.')
  })

  it('lists each call of a burst when it is unfolded', () => {
    expect(
      written({ unfolded: true }, ...burst)
        .trimEnd()
        .split('\n'),
    ).toHaveLength(5)
  })

  it('marks chained sessions, findings and actions of the response', () => {
    const words = written(
      {},
      rowLike({ depth: 2 }),
      rowLike({ kind: 'finding', what: 'finding created', action: 'UnauthorizedAccess:IAMUser/X', isRead: false }),
      rowLike({ kind: 'response', what: 'response action', action: 'iam:PutRolePolicy', isRead: false }),
    )
    expect(words).toContain('> > s3:ListBuckets')
    expect(words).toContain('GUARDDUTY finding created: UnauthorizedAccess:IAMUser/X')
    expect(words).toContain('IR-CRED response action: iam:PutRolePolicy')
  })

  it('shows foreign texts so that they cannot pass for a line of ours', () => {
    const words = written({}, rowLike({ userAgent: 'x\n2026-03-01 12:00:00Z  iam:CreateUser\u001b[2J' }))
    expect(words.trimEnd().split('\n')).toHaveLength(2)
    expect(words).not.toContain('\u001b')
  })
})

describe('a timeline as CSV', () => {
  it('has every call, also of a burst, and reads back as it was', () => {
    const rows = parse(written({ format: 'csv' }, ...burst, rowLike({ object: 'a "b", c' })), { columns: true })
    expect(rows).toHaveLength(6)
    expect(rows[0]).toMatchObject({
      time: '2026-03-01T12:00:00Z',
      api: 's3:GetObject',
      object: 'bucket data/0',
      event_id: 'id-0',
    })
    expect(rows[5]).toMatchObject({ object: 'a "b", c' })
  })

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '  =1', '|calc', '%x', '\uff1d1'])('%j is never a formula', (text) => {
    const [[cell = '']] = parse(csvCell(text)) as [[string]]
    expect(cell.startsWith("'")).toBe(true)
  })

  it('no text ends its cell or its row, or is a formula', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
        const [row = [], ...more] = parse(`${csvCell(text)},end\r\n`) as string[][]
        expect([row.length, row[1], more]).toEqual([2, 'end', []])
        expect(row[0]).not.toMatch(/^\s*[=+\-@]/)
      }),
    )
  })

  it('holds no secret that a record has in a text', () => {
    const token = `IQoJb3JpZ2luX2Vj${'Ab1/'.repeat(70)}`
    expect(written({ format: 'csv' }, rowLike({ userAgent: `curl X-Amz-Security-Token=${token}` }))).not.toContain(
      token.slice(20, 80),
    )
  })
})

describe('a timeline as JSON', () => {
  it('is one object a line, ASCII, with every call and without the whole record', () => {
    const lines = written({ format: 'json' }, ...burst, rowLike({ object: 'ü', record: { eventName: 'X' } }))
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(6)
    expect(lines[5]).toMatch(/^[ -~]*$/)
    expect(JSON.parse(lines[5] ?? '')).toMatchObject({ type: 'timeline', at: '2026-03-01T12:00:00Z', object: 'ü' })
    expect(lines[5]).not.toContain('"record"')
  })
})

describe('a timeline as Timesketch takes it', () => {
  const finding = rowLike({ kind: 'finding', what: 'finding created', action: 'UnauthorizedAccess:IAMUser/X' })

  it('has message, datetime and timestamp_desc in every JSON line', () => {
    const [call = '', told = ''] = written({ format: 'timesketch' }, ...burst.slice(0, 1), finding).split('\n')
    expect(JSON.parse(call)).toMatchObject({
      message: 's3:GetObject | bucket data/0 | from 198.51.100.7 | with aws-cli/2.15.0 | ok',
      datetime: '2026-03-01T12:00:00+00:00',
      timestamp_desc: 'CloudTrail event time',
      timestamp: Date.UTC(2026, 2, 1, 12) * 1000,
    })
    expect(JSON.parse(told)).toMatchObject({ timestamp_desc: 'GuardDuty finding created' })
  })

  it('has them as columns of CSV', () => {
    const [row] = parse(written({ format: 'timesketch', isCsv: true }, ...burst), { columns: true }) as [Record<string, string>]
    expect(Object.keys(row).slice(0, 4)).toEqual(['message', 'timestamp', 'datetime', 'timestamp_desc'])
    expect(row).toMatchObject({ datetime: '2026-03-01T12:00:00+00:00', event_id: 'id-0' })
  })
})
