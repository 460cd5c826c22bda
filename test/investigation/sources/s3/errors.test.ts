import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { questionOf } from '../../../../src/investigation/question.ts'
import { askedOf, BUCKET, type BucketServer, KEY, logFile, logKey, readLogs, record, startBucketServer } from './bucket-server.ts'

let server: BucketServer
beforeAll(async () => {
  server = await startBucketServer()
  for (let minute = 10; minute < 60; minute += 1) {
    const time = `2026-11-22T10:${minute}:00`
    await server.put(`good/${logKey(time)}`, logFile(record(`event-${minute}`, `${time}Z`)))
  }
})
afterAll(() => server.close())
beforeEach(() => {
  server.requests.length = 0
  server.refuse = () => undefined
})

const asked = askedOf({ questions: [questionOf({ kind: 'access-key-id', value: KEY }, { baselineDays: 0 })] })

const read = async (prefix = 'good', options: Parameters<typeof readLogs>[2] = {}) => {
  const reading = readLogs(server, asked, { address: `s3://${BUCKET}/${prefix}`, ...options })
  const { states, report } = await reading.answer()
  return { events: states.get(`access-key-id ${KEY}`)?.state.counter.ids.size, report }
}

const isGet = ({ query }: { query: string }): boolean => query.includes('x-id=GetObject')

const first = logKey('2026-11-22T10:10:00')
const isFirst = ({ path }: { path: string }): boolean => path.endsWith(first)

describe('a bucket that cannot be listed', () => {
  it('is a usage error when it does not exist', async () => {
    await expect(read('', { address: 's3://no-such-bucket/logs' })).rejects.toMatchObject({
      kind: 'usage',
      what: 'there is no bucket no-such-bucket',
    })
  })

  it('names the permission that is missing and its resource', async () => {
    server.refuse = ({ query }) => (query.includes('list-type') ? { status: 403, code: 'AccessDenied' } : undefined)
    await expect(read()).rejects.toMatchObject({
      kind: 'identity',
      what: `could not list s3://${BUCKET}/good`,
      why: 's3:ListBucket is denied',
      remedy: expect.stringContaining(`s3:ListBucket on arn:aws:s3:::${BUCKET}`),
    })
  })

  it.each(['InvalidAccessKeyId', 'ExpiredToken'])('names the error of AWS when it refuses the credentials: %s', async (code) => {
    server.refuse = () => ({ status: 403, code })
    await expect(read()).rejects.toMatchObject({ what: `could not list s3://${BUCKET}/good`, why: expect.stringContaining(code) })
  })
})

describe('a bucket in another Region', () => {
  const headers = { 'x-amz-bucket-region': 'eu-west-3' }

  it.each([
    ['a redirect', { status: 301, code: 'PermanentRedirect', headers }],
    ['a signature error', { status: 400, code: 'AuthorizationHeaderMalformed', more: '<Region>eu-west-3</Region>' }],
  ])('is read there, after one answer that is %s', async (_, refusal) => {
    server.refuse = ({ region }) => (region === 'eu-west-3' ? undefined : refusal)
    expect((await read()).events).toBe(50)
    expect(server.requests.filter(({ region }) => region === 'us-east-1')).toHaveLength(1)
  })
})

