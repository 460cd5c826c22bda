import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { burstPlaces, foldBursts, isBurst } from '../../../src/investigation/timeline/bursts.ts'
import { compareRows, type TimelineRow } from '../../../src/investigation/timeline/row.ts'
import { rowLike } from './rows.ts'

const folded = (...rows: readonly TimelineRow[]) =>
  [...foldBursts(rows)].map((line) => (isBurst(line) ? `${line.count} x ${line.first.action}` : line.action))

const times = (count: number, parts: Parameters<typeof rowLike>[0] = {}): readonly TimelineRow[] =>
  Array.from({ length: count }, () => rowLike(parts))

describe('bursts', () => {
  it('are three or more equal reads of one minute, also with others between them', () => {
    const rows = times(6).map((row, index) => (index % 2 === 0 ? row : { ...row, action: 's3:GetBucketAcl' }))
    expect(folded(...rows)).toEqual(['3 x s3:ListBuckets', '3 x s3:GetBucketAcl'])
  })

  it('are not two reads', () => {
    expect(folded(...times(2))).toEqual(['s3:ListBuckets', 's3:ListBuckets'])
  })

  it('end with the minute', () => {
    const rows = [...times(3), ...times(3, { at: '2026-03-01T12:01:00Z' })]
    expect(folded(...rows)).toEqual(['3 x s3:ListBuckets', '3 x s3:ListBuckets'])
  })

  it.each([
    { accessKeyId: 'ASIAOTHER00000000001' },
    { address: '203.0.113.9' },
    { userAgent: 'x' },
    { outcome: 'denied' },
    { depth: 1 },
  ])('do not hide a call that differs: %j', (parts) => {
    expect(folded(...times(3), rowLike(parts))).toEqual(['3 x s3:ListBuckets', 's3:ListBuckets'])
  })

  it('are never calls that write, findings or actions of the response', () => {
    expect(folded(...times(4, { action: 'iam:CreateUser', isRead: false }))).toHaveLength(4)
    expect(folded(...times(4, { kind: 'finding' }), ...times(4, { kind: 'response' }))).toHaveLength(8)
  })

  it('are given out while a busy minute goes on: its lines are not all held', () => {
    let given = 0
    const rows = function* () {
      for (; given < 20_000; given += 1) yield rowLike({ isRead: false })
    }
    foldBursts(rows()).next()
    expect(given).toBeLessThan(10_000)
  })

  it('hold every row once: what a screen opens is all there is', () => {
    const row = fc
      .record({
        at: fc.constantFrom('2026-03-01T12:00:00Z', '2026-03-01T12:00:59Z', '2026-03-01T12:01:00Z'),
        action: fc.constantFrom('s3:ListBuckets', 's3:GetObject'),
        isRead: fc.boolean(),
      })
      .map((parts) => rowLike(parts))
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (unsorted) => {
        const rows = unsorted.toSorted(compareRows)
        const places = [...burstPlaces(rows)]
        expect(places.flat().sort((a, b) => a - b)).toEqual(rows.map((_, index) => index))
        const lines = [...foldBursts(rows)]
        expect(places.map((own) => own.length)).toEqual(lines.map((line) => (isBurst(line) ? line.count : 1)))
      }),
    )
  })
})
