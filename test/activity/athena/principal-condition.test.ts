import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { isCallOf, type Principal } from '../../../src/activity/question.ts'
import { readRecord } from '../../../src/activity/record.ts'
import { athenaTable } from '../../../src/activity/sources/athena/athena-table.ts'
import { conditionOf, conditionOfAny } from '../../../src/activity/sources/athena/principal-condition.ts'
import { type Condition, literal, not } from '../../../src/activity/sources/athena/query.ts'
import { callsQuery } from '../../../src/activity/sources/athena/questions.ts'
import { countedCalls } from '../../../src/activity/sources/athena/rows.ts'
import { Failure } from '../../../src/incident/failure.ts'
import { makeTable, openTrino, queryTrino } from '../../support/duckdb-trino.ts'
import { HOSTILE } from '../../support/hostile-strings.ts'
import { instant } from '../analysis/records.ts'
import { type Document, documents, somebody } from './arbitrary-records.ts'
import { TABLE } from './asking.ts'

const KINDS = ['access-key-id', 'role', 'session', 'instance-id', 'ip', 'user'] as const
const range = { from: instant('2026-01-01T00:00:00Z') }

/** Any name of those records as any kind of principal: most of them are nobody of that kind. */
const anybody: fc.Arbitrary<Principal> = fc
  .tuple(fc.constantFrom(...KINDS), somebody)
  .map(([kind, { value }]) => ({ kind, value }))

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await openTrino()
})

/** The calls that a condition picks, and how many. */
const picked = async (records: readonly Document[], of: Condition) => {
  await makeTable(connection, '"logs"."trail"', records)
  const { text, values } = callsQuery(athenaTable(TABLE), { asks: '', range, of, by: 'hour' })
  const { rows } = await queryTrino(connection, text, values.map(literal))
  const calls = rows.map(countedCalls).filter((call) => call !== undefined)
  return { calls, events: calls.reduce((sum, { count }) => sum + count.events, 0) }
}

const accepted = (principal: Principal): Condition | undefined => {
  try {
    return conditionOf(principal)
  } catch {
    return undefined
  }
}

const countWhere = (records: readonly Document[], wanted: (record: NonNullable<ReturnType<typeof readRecord>>) => boolean) =>
  new Set(
    records
      .map(readRecord)
      .filter((record) => record !== undefined && wanted(record))
      .map((record) => record?.eventId),
  ).size

describe('the rows of a principal are the records of which isCallOf says so', () => {
  it('whatever he is called', async () => {
    await fc.assert(
      fc.asyncProperty(documents, anybody, async (records, principal) => {
        const of = accepted(principal)
        fc.pre(of !== undefined)
        const { calls, events } = await picked(records, of as Condition)
        expect(calls.filter(({ record }) => !isCallOf(principal, record))).toEqual([])
        expect(events).toBe(countWhere(records, (record) => isCallOf(principal, record)))
      }),
      { numRuns: 100, interruptAfterTimeLimit: 20_000 },
    )
  })

  it('and all others are those of everybody else', async () => {
    await fc.assert(
      fc.asyncProperty(documents, somebody, async (records, principal) => {
        const { events } = await picked(records, not(conditionOf(principal)))
        expect(events).toBe(countWhere(records, (record) => !isCallOf(principal, record)))
      }),
      { numRuns: 60, interruptAfterTimeLimit: 20_000 },
    )
  })
})

describe('the rows of any of several principals', () => {
  it('are those of each of them', async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.array(somebody, { minLength: 1, maxLength: 5 }), async (records, principals) => {
        const { events } = await picked(records, conditionOfAny(principals))
        expect(events).toBe(countWhere(records, (record) => principals.some((principal) => isCallOf(principal, record))))
      }),
      { numRuns: 40, interruptAfterTimeLimit: 20_000 },
    )
  })
})

const HARMLESS: Readonly<Record<Principal['kind'], string>> = {
  'access-key-id': 'ASIAEXAMPLE000000001',
  role: 'web-app',
  session: 'nightly',
  'instance-id': 'i-0abc1234def567890',
  ip: '198.51.100.7',
  user: 'alice',
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...Object.values(HOSTILE)),
  fc
    .tuple(
      fc.constantFrom(...Object.values(HARMLESS)),
      fc.constantFrom("'", '"', '\\', '\u2019', '\u0000', '\n', ';', '--', '/*', '?', '%'),
    )
    .map(([name, mark]) => `${name}${mark} OR 1=1`),
)

/** What a name may look like; by that alone a condition is written in one way or another. */
const SHAPES = [
  'name',
  'root',
  'AROANAME',
  'arn:aws:iam::111122223333:role/app/name',
  'arn:aws:iam::111122223333:user/',
  'i-0abc1234',
]

describe('a value', () => {
  it.each(KINDS)('of a %s never changes the text of a query, nor leaves its quotes', (kind) => {
    const ours = [HARMLESS[kind], ...SHAPES].map((value) => accepted({ kind, value })?.text)
    fc.assert(
      fc.property(hostile, (value) => {
        const of = accepted({ kind, value })
        if (!of) return
        expect(ours).toContain(of.text)
        for (const one of of.values.map(literal)) expect(one).toMatch(/^'[\w +=,.@:/-]+'$/)
      }),
      { numRuns: 500 },
    )
    expect(accepted({ kind, value: HARMLESS[kind] })).toBeDefined()
  })

  it.each(["x' OR '1'='1", 'x"y', 'x\\', 'naïve', 'a\u0000b', '\u202Eevil', '', ' '.repeat(800)])(
    'is never quoted: %j',
    (value) => {
      expect(() => literal(value)).toThrow(Failure)
      for (const kind of KINDS) expect(accepted({ kind, value })).toBeUndefined()
    },
  )

  it('is refused with what to do instead, and shown harmless', () => {
    const refuse = () => conditionOf({ kind: 'role', value: "web'; DROP\u0007" })
    expect(refuse).toThrow('is no role that can be asked for in SQL')
    expect(refuse).toThrow(expect.objectContaining({ kind: 'usage', remedy: expect.stringContaining('--logs') }))
    expect(refuse).toThrow(expect.objectContaining({ what: expect.not.stringContaining('\u0007') }))
  })
})
