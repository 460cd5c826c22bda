import { describe, expect, it } from 'vitest'
import { createAwsClock } from '../../../../src/aws/clock.ts'
import { ATHENA_REFUSALS, refusalOf } from '../../../../src/investigation/sources/athena/refusals.ts'
import type { QueryEngine } from '../../../../src/investigation/sources/sql/query-engine.ts'
import type { Row } from '../../../../src/investigation/sources/sql/rows.ts'
import { mayRead, runQuery } from '../../../../src/investigation/sources/sql/run-query.ts'

const QUERY = { asks: 'x', text: 'SELECT 1', values: [] }

const running = (changes: Partial<QueryEngine>) => {
  const stopped: string[] = []
  const clock = createAwsClock({ elapsed: () => 0, pass: async () => {} })
  clock.setFrom({ date: new Date(0).toUTCString(), 'x-amzn-requestid': 'r', 'x-simulated-pace': '0' })
  const engine: QueryEngine = {
    name: 'Athena',
    start: async () => 'q1',
    look: async () => ({ state: 'finished', bytes: 10 }),
    page: async () => ({ rows: [], next: undefined }),
    stop: async (id) => void stopped.push(id),
    failureOf: (trouble) => refusalOf(trouble, ATHENA_REFUSALS, 'ask Athena'),
    ...changes,
  }
  const spending = { bytes: 0, calls: 0, pages: 0, events: 0 }
  return { stopped, clock, engine, spending, signal: new AbortController().signal, progress: () => {} }
}

describe('a query', () => {
  it('a query that never ends is stopped after an hour and a half of AWS’s time', async () => {
    const { stopped, ...run } = running({ look: async () => ({ state: 'running', bytes: 0 }) })
    await expect(runQuery(QUERY, run, () => {})).rejects.toMatchObject({
      kind: 'unavailable',
      what: 'Athena did not answer in 1 h 30 min',
    })
    expect(stopped).toEqual(['q1'])
    expect(run.clock.now()).toBe('1970-01-01T01:30:00Z')
  })

  it('a query whose pages lead in a circle gives the rows that came, and says so', async () => {
    const rows: Row[] = []
    const { stopped: _, ...run } = running({ page: async () => ({ rows: [{ a: '1' }], next: 'again' }) })
    expect(await runQuery(QUERY, run, (row) => rows.push(row))).toBe(
      'Athena: the service repeated a page token; not all rows of a result were read',
    )
    expect(rows).toHaveLength(2)
  })

  it('a query that has more pages than are read says so', async () => {
    let page = 0
    const next = () => {
      page += 1
      return String(page)
    }
    const { stopped: _, ...run } = running({ page: async () => ({ rows: [], next: next() }) })
    expect(await runQuery(QUERY, run, () => {})).toContain('stopped after 2000 pages')
  })

  it('adds what it reads to what was read before, and not twice', async () => {
    const { stopped: _, ...run } = running({})
    await runQuery(QUERY, run, () => {})
    await runQuery(QUERY, run, () => {})
    expect(run.spending).toEqual({ bytes: 20, calls: 6, pages: 2, events: 0 })
  })
})

describe('the bytes that may be read', () => {
  const spent = (bytes: number) => ({ bytes, most: 1, calls: 0, pages: 0, events: 0 })

  it.each([
    [1, '1 bytes'],
    [999, '999 bytes'],
    [1_000, '1.0 kB'],
    [123_456, '123 kB'],
    [999_600, '1.0 MB'],
    [1_250_000_000, '1.3 GB'],
    [7e15, '7.0 PB'],
    [7e19, '70000 PB'],
  ])('are passed with %d, said as %s', (bytes, said) => {
    expect(() => mayRead(spent(bytes), 'Athena')).toThrow(`Athena has read ${said}, and may read 1 bytes`)
  })

  it('are not passed before, nor where there is no limit', () => {
    expect(() => mayRead(spent(0), 'Athena')).not.toThrow()
    expect(() => mayRead({ bytes: 9e15, calls: 0, pages: 0, events: 0 }, 'Athena')).not.toThrow()
  })
})
