import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAthena, openClients } from '../../../src/aws/open-clients.ts'
import { rawText } from '../../../src/incident/values/untrusted.ts'
import { activityFact } from '../../../src/investigation/activity-fact.ts'
import { activityJson } from '../../../src/investigation/activity-json.ts'
import { finishInvestigation, type Investigation } from '../../../src/investigation/investigation.ts'
import { type PrincipalRef, questionOf } from '../../../src/investigation/question.ts'
import type { RecordSource } from '../../../src/investigation/source.ts'
import { athenaSource } from '../../../src/investigation/sources/athena/athena-source.ts'
import { eventDataStoreIn } from '../../../src/investigation/sources/lake/event-data-store.ts'
import { lakeSource } from '../../../src/investigation/sources/lake/lake-source.ts'
import { logFiles } from '../../../src/investigation/sources/log-files.ts'
import { readUndoneByOthers, withUndoneByOthers } from '../../../src/investigation/undone-by-others.ts'
import { makeTable, openTrino } from '../../support/duckdb-trino.ts'
import { instant, STOLEN } from '../analysis/records.ts'
import { ATTACKER, EVE, LAST_LINK, OTHER, organizationTree, treeKeyOf } from './organization-tree.ts'
import { askedOf, type BucketServer, logFile, readLogs, startBucketServer } from './s3/bucket-server.ts'
import { type AskingOptions, askingConfig, newToken, TABLE } from './sql/asking.ts'

const STORE = 'a1b2c3d4-0000-4000-8000-000000000009'
const places = { locate: () => undefined, source: '', incomplete: () => [] }
const range = { from: instant('2026-02-01T00:00:00Z'), until: instant('2026-03-03T00:00:00Z') }
const scope = { from: instant('2026-03-01T00:00:00Z'), until: instant('2026-03-02T00:00:00Z') }
const reading = { signal: new AbortController().signal, progress: () => undefined }

let folder: string
let server: BucketServer
let connection: DuckDBConnection

beforeAll(async () => {
  const tree = organizationTree()
  folder = mkdtempSync(join(tmpdir(), 'tree-'))
  server = await startBucketServer()
  const files = new Map<string, unknown[]>()
  for (const document of tree) files.set(treeKeyOf(document), [...(files.get(treeKeyOf(document)) ?? []), document])
  for (const [key, records] of files) {
    mkdirSync(dirname(join(folder, key)), { recursive: true })
    writeFileSync(join(folder, key), logFile(...records))
    await server.put(key, logFile(...records))
  }
  connection = await openTrino()
  await makeTable(connection, '"logs"."trail"', tree)
  await makeTable(connection, `"${STORE}"`, tree, 'lake')
}, 60_000)

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server.close()
})

const openedAthena = async (options: Partial<AskingOptions> & { readonly mostBytes?: number } = {}): Promise<RecordSource> => {
  const { mostBytes, ...wire } = options
  const { config, clock } = askingConfig({ connection, looks: 0, ...wire })
  const limit = mostBytes === undefined ? {} : { mostBytes }
  return athenaSource({ client: await openAthena('eu-west-1', config), clock, table: TABLE, newToken, ...limit })
}

const SOURCES: Readonly<Record<string, () => RecordSource | Promise<RecordSource>>> = {
  'a folder': () => logFiles({ paths: [folder], threads: 1, clock: () => new Date() }),
  'a bucket': () => readLogs(server, askedOf({ questions: [] })).source,
  Athena: openedAthena,
  'CloudTrail Lake': () => {
    const { config, clock } = askingConfig({ connection, looks: 0 })
    return lakeSource({ client: openClients(config)('eu-west-1').cloudtrail, clock, store: eventDataStoreIn(STORE) })
  },
}

const answerFrom = async (source: RecordSource, principal: PrincipalRef): Promise<Investigation> => {
  const question = questionOf(principal, { scope, baselineDays: 25 })
  const read = await source.read({ questions: [question], followChainedSessions: true, range }, reading)
  const found = await finishInvestigation(question, read, { places, ownAddresses: [] })
  return withUndoneByOthers(found, await readUndoneByOthers(found, source, reading))
}

const answerIn = async (name: string, principal: PrincipalRef): Promise<Investigation> => {
  const source = await SOURCES[name]?.()
  if (!source) throw new Error(`there is no source ${name}`)
  return answerFrom(source, principal)
}

/** What is known of the reading itself, not of the records. */
const OF_THE_SOURCE = { source: '', eventsRead: 0, limits: [] }

/** Which accounts, Regions and files there are, files say by their names. */
const comparable = (found: Investigation) => {
  const [fact, line] = [activityFact(found), activityJson(found)]
  return {
    fact: { ...fact, ...OF_THE_SOURCE, coverage: null },
    line: { ...line, ...OF_THE_SOURCE, coverage: null },
  }
}

