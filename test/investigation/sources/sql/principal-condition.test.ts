import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { Failure } from '../../../../src/incident/values/failure.ts'
import { epochOf } from '../../../../src/incident/values/instant.ts'
import { countRecordOnce, emptyCounter, mergeCounter } from '../../../../src/investigation/analysis/counter.ts'
import { timeBucketsOf } from '../../../../src/investigation/analysis/time-buckets.ts'
import { type CallerKind, isCallOf, type PrincipalRef } from '../../../../src/investigation/question.ts'
import { readRecord } from '../../../../src/investigation/read-record.ts'
import type { CloudTrailRecord } from '../../../../src/investigation/record.ts'
import { athenaTable, DOCUMENTED } from '../../../../src/investigation/sources/athena/athena-table.ts'
import { conditionOf, conditionOfAny } from '../../../../src/investigation/sources/sql/principal-condition.ts'
import { callsQuery } from '../../../../src/investigation/sources/sql/queries.ts'
import { literal, not, type WhereCondition } from '../../../../src/investigation/sources/sql/query.ts'
import { countedCalls } from '../../../../src/investigation/sources/sql/rows.ts'
import { makeTable, openTrino, queryTrino } from '../../../support/duckdb-trino.ts'
import { HOSTILE } from '../../../support/hostile-strings.ts'
import { instant } from '../../analysis/records.ts'
import { aDocument, type Document, documents, KINDS, NAMES, somebody } from './arbitrary-records.ts'
import { TABLE } from './asking.ts'

const range = { from: instant('2026-01-01T00:00:00Z') }

/** Every name as every kind of principal: most of them are nobody of that kind. */
const EVERYBODY = KINDS.flatMap((kind) => [...new Set(Object.values(NAMES).flat())].map((value) => ({ kind, value })))

/** A crowd in which everybody is somebody, the same in every run. */
const CROWD: readonly Document[] = fc.sample(aDocument, { numRuns: 600, seed: 1125 }).map((document, index) => ({
  ...document,
  eventID: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
}))

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await openTrino()
})

/** A table with all that there can be. */
const WHOLE = new Set([...DOCUMENTED, 'sourceidentity', 'vpcendpointaccountid', 'addendum'] as const)

/** The calls of the table that a condition picks, and how many. */
const picked = async (of: WhereCondition) => {
  const { text, values } = callsQuery(athenaTable(TABLE, WHOLE), { asks: '', range, of, by: 'hour' })
  const { rows } = await queryTrino(connection, text, values.map(literal))
  const calls = rows.map(countedCalls).filter((call) => call !== undefined)
  return { calls, events: calls.reduce((sum, { count }) => sum + count.events, 0) }
}

const accepted = (principal: PrincipalRef): WhereCondition | undefined => {
  try {
    return conditionOf(principal)
  } catch {
    return undefined
  }
}

/** How many calls the records are of, as every other source counts them. */
const countWhere = (records: readonly Document[], wanted: (record: CloudTrailRecord) => boolean): number => {
  const [calls, network] = [emptyCounter(), emptyCounter()]
  for (const record of records.map(readRecord))
    if (record && wanted(record))
      countRecordOnce(record.category === 'network' ? network : calls, record, epochOf(record.at), 'scope')
  mergeCounter(calls, network)
  return [...timeBucketsOf(calls, {})].reduce((sum, { events }) => sum + events, 0)
}

describe('the rows of a principal are the records of which isCallOf says so', () => {
  it('the rows of a principal of any name are the records of which isCallOf says so', async () => {
    await makeTable(connection, '"logs"."trail"', CROWD)
    for (const principal of EVERYBODY) {
      const of = accepted(principal)
      if (!of) {
        expect(NAMES[principal.kind]).not.toContain(principal.value)
        continue
      }
      const { calls, events } = await picked(of)
      const wanted = countWhere(CROWD, (record) => isCallOf(principal, record))
      expect([principal, events]).toEqual([principal, wanted])
      expect(calls.filter(({ record }) => !isCallOf(principal, record))).toEqual([])
    }
  }, 120_000)

  it('all other rows are those of everybody else', async () => {
    await fc.assert(
      fc.asyncProperty(documents, somebody, async (records, principal) => {
        await makeTable(connection, '"logs"."trail"', records)
        const { events } = await picked(not(conditionOf(principal)))
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
        await makeTable(connection, '"logs"."trail"', records)
        const { events } = await picked(conditionOfAny(principals))
        expect(events).toBe(countWhere(records, (record) => principals.some((principal) => isCallOf(principal, record))))
      }),
      { numRuns: 40, interruptAfterTimeLimit: 20_000 },
    )
  })
})

const HARMLESS: Readonly<Record<CallerKind, string>> = {
  'access-key-id': 'ASIAEXAMPLE000000001',
  role: 'web-app',
  session: 'nightly',
  'instance-id': 'i-0abc1234def567890',
  ip: '198.51.100.7',
  user: 'alice',
  console: 'alice',
  trust: '111122223333/web-app',
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
  it.each(KINDS)('a value of a %s never changes the text of a query, nor leaves its quotes', (kind) => {
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
