import type { DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, describe, expect, it } from 'vitest'
import { openAthena, openClients } from '../../../../src/aws/open-clients.ts'
import { activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import { sessionSummary } from '../../../../src/investigation/analysis/session-summary.ts'
import { questionOf } from '../../../../src/investigation/question.ts'
import { athenaSource } from '../../../../src/investigation/sources/athena/athena-source.ts'
import { lakeSource } from '../../../../src/investigation/sources/lake/lake-source.ts'
import { makeTable, openTrino } from '../../../support/duckdb-trino.ts'
import { documentOf, instant, STOLEN, theKey } from '../../analysis/records.ts'
import { askingConfig, newToken, stateFrom, TABLE } from './asking.ts'

const STORE = 'a1b2c3d4-0000-4000-8000-000000000002'
const question = questionOf(theKey, { scope: { from: instant('2026-03-01T00:00:00Z'), until: instant('2026-03-02T00:00:00Z') } })

const key = (number: number): string => `ASIACHILD${String(number).padStart(11, '0')}`

const assumed = (by: string, accessKeyId: string, at: string) =>
  documentOf({
    event: 'sts:AssumeRole',
    key: by,
    at,
    request: { roleArn: 'arn:aws:iam::444455556666:role/other' },
    response: { credentials: { accessKeyId, sessionToken: 'CANARY' } },
  })

const calls = (by: string, times: readonly string[]) =>
  times.map((at) => documentOf({ key: by, at, role: 'other', session: 's' }))

/** A key that takes many others, of which one takes a further one, which takes the first again. */
const RECORDS = [
  ...Array.from({ length: 150 }, (_, index) => assumed(STOLEN, key(index), '2026-03-01T12:00:00Z')),
  assumed(key(7), key(900), '2026-03-01T12:10:00Z'),
  assumed(key(900), STOLEN, '2026-03-01T12:20:00Z'),
  ...calls(key(3), ['2026-03-01T12:30:00Z', '2026-03-02T23:59:00Z', '2026-03-04T00:00:00Z']),
  ...calls(key(900), ['2026-03-01T12:40:00Z', '2026-03-01T12:41:00Z']),
  ...calls(key(800), ['2026-03-01T12:50:00Z']),
]

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await openTrino()
})

const overAthena = async (records: readonly unknown[]) => {
  await makeTable(connection, '"logs"."trail"', records)
  const { config, clock, queries } = askingConfig({ connection })
  return { queries, source: athenaSource({ client: await openAthena('eu-west-1', config), clock, table: TABLE, newToken }) }
}

const overLake = async (records: readonly unknown[]) => {
  await makeTable(connection, `"${STORE}"`, records, 'lake')
  const { config, clock, queries } = askingConfig({ connection })
  const { cloudtrail } = openClients(config)('eu-west-1')
  return { queries, source: lakeSource({ client: cloudtrail, clock, store: { id: STORE } }) }
}

describe.each([
  ['Athena', overAthena, 5 + 6 + 3],
  ['CloudTrail Lake', overLake, 5 + 8 + 3],
] as const)('the sessions that a session obtained, in %s', (_, over, queriesNeeded) => {
  it('are all followed to the end, and none of them twice', async () => {
    const { source, queries } = await over(RECORDS)
    const { chainedSessions, report } = await stateFrom(source, question, true)
    const events = new Map(
      chainedSessions.map(([name, { question: asked, state }]) => {
        const summary = sessionSummary(activityFold(asked).finish(state, asked))
        return [name, [summary.events, summary.lastSeen]]
      }),
    )
    expect(events.size).toBe(151)
    expect(events.get(`access-key-id ${key(3)}`)).toEqual([2, '2026-03-02T23:59:00Z'])
    expect(events.get(`access-key-id ${key(7)}`)).toEqual([1, '2026-03-01T12:10:00Z'])
    expect(events.get(`access-key-id ${key(900)}`)).toEqual([3, '2026-03-01T12:41:00Z'])
    expect(events.get(`access-key-id ${key(800)}`)).toBeUndefined()
    expect(report.incomplete).toEqual([])
    expect(queries).toHaveLength(queriesNeeded)
  })
})

describe('more sessions than are followed', () => {
  it('are told with their number', async () => {
    const times = ['2026-03-01T12:00:00Z', '2026-03-01T12:30:00Z']
    const { source } = await overAthena(
      times.flatMap((at) => Array.from({ length: 504 }, (_, index) => assumed(STOLEN, key(index), at))),
    )
    const { chainedSessions, report } = await stateFrom(source, question, true)
    expect(chainedSessions).toHaveLength(500)
    expect(report.incomplete).toEqual([
      'ir-cred follows at most 500 obtained sessions; 4 more were obtained, and their calls are not known',
    ])
  })
})

describe('a session that was obtained', () => {
  it('a session under a name that nobody sends into a query is reported, and the others are followed', async () => {
    const { source } = await overAthena([
      assumed(STOLEN, "x' OR '1'='1", '2026-03-01T12:00:00Z'),
      assumed(STOLEN, key(1), '2026-03-01T12:00:01Z'),
      ...calls(key(1), ['2026-03-01T12:30:00Z']),
    ])
    const { chainedSessions, report } = await stateFrom(source, question, true)
    expect(chainedSessions.map(([name]) => name)).toEqual([`access-key-id ${key(1)}`])
    expect(report.incomplete).toEqual([
      expect.stringMatching(/^a session that was obtained is not followed: "x' OR '1'='1" is no access key id/),
    ])
  })

  it('leaves its token where CloudTrail wrote it: none comes into a result', async () => {
    const { source, queries } = await overAthena(RECORDS)
    await stateFrom(source, question, true)
    const written = JSON.stringify(queries.map(({ result }) => result.rows))
    expect(written).toContain('sessionToken')
    expect(written).not.toContain('CANARY')
  })
})
