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
  it('that is not there is a mistake of the address', async () => {
    await expect(read('', { address: 's3://no-such-bucket/logs' })).rejects.toMatchObject({
      kind: 'usage',
      what: 'there is no bucket no-such-bucket',
    })
  })

  it('says which permission is missing, and on what', async () => {
    server.refuse = ({ query }) => (query.includes('list-type') ? { status: 403, code: 'AccessDenied' } : undefined)
    await expect(read()).rejects.toMatchObject({
      kind: 'identity',
      what: `could not list s3://${BUCKET}/good`,
      why: 's3:ListBucket is denied',
      remedy: expect.stringContaining(`s3:ListBucket on arn:aws:s3:::${BUCKET}`),
    })
  })

  it.each(['InvalidAccessKeyId', 'ExpiredToken'])('with credentials that AWS does not take (%s) says so', async (code) => {
    server.refuse = () => ({ status: 403, code })
    await expect(read()).rejects.toMatchObject({ what: `could not list s3://${BUCKET}/good`, why: expect.stringContaining(code) })
  })
})

describe('a bucket in another Region', () => {
  const headers = { 'x-amz-bucket-region': 'eu-west-3' }

  it.each([
    ['a redirect', { status: 301, code: 'PermanentRedirect', headers }],
    [
      'a complaint about the signature',
      { status: 400, code: 'AuthorizationHeaderMalformed', more: '<Region>eu-west-3</Region>' },
    ],
  ])('is read there, after one answer that is %s', async (_, refusal) => {
    server.refuse = ({ region }) => (region === 'eu-west-3' ? undefined : refusal)
    expect((await read()).events).toBe(50)
    expect(server.requests.filter(({ region }) => region === 'us-east-1')).toHaveLength(1)
  })
})

describe('a file that cannot be read', () => {
  const whyOf = async (refuse: BucketServer['refuse']) => {
    server.refuse = (asking) => (isGet(asking) && isFirst(asking) ? refuse(asking) : undefined)
    const { events, report } = await read()
    expect(events).toBe(49)
    expect(report.badFiles.map(({ path }) => path)).toEqual([`s3://${BUCKET}/good/${first}`])
    return { why: report.badFiles[0]?.why, incomplete: report.incomplete }
  }

  it('because it was deleted meanwhile is named', async () => {
    const { why } = await whyOf(() => ({ status: 404, code: 'NoSuchKey' }))
    expect(why).toBe('It was deleted while the bucket was read.')
  })

  it('because reading it is denied is named, with what to allow', async () => {
    const { why, incomplete } = await whyOf(() => ({ status: 403, code: 'AccessDenied', message: 'Access Denied' }))
    expect(why).toBe('Reading it is denied: s3:GetObject.')
    expect(incomplete).toEqual([
      `1 log files could not be read: s3:GetObject is denied; allow the responder s3:GetObject on arn:aws:s3:::${BUCKET}/good*`,
    ])
  })

  it('because its key may not be used is named, with what to allow', async () => {
    const message = 'User: arn:aws:sts::1:assumed-role/ir/me is not authorized to perform: kms:Decrypt on the resource'
    const { why, incomplete } = await whyOf(() => ({ status: 403, code: 'AccessDenied', message }))
    expect(why).toBe('Its KMS key lets you decrypt nothing: kms:Decrypt is denied.')
    expect(incomplete[0]).toContain('allow the responder kms:Decrypt on the key with which the trail encrypts')
  })

  it.each([
    [{ status: 400, code: 'KMS.DisabledException' }, 'Its KMS key cannot be used: KMS.DisabledException.'],
    [{ status: 403, code: 'InvalidObjectState' }, 'It is archived, and has to be restored before it can be read.'],
  ])('because of %o is named', async (refusal, why) => {
    expect((await whyOf(() => refusal)).why).toBe(why)
  })

  it('because its download breaks off is fetched again, and then named', async () => {
    let attempts = 0
    const { why } = await whyOf(() => {
      attempts += 1
      return 'cut off'
    })
    expect(why).toBe('Its download was cut off.')
    expect(attempts).toBe(3)
  })

  it('at first, because of a busy server or a broken connection, is read at last', async () => {
    let asked = 0
    server.refuse = (asking) => {
      if (!isGet(asking) || !isFirst(asking)) return undefined
      asked += 1
      return asked === 1 ? 'cut off' : asked === 2 ? { status: 503, code: 'SlowDown' } : undefined
    }
    const { events, report } = await read()
    expect([events, report.badFiles]).toEqual([50, []])
  })
})

describe('files none of which can be read', () => {
  it('end the reading, with what to allow', async () => {
    server.refuse = (asking) => (isGet(asking) ? { status: 403, code: 'AccessDenied' } : undefined)
    await expect(read('good', { room: { items: 4, bytes: 1e6 } })).rejects.toMatchObject({
      kind: 'identity',
      what: `none of the first 20 log files in s3://${BUCKET}/good could be read`,
      remedy: expect.stringContaining('s3:GetObject'),
    })
    expect(server.requests.filter(isGet).length).toBeLessThan(25)
  })
})

describe('bad files', () => {
  it('are named, and what they still show is counted', async () => {
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
      expect.stringMatching(/^Its gzip data breaks off\. The \d+ events that it still shows were read\.$/),
      'It is neither gzip nor JSON.',
      expect.stringMatching(/^Its gzip data is damaged/),
      'It is empty.',
    ])
    expect(report.files).toBe(5)
  })
})

describe('an interrupted reading', () => {
  it('ends with the reason, and asks for nothing more', async () => {
    const reading = readLogs(server, asked, { address: `s3://${BUCKET}/good`, room: { items: 1, bytes: 1 } })
    server.refuse = (asking) => {
      if (isGet(asking)) reading.controller.abort(new Error('Ctrl-C'))
      return undefined
    }
    await expect(reading.answer()).rejects.toThrow('Ctrl-C')
    expect(server.requests.filter(isGet)).toHaveLength(1)
  })
})
