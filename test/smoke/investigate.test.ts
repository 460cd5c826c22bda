import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  BUCKET,
  type BucketServer,
  KEY,
  logFile,
  logKey,
  record,
  startBucketServer,
} from '../investigation/sources/s3/bucket-server.ts'
import { emptyHomes } from '../support/homes.ts'
import type { Ran } from '../support/run-bin.ts'
import { type ServedAccount, serveAccount } from '../support/served-account.ts'
import { ranBin } from '../support/start-bin.ts'

const home = emptyHomes()

interface Line {
  readonly type: string
  readonly [member: string]: unknown
}

interface Seen {
  readonly scope: { readonly from: string | null; readonly until: string | null }
  readonly events: number
  readonly firstSeen: string | null
  readonly lastSeen: string | null
}

const linesOf = ({ stdout }: Ran): readonly Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('an investigation of a served account', () => {
  let account: ServedAccount
  let env: Record<string, string>
  beforeAll(async () => {
    account = await serveAccount(home())
    env = account.responderAt(home())
  })
  afterAll(() => account?.stop())

  const investigate = (...args: readonly string[]) =>
    ranBin(['investigate', '--endpoint-url', account.endpoint, ...args], { env })
  const attacker = () => account.credentials.attacker.accessKeyId

  it('is one line, and the line that ends it; every witness has a member in it', async () => {
    const ran = await investigate('--access-key-id', attacker(), '--json')
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' })
    const [activity, ended, ...others] = linesOf(ran)
    expect(others).toEqual([])
    expect(ended).toMatchObject({ type: 'ended', ending: 'completed', exitCode: 0, writes: 0 })
    expect(activity).toMatchObject({
      type: 'activity',
      accessKeyIds: [attacker()],
      account: { accountId: '111122223333', alias: 'acme-web' },
      permissions: { kind: 'role', name: 'web-app' },
      otherFindings: { findings: expect.arrayContaining([expect.objectContaining({ about: expect.arrayContaining(['key']) })]) },
      detective: { status: 'unstarted' },
    })
    expect(activity?.events).toBeGreaterThan(5)
  })

  it('is told question by question without a terminal', async () => {
    const accounts = join(home(), 'accounts.csv')
    writeFileSync(accounts, 'account id,owner,data class\n111122223333,Team Web,customer\n')
    const { stdout, code } = await investigate('--finding', account.findingId, '--accounts', accounts)
    expect(code).toBe(0)
    const asked = [
      'When',
      'Account',
      'Permissions',
      'When, by',
      'Other findings',
      'Detective',
      'API call volume',
      'Failed calls',
      'Newly observed',
    ]
    const places = [...asked, 'Credentials', 'Chained sessions', 'Persistence'].map((heading) => stdout.indexOf(`\n ${heading}`))
    expect(places).not.toContain(-1)
    expect(places.toSorted((a, b) => a - b)).toEqual(places)
    expect(stdout).toContain('owner "Team Web", data class "customer"')
  })

  it.each(['before', 'during', 'after'])('looks %s what the findings saw', async (scope) => {
    const [activity] = linesOf(await investigate('--access-key-id', attacker(), '--scope', scope, '--json'))
    const seen = activity as unknown as Seen
    const { from, until } = seen.scope
    expect(seen.firstSeen === null || from === null || seen.firstSeen >= from).toBe(true)
    expect(seen.lastSeen === null || until === null || seen.lastSeen <= until).toBe(true)
    if (scope === 'during') expect(seen.events).toBeGreaterThan(5)
    expect(Object.keys(seen.scope).sort()).toEqual(['from', 'principal', 'until'])
  })

  it.each([
    ['--user', 'build-bot', { kind: 'user', name: 'build-bot', found: 'found' }],
    ['--role', 'no-such-role', { kind: 'role', name: 'no-such-role', found: 'gone' }],
  ])('asks IAM about %s %s, who made no call', async (option, name, permissions) => {
    const [activity] = linesOf(await investigate(option, name, '--json'))
    expect(activity).toMatchObject({ events: 0, permissions })
  })

  it('says what a scope needs, when no finding is about the principal that is asked about', async () => {
    const { code, stderr } = await investigate('--ip', '192.0.2.200', '--scope', 'during')
    expect(code).toBe(2)
    expect(stderr).toMatch(/--scope goes by what a finding saw, and there is no finding[\s\S]*--since and --until/)
  })
})

describe('an investigation of logs in a bucket', () => {
  let server: BucketServer
  beforeAll(async () => {
    server = await startBucketServer()
    await server.put(
      logKey('2026-11-22T10:05:00'),
      logFile(record('1', '2026-11-22T10:00:00Z'), record('2', '2026-11-22T10:01:00Z')),
    )
  })
  afterAll(() => server.close())

  it('reads them where they lie; witnesses that do not answer there cost nothing of it', async () => {
    const env = {
      ...{ HOME: home(), PATH: process.env.PATH ?? '', AWS_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: 'ASIAEXAMPLEEXAMPLE00', AWS_SECRET_ACCESS_KEY: 'x', AWS_SESSION_TOKEN: 'x' },
    }
    const place = ['--logs', `s3://${BUCKET}`, '--endpoint-url', server.endpoint]
    const ran = await ranBin(['investigate', ...place, '--access-key-id', KEY, '--json'], { env })
    expect(linesOf(ran)).toMatchObject([
      { type: 'activity', events: 2, source: `s3://${BUCKET}` },
      { type: 'ended', exitCode: 0 },
    ])
  })
})