describe('an object that cannot be read', () => {
  const whyOf = async (refuse: BucketServer['refuse']) => {
    server.refuse = (request) => (isGet(request) && isFirst(request) ? refuse(request) : undefined)
    const { events, report } = await read()
    expect(events).toBe(49)
    expect(report.badFiles.map(({ path }) => path)).toEqual([`s3://${BUCKET}/good/${first}`])
    return { why: report.badFiles[0]?.why, incomplete: report.incomplete }
  }

  it('is a bad file when it was deleted meanwhile', async () => {
    const { why } = await whyOf(() => ({ status: 404, code: 'NoSuchKey' }))
    expect(why).toBe('It was deleted while ir-cred read the bucket.')
  })

  it('is a bad file when s3:GetObject is denied, with the permission to allow', async () => {
    const { why, incomplete } = await whyOf(() => ({ status: 403, code: 'AccessDenied', message: 'Access Denied' }))
    expect(why).toBe('s3:GetObject is denied.')
    expect(incomplete).toEqual([
      `1 log files could not be read: s3:GetObject is denied; allow the responder s3:GetObject on arn:aws:s3:::${BUCKET}/good*`,
    ])
  })

  it('is a bad file when kms:Decrypt is denied, with the permission to allow', async () => {
    const message = 'User: arn:aws:sts::1:assumed-role/ir/me is not authorized to perform: kms:Decrypt on the resource'
    const { why, incomplete } = await whyOf(() => ({ status: 403, code: 'AccessDenied', message }))
    expect(why).toBe('kms:Decrypt is denied on its KMS key.')
    expect(incomplete[0]).toContain('allow the responder kms:Decrypt on the KMS key of the trail')
  })

  it.each([
    [{ status: 400, code: 'KMS.DisabledException' }, 'Its KMS key cannot be used: KMS.DisabledException.'],
    [{ status: 403, code: 'InvalidObjectState' }, 'It is archived. Restore it before you read it.'],
  ])('is a bad file after the error %o', async (refusal, why) => {
    expect((await whyOf(() => refusal)).why).toBe(why)
  })

  it('is a bad file when three downloads end early', async () => {
    let attempts = 0
    const { why } = await whyOf(() => {
      attempts += 1
      return 'cut off'
    })
    expect(why).toBe('The download ended early.')
    expect(attempts).toBe(3)
  })

  it('is read when a later attempt succeeds', async () => {
    let asked = 0
    server.refuse = (request) => {
      if (!isGet(request) || !isFirst(request)) return undefined
      asked += 1
      return asked === 1 ? 'cut off' : asked === 2 ? { status: 503, code: 'SlowDown' } : undefined
    }
    const { events, report } = await read()
    expect([events, report.badFiles]).toEqual([50, []])
  })
})

describe('objects that are all refused', () => {
  it('end the reading, with the permission to allow', async () => {
    server.refuse = (request) => (isGet(request) ? { status: 403, code: 'AccessDenied' } : undefined)
    await expect(read('good', { inFlight: { items: 4, bytes: 1e6 } })).rejects.toMatchObject({
      kind: 'identity',
      what: `none of the first 20 log files in s3://${BUCKET}/good could be read`,
      remedy: expect.stringContaining('s3:GetObject'),
    })
    expect(server.requests.filter(isGet).length).toBeLessThan(25)
  })
})

describe('damaged objects', () => {
  it('are bad files, and the events that can be read count', async () => {
    const whole = logFile(
      ...Array.from({ length: 400 }, (_, index) =>
        record(`bad-${index}`, '2026-11-22T10:00:00Z', { requestID: `${index * 7919}` }),
      ),
    )
    const put = (minute: number, body: string | Uint8Array) => server.put(`bad/${logKey(`2026-11-22T10:${minute}:00`)}`, body)
    await put(10, whole.subarray(0, whole.length - 400))
    await put(11, 'this is no log')
    await put(12, Buffer.concat([whole.subarray(0, 200), Buffer.alloc(200, 7)]))
    await put(13, gzipSync(''))
    await put(14, JSON.stringify({ Records: [record('bad-plain', '2026-11-22T10:00:00Z')] }))
    const { events = 0, report } = await read('bad')
    expect(events).toBeGreaterThan(100)
    expect(report.badFiles.map(({ why }) => why)).toEqual([
      expect.stringMatching(/^Its gzip data is truncated\. \d+ events in it were read\.$/),
      'It is neither gzip nor JSON.',
      expect.stringMatching(/^Its gzip data is damaged/),
      'It is empty.',
    ])
    expect(report.files).toBe(5)
  })
})

describe('an interrupted reading', () => {
  it('ends with the reason, and sends no more requests', async () => {
    const reading = readLogs(server, asked, { address: `s3://${BUCKET}/good`, inFlight: { items: 1, bytes: 1 } })
    server.refuse = (request) => {
      if (isGet(request)) reading.controller.abort(new Error('Ctrl-C'))
      return undefined
    }
    await expect(reading.answer()).rejects.toThrow('Ctrl-C')
    expect(server.requests.filter(isGet)).toHaveLength(1)
  })
})
