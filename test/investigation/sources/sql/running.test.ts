import type { DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, describe, expect, it } from 'vitest'
import { openAthena } from '../../../../src/aws/open-clients.ts'
import { activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import { sessionSummary } from '../../../../src/investigation/analysis/session-summary.ts'
import { type Question, questionOf } from '../../../../src/investigation/question.ts'
import type { ReadRequest, SourceProgress } from '../../../../src/investigation/source.ts'
import { type AthenaOptions, athenaSource } from '../../../../src/investigation/sources/athena/athena-source.ts'
import { ServiceError } from '../../../../src/simulator/call.ts'
import { makeTable, openTrino } from '../../../support/duckdb-trino.ts'
import { documentOf, instant, theKey } from '../../analysis/records.ts'
import { type AskingOptions, askingConfig, newToken, stateFrom, TABLE } from './asking.ts'

const scope = { from: instant('2026-03-01T00:00:00Z'), until: instant('2026-03-02T00:00:00Z') }
const question: Question = questionOf(theKey, { scope })
const ASKED: ReadRequest = {
  questions: [question],
  followChainedSessions: false,
  range: { from: instant('2026-01-15T00:00:00Z') },
}

const RECORDS = [
  ...Array.from({ length: 12 }, (_, index) => documentOf({ at: `2026-03-01T12:${10 + index}:00Z`, event: `s3:Get${index}` })),
  documentOf({ event: 'iam:CreateUser', request: { userName: 'made' } }),
  documentOf({ at: '2026-02-20T12:00:00Z', key: 'ASIAWORKLOAD00000001', agent: 'workload/1.0' }),
]

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await openTrino()
  await makeTable(connection, '"logs"."trail"', RECORDS)
})

const opened = async (
  wire: Partial<AskingOptions> = {},
  told: Partial<AthenaOptions> = {},
  signal: AbortSignal = new AbortController().signal,
) => {
  const asking = askingConfig({ connection, ...wire }, signal)
  const client = await openAthena('eu-west-1', asking.config)
  return { ...asking, client, source: athenaSource({ client, clock: asking.clock, table: TABLE, newToken, ...told }) }
}

const reading = (signal = new AbortController().signal, received: SourceProgress[] = []) => ({
  signal,
  progress: (progress: SourceProgress) => void received.push(progress),
})