const PRINCIPALS: readonly (readonly [string, PrincipalRef])[] = [
  ['the instance’s stolen key', { kind: 'access-key-id', value: STOLEN }],
  ['the session of the instance', { kind: 'instance-id', value: 'i-0abc1234def567890' }],
  ['a key at the end of a chain', { kind: 'access-key-id', value: LAST_LINK }],
  ['a user', { kind: 'user', value: 'eve' }],
  ['a role', { kind: 'role', value: 'web-app' }],
]

describe('a database that may read no more', () => {
  const key: PrincipalRef = { kind: 'access-key-id', value: STOLEN }

  it('gives the calls themselves, and says that what others did was not read', async () => {
    const source = await openedAthena({ mostBytes: 9_000 })
    const found = await answerFrom(source, key)
    expect(activityFact(found).events).toBe(10)
    expect(found.cause.notRead).toMatch(/--max-bytes/)
    expect(found.incomplete.join('; ')).toMatch(
      /what others did to the instance, the role, the user and the key could not be read/,
    )
    expect(found.incomplete).toContain('ir-cred could not look whether somebody else undid what was left')
    expect(found.report.bytes).toBeLessThanOrEqual(9_000)
  })

  it('counts what each further reading of it reads', async () => {
    const bytes = (await answerFrom(await openedAthena(), key)).report.bytes
    const { config, clock, queries } = askingConfig({ connection, looks: 0 })
    const source = athenaSource({ client: await openAthena('eu-west-1', config), clock, table: TABLE, newToken })
    await answerFrom(source, key)
    expect(bytes).toBe(1000 * queries.length)
  })

  it('leaves the calls themselves where the question about others fails', async () => {
    const failing: AskingOptions['failing'] = ({ text }) =>
      text.includes('RunInstances') ? 'Query exhausted resources' : undefined
    const found = await answerFrom(await openedAthena({ failing }), key)
    expect(activityFact(found).events).toBe(10)
    expect(found.cause.notRead).toMatch(/^What others did before could not be read/)
    expect(found.coverage.gapsOfAll).toBe(false)
  })
})

describe('the tree of an organisation’s trail', () => {
  it('holds an incident of which each part is in the answer', async () => {
    const found = await answerIn('a folder', { kind: 'access-key-id', value: STOLEN })
    const fact = activityFact(found)
    expect(fact.events).toBe(10)
    expect(fact.cause?.events.map(({ eventName }) => eventName)).toEqual(['AttachRolePolicy', 'SendCommand'])
    expect(fact.cause?.sameAddress.map(({ accessKeyId }) => accessKeyId)).toContain(EVE)
    expect(found.siblingKeys.map(({ accessKeyId }) => accessKeyId)).toContain('ASIAUNUSED0000000001')
    expect(found.attributedCalls.rows.some(({ vpcEndpointAccountId }) => vpcEndpointAccountId === OTHER)).toBe(true)
    const used = found.chain.links.filter(({ activity }) => (activity?.summary.events ?? 0) > 0)
    expect(new Set(used.map(({ chainedSession }) => chainedSession.how))).toEqual(
      new Set(['CreateAccessKey', 'CreateLoginProfile', 'UpdateAssumeRolePolicy', 'AssumeRole']),
    )
    const undone = found.artefacts.filter(({ undoneBy }) => undoneBy?.by !== undefined)
    expect(undone.map(({ eventName }) => eventName)).toContain('CreateUser')
    expect(found.coverage.gaps.map(({ started }) => started?.eventName)).toEqual(['StartLogging'])
    expect([...fact.ips.rows].map(({ ip }) => rawText(ip))).toEqual([ATTACKER])
    const upwards = await answerIn('a folder', { kind: 'access-key-id', value: LAST_LINK })
    expect(upwards.cause.obtainedBy.map(({ how }) => how)).toEqual(['AssumeRole', 'AssumeRole', 'CreateAccessKey'])
  })

  const others = Object.keys(SOURCES).filter((name) => name !== 'a folder')
  it.each(PRINCIPALS.flatMap(([what, principal]) => others.map((name) => ({ what, principal, name }))))(
    'has the same answer about $what in $name as in a folder',
    async ({ name, principal }) => {
      const [found, reference] = [await answerIn(name, principal), await answerIn('a folder', principal)]
      expect(comparable(found)).toEqual(comparable(reference))
      const { gaps, gapsOfAll } = found.coverage
      // A bucket is not read again for trails that only others switched off, and its answer says so.
      if (gaps.length > 0 || gapsOfAll) expect(gaps).toEqual(reference.coverage.gaps)
      else expect(name).toBe('a bucket')
    },
    30_000,
  )
})
