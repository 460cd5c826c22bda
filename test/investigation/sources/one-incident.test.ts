import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAthena } from '../../../src/aws/open-clients.ts'
import { openSimulated } from '../../../src/cli/connection/simulated.ts'
import { type Instant, plus } from '../../../src/incident/values/instant.ts'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { activityFact } from '../../../src/investigation/activity-fact.ts'
import { activityJson } from '../../../src/investigation/activity-json.ts'
import { activityFold } from '../../../src/investigation/analysis/activity-fold.ts'
import { finishInvestigation } from '../../../src/investigation/investigation.ts'
import { isWithin, type Question, questionOf } from '../../../src/investigation/question.ts'
import type { CloudTrailRecord } from '../../../src/investigation/record.ts'
import type { RecordSource } from '../../../src/investigation/source.ts'
import { athenaSource } from '../../../src/investigation/sources/athena/athena-source.ts'
import { eventHistory } from '../../../src/investigation/sources/event-history.ts'
import { eventDataStoreIn } from '../../../src/investigation/sources/lake/event-data-store.ts'
import { lakeSource } from '../../../src/investigation/sources/lake/lake-source.ts'
import { logFiles } from '../../../src/investigation/sources/log-files.ts'
import { rowOfRecord } from '../../../src/investigation/timeline/record-row.ts'
import type { TimelineRow } from '../../../src/investigation/timeline/row.ts'
import { sortedRows } from '../../../src/investigation/timeline/sorted-rows.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { duckDbAthena } from '../../support/duckdb-athena.ts'
import { makeTable, openTrino } from '../../support/duckdb-trino.ts'
import { build } from '../../support/scenario.ts'
import { read } from '../records.ts'
import { askedOf, type BucketServer, logFile, logKey, readLogs, startBucketServer } from './s3/bucket-server.ts'
import { newToken, TABLE } from './sql/asking.ts'

/** The address that the scenario's attacker calls from. */
const ATTACKER = '198.51.100.23'
const STORE = 'a1b2c3d4-0000-4000-8000-000000000003'
const { signal } = new AbortController()
const places = { locate: () => undefined, source: '', incomplete: () => [] }

let built: BuiltScenario
let now: Instant
let question: Question
let records: readonly CloudTrailRecord[]
let folder: string
let server: BucketServer
let connection: DuckDBConnection

/** The trail's records, as they lie in files: what had been delivered when the investigation began. */
const filesOf = (documents: readonly Readonly<Record<string, unknown>>[]): ReadonlyMap<string, Buffer> => {
  const byHour = new Map<string, unknown[]>()
  for (const document of documents) {
    const name = `${document.awsRegion} ${String(document.eventTime).slice(0, 13)}`
    byHour.set(name, [...(byHour.get(name) ?? []), document])
  }
  return new Map(
    [...byHour].map(([name, records]) => {
      const [region = '', hour = ''] = name.split(' ')
      return [logKey(`${hour}:59:00`, { region }), logFile(...records)] as const
    }),
  )
}

beforeAll(async () => {
  built = await build('custom-threat-list')
  const { clock, opened } = await openSimulated(built, { signal, version: '0', observer: { onCall: () => {} } })
  now = clock.now()
  // What is older than ten minutes is delivered: a source that is asked later does not have more of it.
  const scope = { from: plus(now, -6 * 3600), until: plus(now, -600) }
  const { accessKeyId } = built.cast.attacker
  question = questionOf({ kind: 'access-key-id', value: accessKeyId }, { scope, baselineDays: 40 })
  const delivered = opened.account.trail
    .all()
    .filter(({ management, deliveredAt }) => management && deliveredAt <= Date.parse(now))
  const documents = delivered.map(({ document }) => document() as Readonly<Record<string, unknown>>)
  records = documents.map(read)
  folder = mkdtempSync(join(tmpdir(), 'trail-'))
  server = await startBucketServer()
  for (const [key, bytes] of filesOf(documents)) {
    mkdirSync(dirname(join(folder, key)), { recursive: true })
    writeFileSync(join(folder, key), bytes)
    await server.put(key, bytes)
  }
  connection = await openTrino()
  await makeTable(connection, '"logs"."trail"', documents)
  await makeTable(connection, `"${STORE}"`, documents, 'lake')
}, 60_000)

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server.close()
})

/** The simulated account, with queries answered by DuckDB. */
const config = () => {
  const { fault } = duckDbAthena({ connection, now: () => built.account.clock.now() })
  return openSimulated(built, { signal, version: '0.0.0', observer: { onCall: () => {} }, fault })
}

