import { createHash, createSign, generateKeyPairSync } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CloudTrailClient, ListPublicKeysCommand } from '@aws-sdk/client-cloudtrail'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { checkDigests, type DigestKey } from '../../../../src/investigation/sources/log-files/digests/check-digests.ts'
import { publicKeysFrom } from '../../../../src/investigation/sources/log-files/digests/public-keys.ts'
import { delivered, gzipped, stolenCall, writeLogs } from './logs.ts'
import { temporaryFolder } from './temporary.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const key: DigestKey = {
  fingerprint: 'f1',
  value: publicKey.export({ format: 'der', type: 'pkcs1' }).toString('base64'),
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const log = (hour: string): string => `111122223333_CloudTrail_us-east-1_20260301T${hour}30Z_abcdefgh.json.gz`
const digestName = (hour: string): string =>
  `111122223333_CloudTrail-Digest_us-east-1_org_us-east-1_20260301T${hour}0000Z.json.gz`

const objectOf = (hour: string): string => `AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/03/01/${digestName(hour)}`

/** A chain of digests, each of one log file, as CloudTrail writes it: hashes of what is compressed, and the signature before. */
const chain = (hours: readonly string[]) => {
  const folder = temporaryFolder()
  const files: Record<string, Buffer> = {}
  let [before, signature, object] = ['', '', '']
  for (const hour of hours) {
    const contents = delivered([stolenCall()])
    const digest = JSON.stringify({
      digestEndTime: `2026-03-01T${hour}:59:00Z`,
      digestS3Bucket: 'trail',
      digestS3Object: objectOf(hour),
      digestPublicKeyFingerprint: 'f1',
      previousDigestS3Object: object || null,
      previousDigestHashValue: before === '' ? null : sha256(before),
      previousDigestSignature: signature || null,
      logFiles: [{ s3Object: `AWSLogs/${log(hour)}`, hashValue: sha256(contents) }],
    })
    files[log(hour)] = gzipped(contents)
    files[digestName(hour)] = gzipped(digest)
    const signed = `2026-03-01T${hour}:59:00Z\ntrail/${objectOf(hour)}\n${sha256(digest)}\n${signature || 'null'}`
    signature = createSign('RSA-SHA256').update(signed).sign(privateKey, 'hex')
    ;[before, object] = [digest, objectOf(hour)]
  }
  writeLogs(folder, files)
  return {
    digests: hours.map((hour) => join(folder, digestName(hour))),
    logs: hours.map((hour) => join(folder, log(hour))),
  }
}

const check = ({ digests, logs }: ReturnType<typeof chain>, keys?: readonly DigestKey[]) =>
  checkDigests(digests, logs, keys && (async () => ({ keys, incomplete: [] })), new AbortController().signal)

const HOURS = ['08', '09', '10', '11']

describe('log files and the digests beside them', () => {
  it('agree when nothing was changed: hashes only, without CloudTrail’s public keys', async () => {
    const found = await check(chain(HOURS))
    expect(found).toMatchObject({ digests: 4, logFiles: 4, signatures: 0, problems: [] })
    expect(found.method).toMatch(/^Hashes only/)
  })

  it('have the signatures of all but the newest verified with the public keys', async () => {
    expect(await check(chain(HOURS), [key])).toMatchObject({ signatures: 3, problems: [] })
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
          gzipped(JSON.stringify({ digestS3Object: objectOf('09'), digestEndTime: '2026-03-01T09:59:00Z' })),
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
    const value = other.export({ format: 'der', type: 'pkcs1' }).toString('base64')
    expect((await check(forged)).problems).toEqual([])
    expect((await check(made, [{ ...key, value }])).problems).toHaveLength(3)
    expect((await check(made, [])).problems.join(' ')).toContain('gave no public key f1')
  })

  it('need no compression: a log file that was unpacked has the same hash', async () => {
    const made = chain(HOURS)
    const [first = ''] = made.logs
    const { gunzipSync } = await import('node:zlib')
    writeFileSync(first, gunzipSync(readFileSync(first)))
    expect((await check(made)).problems).toEqual([])
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
    const Value = new Uint8Array(Buffer.from(key.value, 'base64'))
    cloudtrail
      .on(ListPublicKeysCommand)
      .resolvesOnce({ PublicKeyList: [], NextToken: 'more' })
      .resolves({ PublicKeyList: [{ Fingerprint: 'f1', Value }] })
    const { digests, logs } = chain(HOURS)
    const found = await checkDigests(digests, logs, readKeys, new AbortController().signal)
    expect(found).toMatchObject({ signatures: 3, problems: [] })
    expect(new Set(asked)).toEqual(new Set(['us-east-1']))
    expect(cloudtrail.commandCalls(ListPublicKeysCommand)[0]?.args[0].input).toEqual({
      StartTime: new Date('2026-03-01T08:59:00Z'),
      EndTime: new Date('2026-03-01T11:59:00Z'),
    })
  })

  it('that cannot be read leave hashes only, and the reason is named', async () => {
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } })
    cloudtrail.on(ListPublicKeysCommand).rejects(denied)
    const { digests, logs } = chain(HOURS)
    const { method, signatures, problems } = await checkDigests(digests, logs, readKeys, new AbortController().signal)
    expect({ signatures, problems }).toEqual({ signatures: 0, problems: [] })
    expect(method).toMatch(/^Hashes only: .*cloudtrail:ListPublicKeys in us-east-1 is not known: it is denied/)
  })
})
