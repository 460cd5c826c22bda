import { readFileSync } from 'node:fs'
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { runCommandLine } from '../../../src/cli/program.ts'
import type { Subject } from '../../../src/incident/facts/subject.ts'
import { ServiceError } from '../../../src/simulator/call.ts'
import { runningClock } from '../../../src/simulator/clock.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import { type Served, serve } from '../../../src/simulator/wire/http-server.ts'
import { endedOf, eventsOf } from '../../support/bin-events.ts'
import { type DuckDbAthenaOptions, duckDbAthena } from '../../support/duckdb-athena.ts'
import { makeTable, openTrino } from '../../support/duckdb-trino.ts'
import { emptyHomes } from '../../support/homes.ts'
import { memoryHost } from '../../support/host.ts'
import { build } from '../../support/scenario.ts'
import { NOW } from '../../support/trail.ts'

const STORE = 'a1b2c3d4-0000-4000-8000-000000000010'
const PACE = 60
/** The count is read beside these stages, and is known before investigate-session at the latest. */
const NOT_ASKED_FOR = 'preserve-evidence,restart-instance,verify-rotation'
/** The first run of a process loads the SDK’s clients. */
const LOADING_MS = 90_000

const home = emptyHomes()
let connection: DuckDBConnection
const open: Served[] = []

beforeAll(async () => {
  connection = await openTrino()
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(open.splice(0).map(({ close }) => close()))
})

/** The account whose calls all leave through the finding's address, with its records in a table and a store; and a responder. */
const served = async (wire: Partial<DuckDbAthenaOptions> = {}) => {
  const clock = runningClock(NOW, PACE, () => performance.now())
  const built = await build('usual-address', { clock, behaviour: { historyDays: 5 } })
  const documents = built.account.trail.all().map(({ document }) => document())
  await makeTable(connection, '"logs"."trail"', documents)
  await makeTable(connection, `"${STORE}"`, documents, 'lake')
  const dispatch = createDispatcher({ answer: openAccount(built).answer, now: () => clock.now(), pace: PACE })
  const { fault, queries } = duckDbAthena({ connection, now: () => clock.now(), pace: PACE, looks: 0, ...wire })
  const account = await serve((request) => fault(request, dispatch), { port: 0 })
  open.push(account)
  const { accessKeyId, secretAccessKey, sessionToken = '' } = built.cast.responder
  const env = { HOME: home(), AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
  for (const [name, value] of Object.entries({ ...env, AWS_SESSION_TOKEN: sessionToken })) vi.stubEnv(name, value)
  const respond = async (...args: readonly string[]) => {
    const { host, err } = memoryHost({ env: { ...env, AWS_SESSION_TOKEN: sessionToken } })
    let stdout = ''
    ;(host.stdout as unknown as NodeJS.ReadableStream).on('data', (chunk) => {
      stdout += chunk
    })
    const options = ['--no-input', '--json', '--proof-wait', '0s', '--approve', 'revoke-sessions', '--skip', NOT_ASKED_FOR]
    const code = await runCommandLine({ ...host, uid: process.getuid?.() ?? host.uid }, ['respond', ...args, ...options])
    return { code, stdout, stderr: err() }
  }
  const there = ['--endpoint-url', account.endpoint]
  return { respond, queries, there, begin: [built.findingId, ...there] }
}

/** The subject as it was established last: its usual use is counted after the deny. */
const subjectIn = (ran: { stdout: string }): Subject | undefined =>
  eventsOf(ran)
    .flatMap(({ fact }) => (fact?.subject as unknown as Subject | undefined) ?? [])
    .at(-1)

/** The deny was made, and the next change was not approved. */
const DENIED_ALL_THE_SAME = { exitCode: 3, ending: 'declined', writes: 1 }

const ATHENA = [
  '--athena',
  'logs.trail',
  '--athena-workgroup',
  'ir',
  '--athena-output',
  's3://results-of-ir/ir/',
  '--max-bytes',
  '5000',
]

describe('ir-cred respond with a place that counts the role’s earlier calls', { timeout: LOADING_MS }, () => {
  it.each([
    ['Athena', ATHENA, 'Athena table logs.trail'],
    ['CloudTrail Lake', ['--lake', STORE], `CloudTrail Lake event data store ${STORE}`],
  ])('has them counted by %s, says so in events and report, and asks no more when it goes on', async (_, flags, source) => {
    const { respond, queries, there, begin } = await served()
    const responded = await respond(...begin, ...flags)
    const ended = endedOf(responded)
    expect(ended).toMatchObject(DENIED_ALL_THE_SAME)
    const use = subjectIn(responded)?.usualUse
    expect(use).toMatchObject({ counted: { source, bytes: 1000 }, regions: [], incomplete: [] })
    expect(use?.addresses[0]?.calls).toBeGreaterThan(10)
    expect(use?.addresses[0]?.calls).toBeLessThanOrEqual(use?.calls ?? 0)
    expect(readFileSync(ended.report ?? '', 'utf8')).toMatch(
      new RegExp(`that ${source.replace('.', '.*')} has of the time from .* came from`),
    )
    expect(queries).toHaveLength(1)
    if (source.startsWith('Athena'))
      expect(queries[0]?.input).toMatchObject({
        WorkGroup: 'ir',
        ResultConfiguration: { OutputLocation: 's3://results-of-ir/ir/' },
      })
    expect(ended.continueWith).toBe(`ir-cred respond --incident ${ended.incident} ${[...flags, ...there].join(' ')}`)
    const again = await respond('--incident', ended.incident, ...flags, ...there)
    expect(subjectIn(again)?.usualUse).toEqual(use)
    expect(queries).toHaveLength(1)
  })

  it('samples the event history, and denies all the same, where the query is denied', async () => {
    const before = () => {
      throw new ServiceError('AccessDeniedException', 'not authorized to perform: athena:StartQueryExecution')
    }
    const { respond, begin } = await served({ before })
    const responded = await respond(...begin, ...ATHENA)
    const ended = endedOf(responded)
    expect(ended).toMatchObject(DENIED_ALL_THE_SAME)
    const use = subjectIn(responded)?.usualUse
    expect(use?.incomplete).toEqual([
      expect.stringMatching(/^Athena table logs\.trail could not be asked: .*; grant athena:StartQueryExecution/),
    ])
    expect(use?.counted).toBeUndefined()
    expect(use?.calls).toBeGreaterThan(0)
    expect(readFileSync(ended.report ?? '', 'utf8')).toContain('the history is not all read')
  })

  it('stops a query that takes too long, and goes on without it', async () => {
    const { respond, queries, begin } = await served({ looks: 1e6 })
    const responded = await respond(...begin, '--athena', 'logs.trail', '--dry-run')
    expect(subjectIn(responded)?.usualUse?.incomplete[0]).toMatch(
      /Athena did not answer in .* \(the query was stopped; it had read/,
    )
    expect(queries.map(({ state }) => state)).toEqual(['CANCELLED'])
  })
})