const SOURCES: Readonly<Record<string, () => Promise<Pick<RecordSource, 'read' | 'readRecords'>>>> = {
  'the event history': async () => {
    const { aws, clock } = await config()
    return eventHistory({
      ...{ regions: ['us-east-1'], cloudtrail: (region: string) => aws(region).cloudtrail, clock, make: activityFold },
      baselineCalls: 1000,
    })
  },
  'log files': async () => logFiles({ paths: [folder], threads: 1, clock: () => new Date() }),
  'a bucket': async () => ({
    ...readLogs(server, askedOf({ questions: [] })).source,
    read: (asked) => readLogs(server, askedOf(asked)).answer(),
  }),
  Athena: async () => {
    const { clientConfig, clock } = await config()
    return athenaSource({ client: await openAthena('us-east-1', clientConfig), clock, table: TABLE, newToken })
  },
  'CloudTrail Lake': async () => {
    const { aws, clock } = await config()
    return lakeSource({ client: aws('us-east-1').cloudtrail, clock, store: eventDataStoreIn(STORE) })
  },
}

const answerOf = async (name: string) => {
  const source = await SOURCES[name]?.()
  if (!source) throw new Error(`there is no source ${name}`)
  const range = { from: plus(now, -41 * 86_400), until: now }
  const gathered = await source.read(
    { questions: [question], followChainedSessions: true, range },
    { signal, progress: () => {} },
  )
  const found = await finishInvestigation(question, gathered, { places, ownAddresses: [] })
  return { found, activity: activityFact(found), line: activityJson(found) }
}

/** What every source tells; a source that says that it does not read the records of others tells no cause, and no keys of which only the issue is recorded. */
const comparable = (answer: object, readsOthers: boolean): object => {
  const all = { ...(answer as Record<string, unknown>), source: '', eventsRead: 0, incomplete: [], limits: [], coverage: null }
  return readsOthers ? all : { ...all, cause: null, siblingKeys: null }
}

describe('one incident through every source', () => {
  it('is the attacker’s session, as it was', async () => {
    const { activity } = await answerOf('log files')
    const { accessKeyId } = built.cast.attacker
    const own = records.filter((record) => record.accessKeyId === accessKeyId && isWithin(question.scope, record.at))
    expect(activity.events).toBe(own.length)
    expect(activity.newlyObserved.apis.all).toBeGreaterThan(3)
    expect(activity.baseline.events).toBeGreaterThan(500)
    const at = own.map((record) => record.at).sort()
    expect([activity.firstSeen, activity.lastSeen]).toEqual([at[0], at.at(-1)])
    expect(activity.ips.rows.map(({ ip, events }) => [rawText(ip), events])).toEqual([[ATTACKER, own.length]])
  })

  it('does not call new what other instances of the role did meanwhile, as they always do', async () => {
    const scope = { from: plus(now, -2 * 86_400), until: now }
    const role = questionOf({ kind: 'role', value: 'web-app' }, { scope, baselineDays: 40 })
    const source = await SOURCES['log files']?.()
    const asked = { questions: [role], followChainedSessions: false, range: { until: now } }
    const gathered = await source?.read(asked, { signal, progress: () => {} })
    if (!gathered) throw new Error('there is no such source')
    const { newlyObserved: news } = activityFact(await finishInvestigation(role, gathered, { places, ownAddresses: [] }))
    const workload = records.filter(
      ({ roleName, source: from, at }) => roleName === 'web-app' && rawText(from) !== ATTACKER && at >= scope.from,
    )
    expect(workload.length).toBeGreaterThan(5)
    expect(news.ips.rows.map(({ ip }) => rawText(ip))).toEqual([ATTACKER])
    const agents = new Set(workload.map(({ userAgent }) => rawText(userAgent)))
    for (const { userAgent } of news.userAgents.rows) expect(agents).not.toContain(rawText(userAgent))
    const apis = new Set(workload.map(({ eventSource, eventName }) => `${eventSource} ${eventName}`))
    for (const { api, eventSource } of news.apis.rows) expect(apis).not.toContain(`${eventSource} ${api}`)
  })

  it.each(Object.keys(SOURCES))('has the same answer in %s', async (name) => {
    const reference = await answerOf('log files')
    const { activity, line } = await answerOf(name)
    const readsOthers = activity.cause?.notRead === undefined
    const told = comparable(activity, readsOthers)
    expect(told).toEqual(comparable(reference.activity, readsOthers))
    expect(comparable(line, readsOthers)).toEqual(comparable(reference.line, readsOthers))
    expect(activity.incomplete).toEqual([])
    expect(readsOthers).toBe(!/history/.test(name))
  })

  it.each(Object.keys(SOURCES))('has the same timeline in %s, call by call', async (name) => {
    const rowsIn = async (source: string): Promise<readonly TimelineRow[]> => {
      const opened = await SOURCES[source]?.()
      const sorted = sortedRows()
      const range = { from: plus(now, -41 * 86_400), until: now }
      await opened?.readRecords?.([question], range, { signal, progress: () => {} }, (record) => {
        expect(record.document).toMatchObject({ eventName: record.eventName })
        sorted.add(rowOfRecord(record, 0))
      })
      return [...sorted.rows()]
    }
    const { accessKeyId } = built.cast.attacker
    const own = records.filter((record) => record.accessKeyId === accessKeyId && isWithin(question.scope, record.at))
    const rows = await rowsIn(name)
    expect(rows.map(({ id }) => id).sort()).toEqual(own.map(({ eventId }) => eventId).sort())
    expect(rows).toEqual(await rowsIn('log files'))
  })
})
