import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CloudTrailClient, ListPublicKeysCommand } from '@aws-sdk/client-cloudtrail'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { parseInstant } from '../../../../src/incident/values/instant.ts'
import type { TimeRange } from '../../../../src/investigation/question.ts'
import { checkDigests } from '../../../../src/investigation/sources/log-files/digests/check-digests.ts'
import type { DigestKey } from '../../../../src/investigation/sources/log-files/digests/digest-signatures.ts'
import { digestOnDisk, hashOnDisk } from '../../../../src/investigation/sources/log-files/digests/digests-on-disk.ts'
import { publicKeysFrom } from '../../../../src/investigation/sources/log-files/digests/public-keys.ts'
import { digestChain, keyOf, trailKey } from './digest-chain.ts'
import { gzipped, writeLogs } from './logs.ts'
import { temporaryFolder } from './temporary.ts'

/** The chain on a disk. */
const chain = (hours: readonly string[], region?: string) => {
  const { logs, digests } = digestChain(hours, region)
  const folder = temporaryFolder()
  const write = (files: readonly { readonly key: string; readonly bytes: Buffer }[]): string[] => {
    writeLogs(folder, Object.fromEntries(files.map(({ key, bytes }) => [key, bytes])))
    return files.map(({ key }) => join(folder, key))
  }
  return { digests: write(digests), logs: write(logs), objects: digests.map(({ key }) => key) }
}

const placed = ({ digests, logs }: Pick<ReturnType<typeof chain>, 'digests' | 'logs'>, range: TimeRange = {}) => ({
  ...{ digests: digests.map(digestOnDisk), logs, hashOf: hashOnDisk, range, hasSignatures: false },
})

const { signal } = new AbortController()

const check = (made: Parameters<typeof placed>[0], keys?: readonly DigestKey[], range?: TimeRange) =>
  checkDigests(placed(made, range), keys && (async () => ({ keys, notRead: new Map() })), signal)

const HOURS = ['08', '09', '10', '11']

describe('log files and the digests beside them', () => {
  it('agree when nothing was changed: hashes only, without CloudTrail’s public keys', async () => {
    const found = await check(chain(HOURS))
    expect(found).toMatchObject({ digests: 4, logFiles: 4, signatures: 0, problems: [] })
    expect(found.method).toMatch(/^Hashes only/)
  })

  it('have the signatures of all but the newest verified with the public keys', async () => {
    expect(await check(chain(HOURS), [trailKey])).toMatchObject({ signatures: 3, problems: [], notVerified: [] })
  })

  it.each([
    [
      'a log file was changed',
      (made: ReturnType<typeof chain>) => writeFileSync(made.logs[1] ?? '', gzipped('{"Records":[]}')),
      'was changed after',
    ],
    ['a log file is missing', (made: ReturnType<typeof chain>) => made.logs.splice(1, 1), 'is missing'],
    ['a digest is missing', (made: ReturnType<typeof chain>) => made.digests.splice(2, 1), 'as the digest before'],
    [
      'a digest was changed',
      (made: ReturnType<typeof chain>) =>
        writeFileSync(
          made.digests[1] ?? '',
          gzipped(JSON.stringify({ digestS3Object: made.objects[1], digestEndTime: '2026-03-01T09:59:00Z' })),
        ),
      'was changed: ',
    ],
    [
      'a log file was added',
      (made: ReturnType<typeof chain>) => made.logs.push((made.logs[1] ?? '').replace('abcdefgh', 'madeupxx')),
      'is named by no digest file',
    ],
    ['a digest is no JSON', (made: ReturnType<typeof chain>) => writeFileSync(made.digests[3] ?? '', 'x'), 'cannot be read'],
  ])('disagree when %s', async (_, change, problem) => {
    const made = chain(HOURS)
    change(made)
    expect((await check(made)).problems.join(' ')).toContain(problem)
  })

  it('disagree when a log file and its digest were changed together, and the signature shows it', async () => {
    const made = chain(HOURS)
    const forged = chain(HOURS)
    // The forger rewrites the whole chain with a key of their own.
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
    expect((await check(forged)).problems).toEqual([])
    expect((await check(made, [keyOf(other)])).problems).toHaveLength(3)
    expect((await check(made, [])).problems.join(' ')).toContain('CloudTrail has no such public key in us-east-1')
  })

  it('need no compression: a log file that was unpacked has the same hash', async () => {
    const made = chain(HOURS)
    const [first = ''] = made.logs
    const { gunzipSync } = await import('node:zlib')
    writeFileSync(first, gunzipSync(readFileSync(first)))
    expect((await check(made)).problems).toEqual([])
  })

  it('are compared within the range: what was not read is not missing', async () => {
    const { digests, logs } = chain(HOURS)
    const from = parseInstant('2026-03-03T00:00:00Z')
    const range = from ? { from } : {}
    expect(await check({ digests, logs: [] }, [trailKey], range)).toMatchObject({ logFiles: 0, problems: [] })
    expect((await check({ digests, logs: logs.slice(1) }, [trailKey])).problems).toHaveLength(1)
  })

  it('are judged by the digests of their own Region', async () => {
    const [here, there] = [chain(HOURS), chain(['08', '09'], 'eu-west-1')]
    const newer = (there.logs[1] ?? '').replace('T0930Z', 'T1030Z')
    const made = { digests: [...here.digests, ...there.digests], logs: [...here.logs, ...there.logs, newer] }
    expect((await check(made)).problems).toEqual([])
  })

  it('show a chain that began anew', async () => {
    const [first, again] = [chain(['08', '09']), chain(['11', '12'])]
    const made = { digests: [...first.digests, ...again.digests], logs: [...first.logs, ...again.logs] }
    expect((await check(made)).problems.join(' ')).toContain('the validation of the trail’s log files was off before')
  })

  it('that are not there cannot be compared', async () => {
    const made = chain([])
    rmSync(temporaryFolder(), { recursive: true, force: true })
    expect((await check(made)).method).toMatch(/no digest files/)
  })
})

