import type { DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, describe, expect, it } from 'vitest'
import { openAthena } from '../../../../src/aws/open-clients.ts'
import { openSimulated } from '../../../../src/cli/connection/simulated.ts'
import { instantOf } from '../../../../src/incident/values/instant.ts'
import { activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import { newlyObserved } from '../../../../src/investigation/analysis/newly-observed.ts'
import { type PrincipalRef, type Question, questionOf } from '../../../../src/investigation/question.ts'
import { athenaSource } from '../../../../src/investigation/sources/athena/athena-source.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import { duckDbAthena } from '../../../support/duckdb-athena.ts'
import { makeTable, openTrino } from '../../../support/duckdb-trino.ts'
import { build } from '../../../support/scenario.ts'
import { NOW } from '../../../support/trail.ts'
import { countedHere, newToken, saidOf, TABLE } from '../sql/asking.ts'

const DAY = 86_400_000
const at = (milliseconds: number) => instantOf(new Date(milliseconds))

let connection: DuckDBConnection
let built: BuiltScenario
let documents: readonly unknown[]

beforeAll(async () => {
  connection = await openTrino()
  built = await build('custom-threat-list')
  built.account.agenda.runUntil(NOW)
  documents = built.account.trail.all().map(({ document }) => document())
  await makeTable(connection, '"logs"."trail"', documents)
})

/** The simulated account with Athena in it. */
const athena = async () => {
  const { fault } = duckDbAthena({ connection, now: () => built.account.clock.now() })
  const { signal } = new AbortController()
  const config = await openSimulated(built, { signal, version: '0.0.0', observer: { onCall: () => {} }, fault })
  return athenaSource({ client: await openAthena('us-east-1', config.clientConfig), clock: config.clock, table: TABLE, newToken })
}

describe('the standard scenario', () => {
  it('has the same answer in Athena as in its own records', async () => {
    const principal: PrincipalRef = { kind: 'access-key-id', value: built.cast.attacker.accessKeyId }
    const scope = { from: at(NOW - DAY), until: at(NOW) }
    const question: Question = questionOf(principal, { scope, wholeAccount: true })
    const range = { from: at(NOW - 50 * DAY), until: at(NOW) }
    const reading = { signal: new AbortController().signal, progress: () => {} }
    const { states, report } = await (await athena()).read({ questions: [question], followChainedSessions: true, range }, reading)
    const [answered] = states.values()
    const there = answered && activityFold(question).finish(answered.state, question)
    const population = there?.baselinePrincipal
    const here = countedHere({ ...question, ...(population ? { baselinePrincipal: population } : {}) }, documents)
    expect(population?.kind).toBe('role')
    // Others' records are not counted here: that is compared source by source.
    expect(there && saidOf({ ...there, context: [] })).toEqual(saidOf({ ...here, question }))
    expect(there && [...there.scope].length).toBeGreaterThan(5)
    expect(there && newlyObserved(there).apis.map(({ newFor }) => newFor)).toContain('account')
    expect(report).toMatchObject({ incomplete: [], limits: [] })
    expect(report.events).toBeGreaterThan(100)
  }, 90_000)
})
