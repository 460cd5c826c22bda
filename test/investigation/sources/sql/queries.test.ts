import { describe, expect, it } from 'vitest'
import { PERSISTENCE_RULES } from '../../../../src/investigation/persistence/rules.ts'
import type { PrincipalRef } from '../../../../src/investigation/question.ts'
import { TOKEN_ISSUES } from '../../../../src/investigation/record-parameters.ts'
import { athenaTable, DOCUMENTED } from '../../../../src/investigation/sources/athena/athena-table.ts'
import { lakeStore } from '../../../../src/investigation/sources/lake/event-data-store.ts'
import type { SqlDialect } from '../../../../src/investigation/sources/sql/dialect.ts'
import { conditionOf } from '../../../../src/investigation/sources/sql/principal-condition.ts'
import {
  callsQuery,
  coverageQuery,
  othersQuery,
  writeEventCondition,
  writeEventsQuery,
} from '../../../../src/investigation/sources/sql/queries.ts'
import { any, inlined, not, type Query } from '../../../../src/investigation/sources/sql/query.ts'
import { instant } from '../../analysis/records.ts'
import { faultsInTrino } from './grammar.ts'

const STORE = 'a1b2c3d4-0000-4000-8000-000000000001'

const MORE = ['sourceidentity', 'vpcendpointaccountid', 'addendum'] as const

const DIALECTS: readonly (readonly [string, SqlDialect])[] = [
  ['a table as AWS documents it', athenaTable({ database: 'logs', table: 'trail' })],
  ['a table with everything', athenaTable({ database: 'my-logs', table: 'trail' }, new Set([...DOCUMENTED, ...MORE]))],
  ['an old table', athenaTable({ database: 'logs', table: 'old_trail' }, new Set())],
  ['an event data store', lakeStore({ id: STORE })],
]

const PRINCIPALS: readonly PrincipalRef[] = [
  { kind: 'access-key-id', value: 'ASIAEXAMPLE000000001' },
  { kind: 'role', value: 'web-app' },
  { kind: 'role', value: 'arn:aws:iam::111122223333:role/app/web-app' },
  { kind: 'role', value: 'AROAEXAMPLE0000000001' },
  { kind: 'session', value: 'web-app/i-0abc1234def567890' },
  { kind: 'instance-id', value: 'i-0abc1234def567890' },
  { kind: 'ip', value: '2001:db8::1' },
  { kind: 'user', value: 'alice' },
  { kind: 'user', value: 'root' },
  { kind: 'trust', value: '111122223333/backdoor' },
]

const RANGES = [
  { from: instant('2026-03-01T00:00:00Z'), until: instant('2026-03-02T00:00:00.250Z') },
  { from: instant('2026-03-01T00:00:00Z') },
]

const everyQuery = (dialect: SqlDialect): readonly Query[] =>
  RANGES.flatMap((range) =>
    PRINCIPALS.map(conditionOf).flatMap((of) => [
      callsQuery(dialect, { asks: 'x', range, of, by: 'minute' }),
      callsQuery(dialect, { asks: 'x', range, of: any(of, not(of)), by: 'hour' }),
      writeEventsQuery(dialect, range, of),
      othersQuery(dialect, range, not(of)),
      coverageQuery(dialect, range),
    ]),
  )

/** Without quotes, as Lake's documents write it, the id of a store is no name in Trino's grammar. */
const quotingStore = (text: string): string => text.replaceAll(STORE, `"${STORE}"`)

describe.each(DIALECTS)('every query to %s', (_, dialect) => {
  const queries = everyQuery(dialect)

  it('is one SELECT of Trino', () => {
    expect(queries.flatMap(({ text }) => faultsInTrino(quotingStore(text)))).toEqual([])
    for (const { text } of queries) expect(text).toMatch(/^SELECT [^;]*$/)
  })

  it('has a mark for each value, all of them in a WHERE clause, where alone Athena takes them', () => {
    for (const { text, values } of queries) {
      expect(text.split('?')).toHaveLength(values.length + 1)
      const clauses = text.split(/\bWHERE\b|\bGROUP BY\b|\bORDER BY\b|\) AS events\b/)
      const whereClauses = text.match(/\bWHERE\b.*?(?=\bGROUP BY\b|\bORDER BY\b|\) AS events\b|$)/g) ?? []
      expect(clauses.length).toBeGreaterThan(2)
      expect(whereClauses.join('').split('?')).toHaveLength(values.length + 1)
    }
  })

  it('fits into what the service takes, with its values in it', () => {
    for (const { text, values } of queries) expect(inlined(text, values).length).toBeLessThan(dialect.longest)
  })

  it('reads from a beginning', () => {
    for (const { values } of queries) expect(values.filter((value) => /^2026[-/]0[23]/.test(value)).length).toBeGreaterThan(0)
  })
})

describe('the grammar', () => {
  it('refuses what is none', () => {
    expect(faultsInTrino('SELECT a FROM b GROUP c')).not.toEqual([])
    expect(faultsInTrino('SELECT a FROM 1b-c')).not.toEqual([])
  })
})

describe('a day', () => {
  it('has a day more on each side, because a log file lies under the day of its delivery', () => {
    const dialect = athenaTable({ database: 'logs', table: 'trail' })
    const { values } = dialect.within({ from: instant('2026-03-01T00:00:00Z'), until: instant('2026-03-01T12:00:00.001Z') })
    expect(values).toEqual(['2026/02/28', '2026/03/02', '2026-03-01T00:00:00', '2026-03-01T12:00:01'])
  })
})

describe('a value in the text', () => {
  it('stands where its mark stood, in quotes', () => {
    expect(inlined('SELECT a WHERE b = ? AND c = ?', ['x-1', 'arn:aws:y'])).toBe("SELECT a WHERE b = 'x-1' AND c = 'arn:aws:y'")
    expect(() => inlined('SELECT a WHERE b = ?', ["x' OR 'y' = 'y"])).toThrow('not sent into a query')
  })
})

describe('the calls that hand out credentials', () => {
  const isAskedFor = new RegExp(/'(.*)'/.exec(writeEventCondition.text)?.[1] ?? '$^')

  it('are all asked for, and no reads', () => {
    expect([...TOKEN_ISSUES].filter((name) => !isAskedFor.test(name))).toEqual([])
    expect(['GetCallerIdentity', 'AssumeRoles', 'ListUsers'].filter((name) => isAskedFor.test(name))).toEqual([])
  })

  it('have names, like all persistence events, that mean themselves in a pattern', () => {
    expect([...PERSISTENCE_RULES.keys()].filter((event) => !/^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$/.test(event))).toEqual([])
  })
})