describe('a question to Athena', () => {
  it('is looked at, started, polled and read page by page', async () => {
    const { source, calls } = await opened({ pageRows: 5 })
    const { state } = await stateFrom(source, question)
    expect(calls.slice(0, 8)).toEqual([
      'GetTableMetadata',
      'StartQueryExecution',
      'GetQueryExecution',
      'GetQueryExecution',
      'GetQueryExecution',
      'GetQueryResults',
      'GetQueryResults',
      'GetQueryResults',
    ])
    const summary = sessionSummary(activityFold(question).finish(state, question))
    expect(summary).toMatchObject({ events: 13, firstSeen: '2026-03-01T12:00:00Z', lastSeen: '2026-03-01T12:21:00Z' })
    expect(summary.apis).toHaveLength(13)
  })

  it('goes to the workgroup and leaves its results where it was told, with its values beside the text', async () => {
    const { source, queries } = await opened({}, { workGroup: 'responders', output: 's3://results-of-responders/ir/' })
    await stateFrom(source, question)
    expect(queries.map(({ input }) => input)).toEqual(
      queries.map(() =>
        expect.objectContaining({
          WorkGroup: 'responders',
          ResultConfiguration: { OutputLocation: 's3://results-of-responders/ir/' },
          QueryExecutionContext: { Database: 'logs' },
        }),
      ),
    )
    expect(queries[0]?.values).toContain("'ASIASTOLENKEY0000001'")
    expect(queries.map(({ text }) => text).join()).not.toContain('ASIASTOLENKEY0000001')
  })

  it('is seven queries, each with a token of its own; nothing is asked to compare with where nothing was found', async () => {
    const found = await opened()
    await stateFrom(found.source, question)
    expect(new Set(found.queries.map(({ input }) => input.ClientRequestToken)).size).toBe(7)
    const none = await opened()
    await stateFrom(none.source, questionOf({ ...theKey, value: 'ASIANOBODY0000000000' }, { scope }))
    expect(none.queries).toHaveLength(2)
  })

  it('tells what it has read, and what that was in the end', async () => {
    const { source } = await opened({ bytes: (look) => 400_000_000 * look })
    const received: SourceProgress[] = []
    const { report } = await source.read(ASKED, reading(undefined, received))
    expect(received[0]).toEqual({ unit: 'page', done: 0, events: 0, bytes: 400_000_000, seconds: 0 })
    expect(received.at(-1)).toMatchObject({ done: 7, events: 14, bytes: 8_400_000_000, seconds: 14 })
    expect(report).toMatchObject({ source: 'Athena table logs.trail', bytes: 8_400_000_000, events: 14, calls: 35, files: 0 })
    expect(report).toMatchObject({ incomplete: [], limits: [], badFiles: [] })
  })

  it('is answered early with the calls asked about, in a state of its own', async () => {
    const { source } = await opened()
    const { early, state } = await stateFrom(source, question)
    const [first] = early.map((each) => activityFold(question).finish(each, question))
    expect(first && sessionSummary(first).events).toBe(13)
    expect(first && [...first.baseline]).toEqual([])
    expect([...activityFold(question).finish(state, question).baseline]).toHaveLength(1)
  })

  it('counts the calls asked about by the minute, and those to compare with by the hour', async () => {
    const times = ['2026-02-20T12:10:00Z', '2026-02-20T12:50:00Z', '2026-03-01T13:10:00Z', '2026-03-01T13:50:00Z']
    await makeTable(
      connection,
      '"logs"."minutes"',
      times.map((at) => documentOf({ at })),
    )
    const { source } = await opened({}, { table: { database: 'logs', table: 'minutes' } })
    const { state } = await stateFrom(source, question)
    const { scope: asked, baseline } = activityFold(question).finish(state, question)
    expect([...asked].map(({ start, events }) => [new Date(start).toISOString(), events]).sort()).toEqual([
      ['2026-03-01T13:10:00.000Z', 1],
      ['2026-03-01T13:50:00.000Z', 1],
    ])
    expect([...baseline].map(({ start, events }) => [new Date(start).toISOString(), events])).toEqual([
      ['2026-02-20T12:00:00.000Z', 2],
    ])
  })

  it('needs a beginning', async () => {
    const { source, queries } = await opened()
    await expect(source.read({ ...ASKED, range: {}, questions: [questionOf(theKey)] }, reading())).rejects.toMatchObject({
      kind: 'usage',
      remedy: 'give --since',
    })
    expect(queries).toEqual([])
  })

  it.each([
    [{ workGroup: 'no such; group' }, 'is not an Athena workgroup'],
    [{ output: 'https://bucket/x' }, 'is not a folder for Athena’s results'],
  ])('is refused before anything is sent: %o', async (told, what) => {
    await expect(opened({}, told)).rejects.toThrow(what)
  })
})

describe('the bytes that may be read', () => {
  it('end a query that goes past them, and the reading with it when there is no answer yet', async () => {
    const { source, queries } = await opened({ looks: 100, bytes: (look) => 1e9 * look }, { mostBytes: 5e9 })
    await expect(source.read(ASKED, reading())).rejects.toMatchObject({
      kind: 'blocked',
      what: 'Athena has read 5.0 GB, and may read 5.0 GB',
      remedy: expect.stringContaining('--max-bytes'),
    })
    expect(queries.map(({ state, looks }) => [state, looks])).toEqual([['CANCELLED', 5]])
  })

  it('leave the answer that there is, and tell what is missing', async () => {
    const { source, queries } = await opened({ looks: 1, bytes: (look) => 1e9 * look }, { mostBytes: 4e9 })
    const { state, report } = await stateFrom(source, question)
    expect(sessionSummary(activityFold(question).finish(state, question)).events).toBe(13)
    expect(report.incomplete).toEqual([
      expect.stringMatching(/^the calls to compare with could not be read: Athena has read 4.0 GB, and may read 4.0 GB/),
      expect.stringMatching(/^what was touched could not be read: Athena has read 4.0 GB, and may read 4.0 GB/),
      expect.stringMatching(/^what others did to the instance, the role, the user and the key could not be read: Athena/),
      expect.stringMatching(/^what the records cover could not be read: Athena/),
    ])
    expect(report.coverage?.notCovered).toEqual(['which accounts, Regions and times the records cover was not read'])
    expect(queries.map(({ state: each }) => each)).toEqual(['SUCCEEDED', 'SUCCEEDED'])
  })
})

