import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import { activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import type { Counter } from '../../../../src/investigation/analysis/counter.ts'
import { timeBucketsOf } from '../../../../src/investigation/analysis/time-buckets.ts'
import { type Question, questionOf } from '../../../../src/investigation/question.ts'
import { scanLogs } from '../../../../src/investigation/sources/log-files/scan-logs.ts'
import {
  ACCOUNT,
  askedOf,
  BUCKET,
  type BucketServer,
  KEY,
  logFile,
  logKey,
  readLogs,
  record,
  startBucketServer,
} from './bucket-server.ts'

const CHAINED_SESSION = 'ASIAEXAMPLEEXAMPLE02'
const OTHER = 'ASIAEXAMPLEEXAMPLE03'

const identity = (accessKeyId: string, role: string, session: string) => ({
  userIdentity: {
    type: 'AssumedRole',
    principalId: `AROAEXAMPLE${role.toUpperCase()}:${session}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`,
    ...{ accountId: ACCOUNT, accessKeyId },
    sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${ACCOUNT}:role/${role}`, userName: role } },
  },
})

/** The key obtains a session of another role. The session's calls are in newer files, which are read before. */
const obtains = record('assume', '2026-11-22T10:00:00Z', {
  ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', readOnly: false },
  requestParameters: { roleArn: `arn:aws:iam::${ACCOUNT}:role/admin`, roleSessionName: 'me' },
  responseElements: {
    credentials: { accessKeyId: CHAINED_SESSION },
    assumedRoleUser: { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/admin/me` },
  },
})

const FILES: Readonly<Record<string, Buffer>> = {
  [logKey('2026-11-23T10:05:00')]: logFile(
    record('chained session-1', '2026-11-23T10:00:00Z', identity(CHAINED_SESSION, 'admin', 'me')),
    record('role-1', '2026-11-23T10:01:00Z', identity(OTHER, 'web-app', 'i-other')),
  ),
  [logKey('2026-11-22T10:05:00')]: logFile(obtains, record('key-1', '2026-11-22T10:00:01Z')),
  [logKey('2026-11-21T10:05:00')]: logFile(record('role-2', '2026-11-21T10:00:00Z', identity(OTHER, 'web-app', 'i-other'))),
  [logKey('2026-11-20T10:05:00')]: logFile(record('nobody', '2026-11-20T10:00:00Z', identity(OTHER, 'batch', 'x')), obtains),
}

let server: BucketServer
beforeAll(async () => {
  server = await startBucketServer()
  for (const [key, body] of Object.entries(FILES)) await server.put(key, body)
})
afterAll(() => server.close())

const scope = { from: '2026-11-22T00:00:00Z' as Instant, until: '2026-11-22T23:00:00Z' as Instant }
const question: Question = questionOf({ kind: 'access-key-id', value: KEY }, { scope })

const countsOf = (counter: Counter) =>
  [...timeBucketsOf(counter, {})]
    .map(({ caller, call, events, part, start }) =>
      [part, start, caller.accessKeyId ?? caller.roleName, call.eventName, events].join(' '),
    )
    .sort()

describe('a principal that is found late', () => {
  it('is searched for in the objects that were read before, without downloading them again', async () => {
    const { states } = await readLogs(server, askedOf({ questions: [question], followChainedSessions: true })).answer()
    expect([...states.keys()]).toEqual([`access-key-id ${KEY}`, `access-key-id ${CHAINED_SESSION}`])
    expect(states.get(`access-key-id ${CHAINED_SESSION}`)?.state.counter.ids.size).toBe(1)
    // The key's two calls, and two of its role.
    expect(states.get(`access-key-id ${KEY}`)?.state.counter.ids.size).toBe(4)
    const fetched = server.requests.filter(({ query }) => query.includes('x-id=GetObject'))
    expect(fetched).toHaveLength(Object.keys(FILES).length)
  })
})

describe('chained sessions beyond the limit', () => {
  it('are reported with their number', async () => {
    const many = Array.from({ length: 502 }, (_, index) => ({
      ...{ ...obtains, eventID: `many-${index}` },
      responseElements: { credentials: { accessKeyId: `ASIAMANY000000000${String(index).padStart(3, '0')}` } },
    }))
    await server.put(`many/${logKey('2026-11-22T10:05:00')}`, logFile(...many))
    const asked = askedOf({ questions: [question], followChainedSessions: true })
    const { states, report } = await readLogs(server, asked, { address: `s3://${BUCKET}/many` }).answer()
    expect(states.size).toBe(501)
    expect(report.incomplete).toEqual([
      expect.stringMatching(/^ir-cred follows at most 500 obtained sessions; 2 more were obtained.*depends on the order/),
    ])
  })
})

describe('the bucket and a folder with the same files', () => {
  it('give equal answers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'logs-'))
    for (const [key, body] of Object.entries(FILES)) writeFileSync(join(folder, basename(key)), body)
    try {
      const { states, report } = await readLogs(server, askedOf({ questions: [question], followChainedSessions: true })).answer()
      const local = await scanLogs({
        ...{ paths: [folder], questions: [question], followChainedSessions: true, threads: 1 },
        fold: { name: 'activity', make: activityFold },
      })
      const here = states.get(`access-key-id ${KEY}`)
      expect(report.events).toBe(local.events)
      expect(here && countsOf(here.state.counter)).toEqual(local.states.flatMap(({ counter }) => countsOf(counter)))
      expect(here?.question).toEqual(question)
      const chainedSession = states.get(`access-key-id ${CHAINED_SESSION}`)?.state
      const localChainedSession = local.chainedSessions.get(`access-key-id ${CHAINED_SESSION}`)
      expect(chainedSession && countsOf(chainedSession.counter)).toEqual(
        localChainedSession && countsOf(localChainedSession.counter),
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