describe('the statement for an Athena table', () => {
  const print = (...args: readonly string[]) =>
    ranBin(['investigate', '--print-athena-table', ...args], { env: { HOME: home(), PATH: process.env.PATH ?? '' } })

  it('is printed, with examples for what was not said, which are named', async () => {
    const { code, stdout, stderr } = await print()
    expect(code).toBe(0)
    expect(stdout).toContain('CREATE EXTERNAL TABLE IF NOT EXISTS `default`.`cloudtrail_logs`')
    expect(stderr).toContain('put in as an example: the bucket (s3://my-trail-bucket), --athena default.cloudtrail_logs')
  })

  it('names nothing when all is said', async () => {
    const said = [
      '--athena',
      'logs.trail',
      '--account',
      '444455556666',
      '--region',
      'eu-west-1',
      '--since',
      '2026-01-01T00:00:00Z',
    ]
    const { stdout, stderr } = await print('s3://trail/aws', ...said)
    expect(stderr).toBe('')
    expect(stdout).toContain("LOCATION 's3://trail/aws/AWSLogs/'")
    expect(stdout).toContain("'projection.account.values' = '444455556666'")
  })

  it('is not printed for what cannot be right', async () => {
    expect(await print('trail')).toMatchObject({ code: 2, stderr: expect.stringContaining('"trail" is not a place in S3') })
    expect(await print('--since', 'yesterday')).toMatchObject({ code: 2 })
  })
})

describe('an investigation of log files alone', () => {
  const folderOf = (): string => {
    const folder = join(home(), 'logs')
    mkdirSync(folder)
    writeFileSync(join(folder, 'one.json.gz'), logFile(record('1', '2026-11-22T10:00:00Z')))
    writeFileSync(join(folder, 'bad.json.gz'), 'this is not what its name says')
    return folder
  }
  const alone = () => ({ env: { HOME: home(), PATH: process.env.PATH ?? '' } })

  it('is told with the days of its times', async () => {
    const { stdout } = await ranBin(['investigate', '--logs', folderOf(), '--access-key-id', KEY], alone())
    expect(stdout).toContain('first seen  2026-11-22 10:00:00Z')
  })

  it('is of a folder with a comma in its name, too', async () => {
    const folder = join(home(), 'trail, 2026')
    mkdirSync(folder)
    writeFileSync(join(folder, 'one.json.gz'), logFile(record('1', '2026-11-22T10:00:00Z')))
    const ran = await ranBin(['investigate', '--logs', folder, '--access-key-id', KEY, '--json'], alone())
    expect(linesOf(ran)).toMatchObject([{ events: 1 }, { exitCode: 0 }])
  })

  it('needs no AWS, names the bad file and reads the rest', async () => {
    const ran = await ranBin(['investigate', '--logs', folderOf(), '--access-key-id', KEY, '--json'], alone())
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' })
    expect(linesOf(ran)).toMatchObject([
      {
        type: 'activity',
        events: 1,
        account: null,
        incomplete: expect.arrayContaining([expect.stringContaining('bad.json.gz')]),
      },
      { type: 'ended', exitCode: 0 },
    ])
  })

  it('without a name lists who is in the logs, and ends well', async () => {
    const logs = folderOf()
    const ran = await ranBin(['investigate', '--logs', logs, '--json'], alone())
    expect(ran.code).toBe(0)
    expect(linesOf(ran)).toMatchObject([
      { type: 'callers', events: 1, callers: [{ events: 1, keys: [{ accessKeyId: KEY, events: 1 }] }] },
      { type: 'ended', exitCode: 0 },
    ])
    const told = await ranBin(['investigate', '--logs', logs], alone())
    expect(told.stdout).toContain(KEY)
    expect(told.code).toBe(0)
  })

  it('an investigation with a cache gives the same answer to the same question, and keeps one for each', async () => {
    const [logs, cache] = [folderOf(), join(home(), 'cache')]
    rmSync(join(logs, 'bad.json.gz'))
    const ask = (...principal: readonly string[]) =>
      ranBin(['investigate', '--logs', logs, ...principal, '--cache', cache, '--json'], alone())
    const answers = () => readdirSync(cache).filter((name) => name.endsWith('.answer')).length
    const first = await ask('--access-key-id', KEY)
    expect([answers(), await ask('--access-key-id', KEY)]).toEqual([1, first])
    const ofAnother = await ask('--ip', '192.0.2.200')
    expect([answers(), await ask('--ip', '192.0.2.200')]).toEqual([2, ofAnother])
    expect(answers()).toBe(2)
  })

  it.each([
    [['--access-key-id', KEY, '--role', 'web-app'], 'more than one to investigate was named'],
    [['--scope', 'during'], 'nobody to investigate was named'],
    [['--access-key-id', KEY, '--scope', 'during'], '--scope goes by what a finding saw'],
    [['--access-key-id', KEY, '--scope', 'during', '--since', '2026-11-22T10:00:00Z'], '--scope was given together with'],
    [['--access-key-id', KEY, '--accounts', '/nowhere.csv'], 'the list of accounts'],
    [['--finding', '5ac1b2c3d4e5f60718293a4b5c6d7e8f'], 'GuardDuty has to be asked for finding'],
    [['--incident', 'nobody-1125-0000'], 'no incident nobody-1125-0000 here'],
    [['--access-key-id', KEY, '--logs', 's3://trail'], 'was named together with other logs'],
  ])('%j is refused with a sentence', async (args, sentence) => {
    const { code, stderr } = await ranBin(['investigate', '--logs', folderOf(), ...args], alone())
    expect(stderr).toContain(sentence)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).toBe(2)
  })
})
