import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUNDLED_PACKAGE } from '../../src/investigation/geography/bundled-database.ts'
import { openAccount } from '../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../src/simulator/wire/dispatch.ts'
import { serve } from '../../src/simulator/wire/http-server.ts'
import { BUCKET, KEY, logFile, logKey, record, startBucketServer } from '../investigation/sources/s3/bucket-server.ts'
import { duckDbAthena } from '../support/duckdb-athena.ts'
import { makeTable, openTrino } from '../support/duckdb-trino.ts'
import { build } from '../support/scenario.ts'
import { ranBin } from '../support/start-bin.ts'

const MOST_BYTES = 50_000_000
const MOST_FILES = 2_000

const place = mkdtempSync(join(tmpdir(), 'ir-cred-installed-'))
const folder = (name: string): string => {
  mkdirSync(join(place, name))
  return join(place, name)
}

const npm = (command: 'npm' | 'npx', args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 300_000 })

let tarball: string
let bin: string

beforeAll(() => {
  const prefix = folder('prefix')
  npm('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', place], '.')
  tarball = join(place, readdirSync(place).find((name) => name.endsWith('.tgz')) ?? '')
  npm('npm', ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', tarball], folder('elsewhere'))
  bin = realpathSync(join(prefix, 'bin/ir-cred'))
}, 300_000)

afterAll(() => rmSync(place, { recursive: true, force: true }))

const linesOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Credentials that nobody issued, for servers that check none. */
const NOBODY: Keys = { accessKeyId: 'ASIAEXAMPLEEXAMPLE00', secretAccessKey: 'x', sessionToken: 'x' }

const environment = (home: string, { accessKeyId, secretAccessKey, sessionToken = '' }: Keys = NOBODY) => ({
  HOME: folder(home),
  PATH: process.env.PATH ?? '',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
})

const investigated = async (home: string, args: readonly string[], keys = NOBODY) => {
  const { stdout, stderr } = await ranBin(['investigate', ...args, '--json'], { bin, env: environment(home, keys) })
  expect(stderr).toBe('')
  return linesOf(stdout)
}

describe('an installation', () => {
  it(`takes at most ${MOST_BYTES / 1e6} MB and ${MOST_FILES} files, with the country database in it`, () => {
    const files = readdirSync(join(place, 'prefix'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    expect(files.some((file) => file.includes(`${BUNDLED_PACKAGE}/geo-whois-asn-country.mmdb`))).toBe(true)
    expect(files.length).toBeLessThanOrEqual(MOST_FILES)
    expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThanOrEqual(MOST_BYTES)
  })

  it('is started by npx from an empty folder, which stays empty', () => {
    const empty = folder('empty')
    const list = npm('npx', ['--yes', `--package=${tarball}`, 'ir-cred', 'drill', '--list'], empty)
    expect(list).toContain('custom-threat-list')
    expect(readdirSync(empty)).toEqual([])
  })

  it('plays a whole drill', async () => {
    const { stdout } = await ranBin(['drill', '--json'], { bin, env: environment('drill-home') })
    expect(linesOf(stdout).at(-1)).toMatchObject({ type: 'ended', ending: 'completed', exitCode: 0 })
  })

  it('investigates log files in a folder', async () => {
    const logs = folder('logs')
    writeFileSync(join(logs, 'one.json.gz'), logFile(record('1', '2026-11-22T10:00:00Z')))
    const lines = await investigated('logs-home', ['--logs', logs, '--access-key-id', KEY])
    expect(lines).toMatchObject([{ type: 'activity', events: 1 }, { exitCode: 0 }])
  })

  it('investigates log files in a bucket', async () => {
    const server = await startBucketServer()
    await server.put(logKey('2026-11-22T10:05:00'), logFile(record('1', '2026-11-22T10:00:00Z')))
    const lines = await investigated('s3-home', [
      '--logs',
      `s3://${BUCKET}`,
      '--endpoint-url',
      server.endpoint,
      '--access-key-id',
      KEY,
    ])
    await server.close()
    expect(lines).toMatchObject([{ type: 'activity', events: 1, source: `s3://${BUCKET}` }, { exitCode: 0 }])
  })

  it('investigates a table of Athena', async () => {
    const built = await build('custom-threat-list')
    const account = openAccount(built)
    account.catchUp()
    const connection = await openTrino()
    const records = built.account.trail.all().map(({ document }) => document())
    await makeTable(connection, '"logs"."trail"', records)
    const now = () => built.account.clock.now()
    const dispatch = createDispatcher({ answer: account.answer, now })
    const { fault } = duckDbAthena({ connection, now, looks: 0 })
    const server = await serve((request) => fault(request, dispatch), { port: 0 })
    const { attacker, responder } = built.cast
    const since = new Date(now() - 86_400_000).toISOString()
    const asked = ['--access-key-id', attacker.accessKeyId, '--since', since]
    const args = ['--athena', 'logs.trail', '--endpoint-url', server.endpoint, ...asked]
    const lines = await investigated('athena-home', args, responder)
    await server.close()
    expect(lines).toMatchObject([{ type: 'activity', source: expect.stringContaining('logs.trail') }, { exitCode: 0 }])
    expect(lines[0].events).toBeGreaterThan(5)
  })
})
