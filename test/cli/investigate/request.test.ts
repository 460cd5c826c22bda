import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  athenaTableRequestOf,
  type InvestigateOptions,
  investigateRequestOf,
  type SourceRequest,
} from '../../../src/cli/investigate/request.ts'
import { refusalOf, refusalOfAsync } from '../../support/refusal.ts'

const KEY = { accessKeyId: 'ASIAXCSEC6TNGZ6EZUUO' }
const folder = mkdtempSync(join(tmpdir(), 'ir-cred-logs-'))

describe('the target of an investigation', () => {
  it.each([
    ['198.51.100.23', '198.51.100.23'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
    ['::ffff:198.51.100.23', '198.51.100.23'],
    ['cloudformation.amazonaws.com', 'cloudformation.amazonaws.com'],
  ])('an address named as %s is looked for as %s, in the spelling of records', async (ip, value) => {
    expect((await investigateRequestOf({ ip })).target).toEqual({ principal: { kind: 'ip', value } })
  })

  it('may be a principal beside a finding or an incident', async () => {
    expect((await investigateRequestOf({ role: 'web-app', finding: 'finding.json' })).target).toEqual({
      principal: { kind: 'role', value: 'web-app' },
      finding: 'finding.json',
    })
    expect((await investigateRequestOf({ incident: 'web-app-1125-7f3a' })).target).toEqual({ incident: 'web-app-1125-7f3a' })
  })

  it.each<[InvestigateOptions, what: string]>([
    [{}, 'nobody to investigate was named'],
    [{ role: 'a', user: 'b' }, 'more than one to investigate was named'],
    [{ finding: 'f.json', incident: 'web-app-1125-7f3a' }, 'a finding and an incident were named'],
    [{ role: 'web app' }, '"web app" is not what CloudTrail would write'],
    [{ instanceId: 'web-1' }, '"web-1" is not an instance id'],
  ])('%j is refused: %s', async (options, what) => {
    expect(await refusalOfAsync(investigateRequestOf(options))).toMatchObject({ kind: 'usage', what })
  })
})

describe('the source of an investigation', () => {
  it.each<[InvestigateOptions, SourceRequest]>([
    [{}, { kind: 'event-history' }],
    [
      { logs: [folder], threads: 2, cache: '/tmp/cache' },
      { kind: 'log-files', paths: [folder], threads: 2, cache: '/tmp/cache' },
    ],
    [
      { logs: ['s3://trail-bucket/x'], account: ['111122223333'], region: ['eu-west-1'] },
      { kind: 's3', address: 's3://trail-bucket/x', accounts: ['111122223333'], regions: ['eu-west-1'] },
    ],
    [
      { logs: [folder], validate: true },
      { kind: 'log-files', paths: [folder], validate: true },
    ],
    [
      { logs: ['s3://trail-bucket/x'], validate: true },
      { kind: 's3', address: 's3://trail-bucket/x', validate: true },
    ],
    [
      { athena: 'logs.trail', athenaWorkgroup: 'ir', maxBytes: 10 },
      { kind: 'athena', table: { database: 'logs', table: 'trail' }, workGroup: 'ir', mostBytes: 10 },
    ],
    [
      { lake: '11112222-3333-4444-5555-666677778888', maxBytes: 10 },
      { kind: 'lake', store: { id: '11112222-3333-4444-5555-666677778888' }, mostBytes: 10 },
    ],
  ])('%j is %j', async (options, source) => {
    expect((await investigateRequestOf({ ...KEY, ...options })).source).toEqual(source)
  })

  it.each<[InvestigateOptions, what: RegExp]>([
    [{ athena: 'logs.trail', lake: 'x' }, /^more than one source was named$/],
    [{ logs: [folder], athena: 'logs.trail' }, /^more than one source was named$/],
    [{ logs: ['s3://trail-bucket', folder] }, /^s3:\/\/trail-bucket was named together with other logs$/],
    [{ logs: [join(folder, 'absent')] }, /^there are no log files at ".*absent": no such file or folder$/],
    [{ logs: ['s3://'] }, /^s3:\/\/ is no/],
    [{ athena: 'trail' }, /is not/],
    [{ lake: 'trail' }, /is not/],
    [{ validate: true }, /^--validate compares log files with the digest files beside them, and event history has none$/],
    [{ validate: true, athena: 'logs.trail' }, /and an Athena table has none$/],
    [{ validate: true, lake: '11112222-3333-4444-5555-666677778888' }, /and CloudTrail Lake has none$/],
    [{ validate: true, logs: ['-'] }, /and standard input has none$/],
  ])('%j is refused', async (options, what) => {
    expect(await refusalOfAsync(investigateRequestOf({ ...KEY, ...options }))).toMatchObject({
      kind: 'usage',
      what: expect.stringMatching(what),
    })
  })
})

describe('AWS', () => {
  it('is not asked for log files alone', async () => {
    expect((await investigateRequestOf({ ...KEY, logs: [folder], region: ['eu-west-1'] })).connection).toBeUndefined()
  })

  it.each<InvestigateOptions>([
    {},
    { logs: ['s3://trail-bucket'] },
    { logs: [folder], profile: 'acme' },
    { logs: [folder], assumeRole: 'arn:aws:iam::111122223333:role/ir' },
    { logs: [folder], endpointUrl: 'http://127.0.0.1:4599' },
  ])('is asked for %j', async (options) => {
    const { profile, assumeRole, endpointUrl } = options
    expect((await investigateRequestOf({ ...KEY, ...options })).connection).toEqual({
      ...{ regions: [], allRegions: undefined, detectiveProfile: undefined },
      ...{ profile, assumeRole, endpointUrl },
    })
  })
})

describe('the scope of an investigation', () => {
  it('is between two moments, or a part of the time around a finding', async () => {
    const since = '2026-11-25T00:00:00Z'
    expect((await investigateRequestOf({ ...KEY, since })).scope).toEqual({ times: { from: since } })
    expect((await investigateRequestOf(KEY)).scope).toEqual({ times: {} })
    expect((await investigateRequestOf({ ...KEY, scope: 'during' })).scope).toEqual({ aroundFinding: 'during' })
  })

  it.each<[InvestigateOptions, what: string]>([
    [{ since: 'yesterday' }, '--since "yesterday" is not a time'],
    [{ scope: 'during', since: '2026-11-25T00:00:00Z' }, '--scope was given together with --since or --until'],
    [{ since: '2026-11-25T02:00:00Z', until: '2026-11-25T01:00:00Z' }, '--since is not before --until'],
  ])('%j is refused: %s', async (options, what) => {
    expect(await refusalOfAsync(investigateRequestOf({ ...KEY, ...options }))).toMatchObject({ kind: 'usage', what })
  })
})

describe('an Athena table', () => {
  const now = new Date('2026-11-25T02:00:00Z')

  it('has an example for each part that was not given, and says which', () => {
    const { logs, examples } = athenaTableRequestOf({ printAthenaTable: true, region: ['eu-west-1'] }, now)
    expect(logs).toMatchObject({ bucket: 'my-trail-bucket', accounts: ['111122223333'], regions: ['eu-west-1'] })
    expect(logs.from).toBe('2025-11-25T02:00:00Z')
    expect(examples).toEqual([
      'the bucket (s3://my-trail-bucket)',
      '--athena default.cloudtrail_logs',
      '--account 111122223333',
      '--since (a year ago)',
    ])
  })

  it('is of a bucket, and of the prefix in it', () => {
    expect(athenaTableRequestOf({ printAthenaTable: 's3://trail/org/' }, now).logs).toMatchObject({
      bucket: 'trail',
      prefix: 'org',
    })
    expect(refusalOf(() => athenaTableRequestOf({ printAthenaTable: 'trail' }, now))).toMatchObject({ kind: 'usage' })
  })
})
