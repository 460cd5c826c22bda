import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { openAthena, openClients } from '../../../../src/aws/open-clients.ts'
import { activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import {
  baselinePrincipalOf,
  type PrincipalRef,
  type Question,
  questionOf,
  type TimeRange,
} from '../../../../src/investigation/question.ts'
import type { RecordSource } from '../../../../src/investigation/source.ts'
import { athenaSource } from '../../../../src/investigation/sources/athena/athena-source.ts'
import { lakeSource } from '../../../../src/investigation/sources/lake/lake-source.ts'
import { makeTable, openTrino } from '../../../support/duckdb-trino.ts'
import { instant } from '../../analysis/records.ts'
import { type Document, documents, somebody } from './arbitrary-records.ts'
import { askingConfig, countedHere, newToken, saidOf, stateFrom, TABLE } from './asking.ts'

const STORE = 'a1b2c3d4-0000-4000-8000-000000000001'

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await openTrino()
})

const athenaOver = async (records: readonly Document[]): Promise<RecordSource> => {
  await makeTable(connection, '"logs"."trail"', records)
  const { config, clock } = askingConfig({ connection, looks: 0, pageRows: 7 })
  return athenaSource({ client: await openAthena('eu-west-1', config), clock, table: TABLE, newToken })
}

const lakeOver = async (records: readonly Document[]): Promise<RecordSource> => {
  await makeTable(connection, `"${STORE}"`, records, 'lake')
  const { config, clock } = askingConfig({ connection, looks: 0, pageRows: 7 })
  return lakeSource({ client: openClients(config)('eu-west-1').cloudtrail, clock, store: { id: STORE } })
}

const scopes: fc.Arbitrary<TimeRange> = fc.constantFrom(
  { from: instant('2026-03-01T00:00:00Z'), until: instant('2026-03-02T00:00:00Z') },
  { from: instant('2026-03-01T12:00:00.500Z') },
  { from: instant('2026-02-28T23:59:59Z'), until: instant('2026-03-01T12:00:40Z') },
  {},
)

const questions: fc.Arbitrary<Question> = fc
  .tuple(somebody, scopes, fc.boolean(), fc.constantFrom(45, 1))
  .map(([principal, scope, wholeAccount, baselineDays]) => questionOf(principal, { scope, wholeAccount, baselineDays }))

/** Whose calls those in scope are; undefined when they are of several. A role, a user and an address are themselves. */
const populationIn = (question: Question, records: readonly Document[]): PrincipalRef | undefined => {
  const { kind } = question.principal
  if (kind === 'role' || kind === 'user' || kind === 'ip') return question.principal
  const found = new Map<string, PrincipalRef | undefined>()
  for (const { caller } of countedHere(question, records).scope) {
    const population = baselinePrincipalOf(caller)
    found.set(`${population?.kind} ${population?.value}`, population)
  }
  const [only] = found.values()
  return found.size === 1 ? only : undefined
}

describe.each([
  ['Athena', athenaOver],
  ['CloudTrail Lake', lakeOver],
])('%s', (_, over) => {
  it('says what the local engine says of the same records, whoever is asked about', async () => {
    await fc.assert(
      fc.asyncProperty(documents, questions, async (records, question) => {
        const population = populationIn(question, records)
        fc.pre(population !== undefined)
        const { state, report } = await stateFrom(await over(records), question)
        const there = activityFold(question).finish(state, question)
        const here = countedHere({ ...question, ...(population ? { baselinePrincipal: population } : {}) }, records)
        expect(report.incomplete).toEqual([])
        expect(saidOf(there)).toEqual(saidOf({ ...here, question }))
      }),
      { numRuns: 60, interruptAfterTimeLimit: 20_000 },
    )
  })
})
