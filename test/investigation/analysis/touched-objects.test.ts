import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TouchCounts } from '../../../src/incident/facts/activity-rows.ts'
import { asciiJson, asciiJsonPieces } from '../../../src/incident/values/show.ts'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { activityFold } from '../../../src/investigation/analysis/activity-fold.ts'
import { type TouchedObjects, touchedObjects } from '../../../src/investigation/analysis/touched-objects.ts'
import type { Touches } from '../../../src/investigation/analysis/touches.ts'
import { type Question, questionOf } from '../../../src/investigation/question.ts'
import type { CloudTrailRecord } from '../../../src/investigation/record.ts'
import { type Call, many, recordOf, stateOf, theKey } from './records.ts'

const asked: Question = questionOf(theKey)

const aCall: fc.Arbitrary<Call> = fc
  .tuple(
    fc.constantFrom(
      ...['GetSecretValue', 'DescribeSecret', 'PutSecretValue', 'DeleteSecret', 'RestoreSecret'].map(
        (name) => `secretsmanager:${name}`,
      ),
      ...['GetObject', 'DeleteObject', 'GetBucketAcl'].map((name) => `s3:${name}`),
      'ssm:GetParameters',
    ),
    fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    fc.nat(30),
    fc.constantFrom(undefined, 'AccessDenied'),
  )
  .map(([event, name, minute, errorCode]) => ({
    ...{ event, at: `2026-03-01T12:${String(minute).padStart(2, '0')}:00Z` },
    ...(errorCode ? { errorCode } : {}),
    request: event.startsWith('s3')
      ? { bucketName: name, key: `${name}-${minute % 3}` }
      : { secretId: name, names: [name, `${name}/${minute % 4}`] },
  }))

const touchesOf = (records: readonly CloudTrailRecord[]): Touches | undefined => stateOf(asked, records).counter.touches

const COUNTS = ['read', 'listed', 'written', 'deleted', 'restored', 'failed', 'dryRuns', 'bytesRead', 'bytesWritten'] as const

const sums = (rows: Iterable<TouchCounts>): readonly number[] =>
  COUNTS.map((name) => [...rows].reduce((sum, row) => sum + row[name], 0))

const span = (rows: readonly TouchCounts[]) => [
  rows.map(({ firstSeen }) => firstSeen).sort()[0],
  rows
    .map(({ lastSeen }) => lastSeen)
    .sort()
    .at(-1),
]

const everythingOf = ({ rows, folded, totals }: TouchedObjects): string => JSON.stringify([rows, folded, totals])

describe('of very many objects, those that were only read or described are counted together', () => {
  const calls = fc.array(aCall, { maxLength: 40 })

  it('what is listed and what is folded is everything that was done, by kind, and when', () => {
    fc.assert(
      fc.property(calls, fc.nat(4), fc.nat(4), (done, most, shown) => {
        const touches = touchesOf(done.map((call) => recordOf(call)))
        const all = touchedObjects([touches]).rows.slice()
        const { rows, folded, foldedAfter, totals } = touchedObjects([touches], most)
        for (const [listed, rest] of [
          [rows.slice(), folded],
          [rows.slice(0, shown), foldedAfter(shown)],
        ] as const) {
          for (const kind of ['secret', 'bucket', 'parameter']) {
            const of = <T extends { readonly kind: string }>(list: readonly T[]) => list.filter((row) => row.kind === kind)
            const together = [...of(listed), ...of(rest)]
            expect(sums(together)).toEqual(sums(of(all)))
            expect(span(together)).toEqual(span(of(all)))
            expect(of(listed).length + of(rest).reduce((sum, { stores }) => sum + stores, 0)).toBe(of(all).length)
          }
        }
        expect(totals).toEqual(touchedObjects([touches]).totals)
        expect(rows.slice()).toEqual(
          all.filter((store) =>
            [...rows].some((row) => row.store.untrusted === store.store.untrusted && row.kind === store.kind),
          ),
        )
      }),
    )
  })

  it('what was changed, destroyed or restored is always listed', () => {
    fc.assert(
      fc.property(calls, (done) => {
        const touches = touchesOf(done.map((call) => recordOf(call)))
        const changed = touchedObjects([touches])
          .rows.slice()
          .filter(({ written, deleted, restored }) => written + deleted + restored > 0)
        expect(touchedObjects([touches], 0).rows.slice()).toEqual(changed)
      }),
    )
  })

  it('in whatever order the records were read, by however many threads', () => {
    fc.assert(
      fc.property(calls, fc.nat(40), fc.nat(3), (done, cut, most) => {
        const records = done.map((call, index) => recordOf({ ...call, id: `id-${index}` }))
        const whole = everythingOf(touchedObjects([touchesOf(records)], most))
        expect(everythingOf(touchedObjects([touchesOf(records.toReversed())], most))).toBe(whole)
        const [a, b] = [stateOf(asked, records.slice(cut)), stateOf(asked, records.slice(0, cut + 3))]
        activityFold(asked).merge(a, b)
        expect(everythingOf(touchedObjects([a.counter.touches], most))).toBe(whole)
      }),
    )
  })

  it('a flood of reads hides no deletion and no change', () => {
    const records = [
      ...many(20_100, (index) => ({ event: 'secretsmanager:GetSecretValue', request: { secretId: `s-${index}` } })),
      recordOf({ event: 'secretsmanager:PutSecretValue', request: { secretId: 'changed' } }),
      recordOf({ event: 'secretsmanager:DeleteSecret', request: { secretId: 'gone' } }),
    ]
    const { rows, folded, totals } = touchedObjects([touchesOf(records)])
    const names = [...rows].map(({ store }) => rawText(store))
    expect(names[0]).toBe('gone')
    expect(names).toContain('changed')
    expect(folded).toMatchObject([{ kind: 'secret', dataRead: 'yes', stores: 101, read: 101 }])
    expect(totals).toMatchObject({ kinds: { secret: 20_102 }, reads: 20_100, deletions: 1 })
  })
})

describe('of very many things in a store', () => {
  const reads = many(41_000, (index) => ({ event: 's3:GetObject', request: { bucketName: 'data', key: `k-${index}` } }))
  const change = recordOf({ event: 's3:DeleteObject', request: { bucketName: 'data', key: 'gone' } })

  it('the same names are kept in any order, what was destroyed among them, and every call counts', () => {
    const all = [...reads, change]
    const [one, other] = [all, all.toReversed()].map((records) => touchedObjects([touchesOf(records)]).rows.slice(0, 1)[0])
    expect(one).toMatchObject({ read: 41_000, deleted: 1, itemsAll: 20_001, unnamedCalls: 21_000 })
    expect(one?.items[0]).toMatchObject({ item: { untrusted: 'gone' }, deleted: 1 })
    expect(other).toEqual(one)
    const [a, b] = [stateOf(asked, all.slice(0, 30_000)), stateOf(asked, all.slice(25_000))]
    activityFold(asked).merge(a, b)
    expect(touchedObjects([a.counter.touches]).rows.slice(0, 1)[0]).toEqual(one)
  })
})

describe('rows that are made on use', () => {
  it('are written as JSON row by row, as a list of them would be', () => {
    const { rows } = touchedObjects([touchesOf([recordOf({ event: 's3:GetBucketAcl', request: { bucketName: 'a' } })])])
    const none = touchedObjects([touchesOf([])]).rows
    const written = (objects: unknown) => [...asciiJsonPieces({ objects, more: 1 })].join('')
    expect(written(rows)).toBe(asciiJson({ objects: rows.slice(), more: 1 }))
    expect(written(none)).toBe('{"objects":[],"more":1}')
  })
})