describe('an interruption', () => {
  it('an interruption while a query runs stops the query and ends with the reason of the interruption', async () => {
    const controller = new AbortController()
    const reason = new Error('Ctrl-C')
    const before = (operation: string) => {
      if (operation === 'GetQueryExecution') controller.abort(reason)
    }
    const { source, queries } = await opened({ before, looks: 50 }, {}, controller.signal)
    await expect(source.read(ASKED, reading(controller.signal))).rejects.toBe(reason)
    expect(queries.map(({ state }) => state)).toEqual(['CANCELLED'])
  })

  it('an interruption while a query is being started still gets the id, and stops the query', async () => {
    const controller = new AbortController()
    const before = (operation: string) => {
      if (operation === 'StartQueryExecution') controller.abort(new Error('Ctrl-C'))
    }
    const { source, queries } = await opened({ before, looks: 50 }, {}, controller.signal)
    await expect(source.read(ASKED, reading(controller.signal))).rejects.toThrow('Ctrl-C')
    expect(queries.map(({ state }) => state)).toEqual(['CANCELLED'])
  })

  it('an interruption before anything is sent sends nothing', async () => {
    const { source, calls } = await opened()
    await expect(source.read(ASKED, reading(AbortSignal.abort(new Error('Ctrl-C'))))).rejects.toThrow('Ctrl-C')
    expect(calls).toEqual([])
  })
})

describe('trouble', () => {
  it('a query that failed is told with its reason and a remedy, and there is nothing left to stop', async () => {
    const failing = () => 'HIVE_METASTORE_ERROR: Insufficient Lake Formation permission(s) on trail'
    const { source, calls } = await opened({ failing })
    await expect(source.read(ASKED, reading())).rejects.toMatchObject({
      kind: 'identity',
      what: 'AWS Lake Formation does not let this identity read the table',
      why: failing(),
    })
    expect(calls).not.toContain('StopQueryExecution')
  })

  it('a query that can no longer be looked at is stopped', async () => {
    const before = (operation: string) => {
      if (operation === 'GetQueryExecution') throw new ServiceError('AccessDeniedException', 'not authorized', 400)
    }
    const { source, queries } = await opened({ before })
    await expect(source.read(ASKED, reading())).rejects.toMatchObject({ kind: 'identity' })
    expect(queries.map(({ state }) => state)).toEqual(['CANCELLED'])
  })

  it('a query that cannot be stopped either is named, because it goes on', async () => {
    const before = (operation: string) => {
      if (/^(?:Get|Stop)QueryExecution$/.test(operation)) throw new ServiceError('AccessDeniedException', 'not authorized', 400)
    }
    const { source } = await opened({ before })
    await expect(source.read(ASKED, reading())).rejects.toThrow(/query 0{8}-.* could not be stopped: it goes on, and is billed/)
  })

  it('a start that is throttled is tried again', async () => {
    let starts = 0
    const before = (operation: string) => {
      if (operation !== 'StartQueryExecution') return
      starts += 1
      if (starts === 1) throw new ServiceError('TooManyRequestsException', 'slow down', 400)
    }
    const { source, queries } = await opened({ before })
    await stateFrom(source, question)
    expect([starts, queries.length]).toEqual([8, 7])
  })

  it('a start whose answer is lost is sent again, and starts nothing new', async () => {
    let starts = 0
    const losing = (operation: string) => {
      if (operation === 'StartQueryExecution') starts += 1
      return operation === 'StartQueryExecution' && starts === 1
    }
    const { source, queries } = await opened({ losing })
    await stateFrom(source, question)
    expect([starts, queries.length]).toEqual([8, 7])
  })
})
