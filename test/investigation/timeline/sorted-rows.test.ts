import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { compareRows, type TimelineRow } from '../../../src/investigation/timeline/row.ts'
import { sortedRows } from '../../../src/investigation/timeline/sorted-rows.ts'
import { rowLike } from './rows.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rows-'))
  vi.stubEnv('TMPDIR', folder)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const row: fc.Arbitrary<TimelineRow> = fc
  .record({
    at: fc.constantFrom('2026-03-01T12:00:00Z', '2026-03-01T12:00:00.250Z', '2026-03-01T12:00:01Z', '2026-02-28T23:59:59Z'),
    id: fc.integer({ min: 1, max: 12 }).map((number) => `id-${number}`),
    depth: fc.integer({ min: 0, max: 2 }),
  })
  .map((parts) => rowLike({ ...parts, object: `ünïcode ${parts.id}\n` }))

const expected = (rows: readonly TimelineRow[]): readonly TimelineRow[] => {
  const byEvent = new Map<string, TimelineRow>()
  for (const each of rows.toSorted(compareRows))
    if (!byEvent.has(`${each.at} ${each.id}`)) byEvent.set(`${each.at} ${each.id}`, each)
  return [...byEvent.values()]
}

describe('rows of a timeline', () => {
  it('come in the order of time, each event once, however many are held', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (rows, most) => {
        const sorted = sortedRows(most)
        for (const each of rows) sorted.add(each)
        try {
          expect([...sorted.rows()]).toEqual(expected(rows))
          expect([...sorted.rows()]).toEqual(expected(rows))
        } finally {
          sorted.dispose()
        }
      }),
      { numRuns: 60 },
    )
  })

  it('hold no secret in any file that is written on the way', () => {
    const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
    const object = `AKIAIOSFODNN7EXAMPLE:${secret}`
    const sorted = sortedRows(2)
    for (let count = 0; count < 5; count += 1) sorted.add(rowLike({ object, record: { requestParameters: { text: object } } }))
    const indexed = sorted.indexed()
    const [inside = ''] = readdirSync(folder)
    const written = readdirSync(join(folder, inside)).map((name) => readFileSync(join(folder, inside, name), 'utf8'))
    expect(written.join('')).toContain('AKIAIOSFODNN7EXAMPLE')
    expect(written.join('')).not.toContain(secret)
    expect(JSON.stringify(indexed.row(0))).toContain('redacted')
    indexed.close()
    sorted.dispose()
  })

  it('are found by their place', () => {
    const rows = Array.from({ length: 30 }, (_, index) => rowLike({ id: `id-${30 - index}`, object: 'ü' }))
    const sorted = sortedRows(7)
    for (const each of rows) sorted.add(each)
    const indexed = sorted.indexed()
    expect(Array.from({ length: indexed.count }, (_, place) => indexed.row(place))).toEqual(expected(rows))
    expect([indexed.row(-1), indexed.row(30)]).toEqual([undefined, undefined])
    indexed.close()
    sorted.dispose()
  })

  it('are found by their place each time that a screen opens, with one before it open or closed, and leave no file behind', () => {
    const rows = Array.from({ length: 9 }, (_, index) => rowLike({ id: `id-${index}` }))
    const sorted = sortedRows(4)
    for (const each of rows) sorted.add(each)
    const first = sorted.indexed()
    const second = sorted.indexed()
    expect([first.row(8), second.row(8)]).toEqual([rows[8], rows[8]])
    first.close()
    expect(second.row(0)).toEqual(rows[0])
    second.close()
    const third = sorted.indexed()
    expect(third.count).toBe(9)
    third.close()
    const [inside = ''] = readdirSync(folder)
    expect(readdirSync(join(folder, inside)).filter((name) => name.startsWith('all'))).toEqual([])
    sorted.dispose()
  })

  it('lie in files that only this user may read, and that are gone in the end', () => {
    const sorted = sortedRows(2)
    for (let index = 0; index < 5; index += 1) sorted.add(rowLike())
    const [name = ''] = readdirSync(folder)
    expect(statSync(join(folder, name)).mode & 0o077).toBe(0)
    expect(statSync(join(folder, name, '0.jsonl')).mode & 0o077).toBe(0)
    sorted.dispose()
    expect(existsSync(join(folder, name))).toBe(false)
  })

  it('a call through an endpoint is one row, from the API’s record; one that the endpoint refused is a row of its own', () => {
    const sorted = sortedRows()
    const call = { action: 's3:GetObject', requestId: 'r-1' }
    sorted.add(rowLike({ ...call, id: 'a', isNetworkActivity: true }))
    sorted.add(rowLike({ ...call, id: 'b' }))
    sorted.add(rowLike({ ...call, id: 'c', requestId: 'r-2', isNetworkActivity: true, outcome: 'denied' }))
    expect([...sorted.rows()].map(({ id }) => id)).toEqual(['b', 'c'])
  })

  it('larger than all that is held come in their order, with their whole records', () => {
    const large = { requestParameters: { text: 'word '.repeat(1_000_000) } }
    const sorted = sortedRows()
    for (const id of ['b', 'c', 'a']) sorted.add(rowLike({ id, ...(id === 'c' ? {} : { record: large }) }))
    const indexed = sorted.indexed()
    expect([0, 1, 2].map((place) => indexed.row(place)?.id)).toEqual(['a', 'b', 'c'])
    expect(indexed.row(1)?.record).toEqual(large)
    indexed.close()
    sorted.dispose()
  })

  it('many runs become one: few files are there at any time', () => {
    const sorted = sortedRows(1)
    let most = 0
    for (let index = 0; index < 200; index += 1) {
      sorted.add(rowLike({ id: `id-${index}` }))
      const [inside = ''] = readdirSync(folder)
      most = Math.max(most, readdirSync(join(folder, inside)).length)
    }
    expect(most).toBeLessThan(45)
    expect([...sorted.rows()]).toHaveLength(200)
    sorted.dispose()
  })

  it('that are few make no file', () => {
    const sorted = sortedRows()
    sorted.add(rowLike())
    expect([...sorted.rows()]).toHaveLength(1)
    expect(readdirSync(folder)).toEqual([])
  })
})