describe('CloudTrail’s public keys', () => {
  const client = new CloudTrailClient({ region: 'us-east-1' })
  const cloudtrail = mockClient(client)
  const asked: string[] = []
  const readKeys = publicKeysFrom((region) => {
    asked.push(region)
    return client
  })
  beforeEach(() => {
    cloudtrail.reset()
    asked.length = 0
  })

  it('are read in the Regions and for the time of the digests, to the last page, and verify their signatures', async () => {
    const Value = new Uint8Array(Buffer.from(trailKey.value, 'base64'))
    cloudtrail
      .on(ListPublicKeysCommand)
      .resolvesOnce({ PublicKeyList: [], NextToken: 'more' })
      .resolves({ PublicKeyList: [{ Fingerprint: 'f1', Value }] })
    const found = await checkDigests(placed(chain(HOURS)), readKeys, signal)
    expect(found).toMatchObject({ signatures: 3, problems: [] })
    expect(new Set(asked)).toEqual(new Set(['us-east-1']))
    expect(cloudtrail.commandCalls(ListPublicKeysCommand)[0]?.args[0].input).toEqual({
      StartTime: new Date('2026-03-01T08:59:00Z'),
      EndTime: new Date('2026-03-01T11:59:00Z'),
    })
  })

  it.each([
    ['is denied', 'AccessDeniedException', 400, /^Hashes only/, 'because cloudtrail:ListPublicKeys is denied'],
    [
      'does not know the credentials',
      'UnrecognizedClientException',
      403,
      /^Hashes only/,
      'does not accept your credentials: Unrec',
    ],
    [
      'has expired credentials',
      'ExpiredTokenException',
      400,
      /^Hashes only/,
      'does not accept your credentials: ExpiredTokenExc',
    ],
  ])('leave hashes only and end nothing where the only Region %s', async (_, name, httpStatusCode, method, why) => {
    cloudtrail.on(ListPublicKeysCommand).rejects(Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } }))
    const found = await checkDigests(placed(chain(HOURS)), readKeys, signal)
    expect(found).toMatchObject({ signatures: 0, problems: [], method: expect.stringMatching(method) })
    expect(found.notVerified.join(' ')).toContain(why)
  })

  it('of one Region that cannot be read leave its digests unverified, not accused', async () => {
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } })
    const other = new CloudTrailClient({ region: 'eu-west-1' })
    mockClient(other).on(ListPublicKeysCommand).rejects(denied)
    const Value = new Uint8Array(Buffer.from(trailKey.value, 'base64'))
    cloudtrail.on(ListPublicKeysCommand).resolves({ PublicKeyList: [{ Fingerprint: 'f2', Value }] })
    const [here, there] = [chain(['08', '09']), chain(HOURS, 'eu-west-1')]
    const found = await checkDigests(
      placed({ digests: [...here.digests, ...there.digests], logs: [...here.logs, ...there.logs] }),
      publicKeysFrom((region) => (region === 'eu-west-1' ? other : client)),
      signal,
    )
    expect(found.problems).toEqual([expect.stringContaining('no such public key in us-east-1')])
    expect(found.notVerified).toEqual([
      '3 digest files are not verified: CloudTrail’s public keys of eu-west-1 could not be read, because cloudtrail:ListPublicKeys is denied',
    ])
  })

  it('are asked for in no Region whose name is none', async () => {
    const found = await checkDigests(placed(chain(HOURS, 'evil-host')), readKeys, signal)
    expect(asked).toEqual([])
    expect(found.notVerified).toEqual([
      '3 digest files are not verified: they name no Region whose public keys could be asked for',
    ])
  })
})
