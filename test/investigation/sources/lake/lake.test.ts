import { StartQueryCommand } from '@aws-sdk/client-cloudtrail'
import type { DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, describe, expect, it } from 'vitest'
import { openClients } from '../../../../src/aws/open-clients.ts'
import { activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import { sessionSummary } from '../../../../src/investigation/analysis/session-summary.ts'
import { questionOf } from '../../../../src/investigation/question.ts'
import { eventDataStoreIn } from '../../../../src/investigation/sources/lake/event-data-store.ts'
import { lakeSource } from '../../../../src/investigation/sources/lake/lake-source.ts'
import { makeTable, openTrino } from '../../../support/duckdb-trino.ts'
import { documentOf, instant, theKey } from '../../analysis/records.ts'
import { type AskingOptions, askingConfig, stateFrom } from '../sql/asking.ts'

const ID = 'a1b2c3d4-0000-4000-8000-000000000003'
const ARN = `arn:aws:cloudtrail:eu-west-1:444455556666:eventdatastore/${ID}`
const question = questionOf(theKey, { scope: { from: instant('2026-03-01T00:00:00Z'), until: instant('2026-03-02T00:00:00Z') } })

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await openTrino()
  const minutes = Array.from({ length: 9 }, (_, index) =>
    documentOf({ at: `2026-03-01T12:0${index}:00Z`, event: `s3:Get${index}` }),
  )
  await makeTable(connection, `"${ID}"`, minutes, 'lake')
})

const opened = (wire: Partial<AskingOptions> = {}, store = ID, signal = new AbortController().signal) => {
  const asking = askingConfig({ connection, ...wire }, signal)
  const client = openClients(asking.config)('eu-west-1').cloudtrail
  return { ...asking, client, source: lakeSource({ client, clock: asking.clock, store: eventDataStoreIn(store) }) }
}

describe('a question to CloudTrail Lake', () => {
  it('is started, looked at and read page by page', async () => {
    const { source, calls } = opened({ pageRows: 4 })
    const { state, report } = await stateFrom(source, question)
    expect(calls.slice(0, 7)).toEqual([
      'StartQuery',
      'DescribeQuery',
      'DescribeQuery',
      'DescribeQuery',
      'GetQueryResults',
      'GetQueryResults',
      'GetQueryResults',
    ])
    expect(sessionSummary(activityFold(question).finish(state, question)).events).toBe(9)
    expect(report).toMatchObject({ source: `CloudTrail Lake event data store ${ID}`, bytes: 18_000, incomplete: [], limits: [] })
  })

  it('names the owner of a store that is another account’s, in every call', async () => {
    const inputs: unknown[] = []
    const { source } = opened({ before: (_, input) => void inputs.push(input.EventDataStoreOwnerAccountId) }, ARN)
    await stateFrom(source, question)
    expect(inputs.length).toBeGreaterThan(8)
    expect(new Set(inputs)).toEqual(new Set(['444455556666']))
  })

  it('is cancelled when it is interrupted', async () => {
    const controller = new AbortController()
    const before = (operation: string) => {
      if (operation === 'DescribeQuery') controller.abort(new Error('Ctrl-C'))
    }
    const { source, queries } = opened({ before, looks: 50 }, ID, controller.signal)
    const asked = { questions: [question], followChainedSessions: false, range: {} }
    await expect(source.read(asked, { signal: controller.signal, progress: () => {} })).rejects.toThrow('Ctrl-C')
    expect(queries.map(({ state }) => state)).toEqual(['CANCELLED'])
  })

  it('a question that failed is reported with its reason', async () => {
    const { source } = opened({ failing: () => 'Access denied: kms:Decrypt' })
    await expect(stateFrom(source, question)).rejects.toMatchObject({ kind: 'identity', why: 'Access denied: kms:Decrypt' })
  })

  it('leaves its results in the service: the guard lets none be delivered to a bucket', async () => {
    const { client, queries } = opened()
    const command = new StartQueryCommand({ QueryStatement: `SELECT eventid FROM ${ID}`, DeliveryS3Uri: 's3://elsewhere' })
    await expect(client.send(command)).rejects.toThrow('not in the table of API calls')
    expect(queries).toEqual([])
  })
})

describe('an event data store', () => {
  it('is named by its id or its ARN', () => {
    expect(eventDataStoreIn(ID)).toEqual({ id: ID })
    expect(eventDataStoreIn(ARN)).toEqual({ id: ID, region: 'eu-west-1', accountId: '444455556666' })
    expect(eventDataStoreIn(ARN.replace(':aws:', ':aws-cn:')).id).toBe(ID)
  })

  it.each(['', 'my-store', `${ID}; SELECT 1`, `${ID}'`, ID.toUpperCase(), `arn:aws:s3:::${ID}`, `x${ID}`])(
    'is not %j',
    (text) => {
      expect(() => eventDataStoreIn(text)).toThrow('is not an event data store of CloudTrail Lake')
    },
  )
})
