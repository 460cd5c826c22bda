import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import { questionOf } from '../../../../src/investigation/question.ts'
import { digestChain, trailKey } from '../log-files/digest-chain.ts'
import { delivered, gzipped, theKey } from '../log-files/logs.ts'
import { askedOf, BUCKET, type BucketServer, readLogs, startBucketServer } from './bucket-server.ts'

const HOURS = ['08', '09', '10', '11']
const publicKeys = async () => ({ keys: [trailKey], notRead: new Map<string, string>() })

let server: BucketServer
let number = 0
/** Each test has a prefix of its own. */
let prefix = ''
beforeAll(async () => {
  server = await startBucketServer()
})
afterAll(() => server.close())
beforeEach(() => {
  number += 1
  prefix = `set${number}`
  server.refuse = () => undefined
})

const put = async (
  { logs, digests }: ReturnType<typeof digestChain>,
  { isSigned = true }: { readonly isSigned?: boolean } = {},
): Promise<void> => {
  for (const { key, bytes } of logs) await server.put(`${prefix}/${key}`, bytes)
  for (const { key, bytes, signature } of digests)
    await server.put(`${prefix}/${key}`, bytes, {
      metadata: isSigned ? { signature, 'signature-algorithm': 'SHA256withRSA' } : {},
    })
}

const checked = async (below = '', from?: string) => {
  const range = from === undefined ? {} : { from: from as Instant }
  const { answer } = readLogs(server, askedOf({ questions: [questionOf(theKey)], range }), {
    ...{ address: `s3://${BUCKET}/${prefix}${below}`, validate: { publicKeys } },
  })
  const { report } = await answer()
  return { ...report.coverage?.digestCheck, coverage: report.coverage, events: report.events }
}

describe('the log files of a bucket and the digests beside them', () => {
  it('agree when nothing was changed, and every digest is verified, the newest too', async () => {
    await put(digestChain(HOURS))
    expect(await checked()).toMatchObject({
      ...{ events: 4, digests: 4, logFiles: 4, signatures: 4, problems: [], notVerified: [] },
      method: 'Signatures are those in the metadata of the digest files.',
      coverage: { beside: { digest: 4 }, missingDigests: [] },
    })
  })

  it('are found from a prefix below the account too, and from one of a copy without AWSLogs', async () => {
    await put(digestChain(HOURS))
    for (const below of ['/AWSLogs/111122223333/CloudTrail', '/AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/'])
      expect(await checked(below)).toMatchObject({ digests: 4, logFiles: 4, signatures: 4, problems: [] })
    const { logs, digests } = digestChain(HOURS)
    for (const { key, bytes } of [...logs, ...digests]) await server.put(`flat${number}/${key.split('/').at(-1)}`, bytes)
    prefix = `flat${number}`
    expect(await checked()).toMatchObject({ digests: 4, logFiles: 4, signatures: 3, problems: [] })
  })

  it('show a log file that was changed, one that is missing, one that nobody delivered, and a missing digest', async () => {
    const { logs, digests } = digestChain(HOURS)
    const [changed, missing, ...rest] = logs
    if (!changed || !missing) throw new Error('two log files')
    const added = { ...changed, key: changed.key.replace('T0830Z_abc', 'T0940Z_xyz') }
    await put({
      logs: [{ ...changed, bytes: gzipped(delivered([])) }, added, ...rest],
      digests: digests.filter((_, index) => index !== 2),
    })
    const { problems = [], coverage } = await checked()
    expect(problems.join('\n')).toContain('T0830Z_abcdefgh.json.gz was changed after CloudTrail delivered it.')
    expect(problems.join('\n')).toContain('T0930Z_abcdefgh.json.gz is missing')
    expect(problems.join('\n')).toContain('T0940Z_xyzdefgh.json.gz is named by no digest file.')
    expect(problems.join('\n')).toContain('T100000Z.json.gz is missing')
    expect(coverage?.missingDigests).toMatchObject([{ from: '2026-03-01T09:00:00Z', until: '2026-03-01T11:00:00Z' }])
  })

  it('show a chain that was rewritten with another signature', async () => {
    const { logs, digests } = digestChain(HOURS)
    const forged = digests.map((digest) => ({ ...digest, signature: `00${digest.signature.slice(2)}` }))
    await put({ logs, digests: forged })
    const { signatures, problems } = await checked()
    expect({ signatures, problems: problems?.length }).toEqual({ signatures: 0, problems: 4 })
  })

  it('are verified by what the next digest names where the metadata was lost in a copy', async () => {
    await put(digestChain(HOURS), { isSigned: false })
    expect(await checked()).toMatchObject({ signatures: 3, problems: [] })
  })

  it('are compared within the time that was asked for', async () => {
    await put(digestChain(HOURS))
    const { bytes = Buffer.alloc(0), key = '' } = digestChain(['08']).logs[0] ?? {}
    await server.put(`${prefix}/${key.replaceAll('2026/03/01', '2026/03/20').replace('20260301', '20260320')}`, bytes)
    expect(await checked('', '2026-03-19T00:00:00Z')).toMatchObject({ events: 1, digests: 0, problems: [] })
  })

  it('are named where they could not be read, and nothing is accused for it', async () => {
    await put(digestChain(HOURS))
    server.refuse = ({ path }) =>
      /Digest.*T100000Z/.test(path) ? { status: 403, code: 'AccessDenied', message: 'no' } : undefined
    expect((await checked()).problems).toEqual([
      expect.stringContaining('T100000Z.json.gz cannot be read: s3:GetObject is denied.'),
    ])
  })

  it('are compared in a file, too, that is larger than what is held in memory', async () => {
    const { logs, digests } = digestChain(HOURS)
    const [large, ...rest] = logs
    if (!large) throw new Error('a log file')
    await put({ logs: rest, digests })
    await putInParts(`${server.endpoint}/${BUCKET}/${prefix}/${large.key}`, withLongName(large.bytes))
    expect(await checked()).toMatchObject({ events: 4, logFiles: 4, signatures: 4, problems: [] })
  })
})

/** The same gzip file, whose header holds a name of 33 MB. */
const withLongName = (gzip: Buffer): Buffer => {
  const header = Buffer.from(gzip.subarray(0, 10))
  header[3] = 8
  return Buffer.concat([header, Buffer.alloc(33 * 2 ** 20, 'x'), Buffer.from([0]), gzip.subarray(10)])
}

const PART = 10 * 2 ** 20

/** The server takes no more than 11 MB at once. */
const putInParts = async (url: string, bytes: Buffer): Promise<void> => {
  const begun = await (await fetch(`${url}?uploads`, { method: 'POST' })).text()
  const id = /<UploadId>(.*?)</.exec(begun)?.[1]
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += PART) {
    const number = parts.length + 1
    const query = `partNumber=${number}&uploadId=${id}`
    const { headers } = await fetch(`${url}?${query}`, { method: 'PUT', body: new Uint8Array(bytes.subarray(at, at + PART)) })
    parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${headers.get('etag')}</ETag></Part>`)
  }
  const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`
  const { ok } = await fetch(`${url}?uploadId=${id}`, { method: 'POST', body })
  if (!ok) throw new Error('the upload was refused')
}
