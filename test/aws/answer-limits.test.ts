import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { GetRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ANSWER_LIMITS } from '../../src/aws/answer-limits.ts'
import { realPassing } from '../../src/aws/clock.ts'
import { failureOf, unreadReason } from '../../src/aws/failure.ts'
import { type ClientConfig, openClients, openS3 } from '../../src/aws/open-clients.ts'
import { createWriteGate } from '../../src/aws/read-only.ts'
import { sendOnce } from '../../src/aws/send-once.ts'
import { noonClock } from '../support/noon.ts'

const LIMITS = { ...ANSWER_LIMITS, attempt: 0.3, call: 0.5 }
const HEAD = { 'x-amzn-requestid': 'r', 'content-type': 'text/xml' }
const MEGABYTE = Buffer.alloc(2 ** 20, ' ')

/** A service over a real socket that does this with each request; counts requests, and megabytes that were taken from it. */
const serving = async (does: (response: ServerResponse) => void) => {
  const counts = { requests: 0 }
  const server = createServer((request, response) => {
    counts.requests += 1
    request.resume()
    does(response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const writeGate = createWriteGate()
  const config: ClientConfig = {
    credentials: { accessKeyId: 'ASIAEXAMPLEEXAMPLE00', secretAccessKey: 'x' },
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ clock: noonClock(), writeGate, onCall: () => {}, version: '0.0.0', answerLimits: LIMITS },
    signal: new AbortController().signal,
  }
  return { counts, writeGate, config, iam: openClients(config)('us-east-1').iam }
}

/** The Failure of a read of this service, and after how many seconds. */
const readFrom = async (does: (response: ServerResponse) => void) => {
  const { iam, counts } = await serving(does)
  const since = realPassing.elapsed()
  const error = await iam.send(new GetRoleCommand({ RoleName: 'web-app' })).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  const { kind, why = '' } = failureOf(error, 'read the role')
  return { kind, why, counts, reason: unreadReason(error), seconds: (realPassing.elapsed() - since) / 1000 }
}

const drips = (response: ServerResponse) => {
  response.writeHead(200, HEAD)
  const drop = setInterval(() => response.write(' '), 50)
  response.on('close', () => clearInterval(drop))
}

/** Megabyte after megabyte, for as long as somebody takes them. */
const endless = (status: number) => (response: ServerResponse) => {
  response.writeHead(status, HEAD)
  const more = () => {
    while (!response.destroyed && response.write(MEGABYTE));
  }
  response.on('drain', more)
  more()
}

const whole =
  (status: number, body: string | Buffer, headers: object = HEAD) =>
  (response: ServerResponse) => {
    response.writeHead(status, { ...headers })
    response.end(body)
  }

describe('a read ends within its time', () => {
  it.each([
    ['an answer that comes byte by byte', drips],
    ['a service that says nothing', () => {}],
    ['headers, and nothing after them', (response: ServerResponse) => void response.writeHead(200, HEAD).flushHeaders()],
  ])('after %s', async (_, does) => {
    const { kind, why, reason, seconds, counts } = await readFrom(does)
    expect(kind).toBe('unavailable')
    expect(why).toMatch(/^SlowAnswer: the answer to iam:GetRole did not come to its end within/)
    expect(reason).toBe('gets no answer')
    expect(counts.requests).toBeLessThanOrEqual(3)
    expect(seconds).toBeLessThan(8)
  })
})

describe('an answer that is too large', () => {
  it.each([
    ['an endless answer', endless(200), '(HTTP 200, text/xml) is larger than 32768 KB'],
    ['an endless error', endless(500), '(HTTP 500, text/xml) is larger than 256 KB'],
    ['an error of 50 MB', whole(400, Buffer.alloc(50 * 2 ** 20, 'x')), '(HTTP 400, text/xml) is larger than 256 KB'],
  ])('is not read to its end: %s', async (_, does, why) => {
    const read = await readFrom(does)
    expect(read.kind).toBe('unavailable')
    // A machine that is busy may need longer for 32 MB than this test gives it.
    expect(read.why).toMatch(new RegExp(`${why.replace(/[()]/g, '\\$&')}|did not come to its end`))
  })
})

describe('an answer that says nothing', () => {
  it.each([
    ['a page of a proxy', whole(200, '<html>Sign in</html>', { 'content-type': 'text/html' }), 'carries no AWS request id'],
    ['garbage', whole(200, '\u0000\u0001<<<', HEAD), 'cannot be read'],
    ['nothing', whole(200, '', { 'content-type': 'text/xml' }), 'carries no AWS request id'],
    ['a server error after every attempt', whole(503, '', HEAD), ''],
  ])('is a failure that says so: %s', async (_, does, why) => {
    const read = await readFrom(does)
    expect(read.kind).toBe('unavailable')
    expect(read.why).toContain(why)
  })
})

describe('a write without a whole answer', () => {
  it.each([
    ['comes byte by byte', drips],
    ['is silence', () => {}],
    ['has no end', endless(200)],
    ['is an error without an end', endless(400)],
  ])('was sent once and is unknown where the answer %s', async (_, does) => {
    const { iam, writeGate, counts } = await serving(does)
    const put = new PutRolePolicyCommand({ RoleName: 'web-app', PolicyName: 'p', PolicyDocument: '{}' })
    const { sending } = await sendOnce(iam, put, {
      writeGate,
      abortSignal: new AbortController().signal,
      journalHead: '0123456789abcdef',
    })
    expect(sending).toMatchObject({ outcome: 'unknown', why: expect.stringContaining('the answer to iam:PutRolePolicy') })
    expect(counts.requests).toBe(1)
  })
})

describe('an answer without a request id, of an endpoint that the responder named', () => {
  const ns = 'https://iam.amazonaws.com/doc/2010-05-08/'
  const roleXml = `<GetRoleResponse xmlns="${ns}"><GetRoleResult><Role><RoleName>web-app</RoleName></Role></GetRoleResult></GetRoleResponse>`

  it('is believed of a read, because fakes of AWS give none; not where the client asks AWS itself', async () => {
    const { iam, config } = await serving(whole(200, roleXml, { 'content-type': 'text/xml' }))
    const read = new GetRoleCommand({ RoleName: 'web-app' })
    expect((await iam.send(read)).Role?.RoleName).toBe('web-app')
    const { endpoint, ...atAws } = config
    const elsewhere = openClients({ ...atAws, requestHandler: proxyTo(endpoint ?? '') })('us-east-1').iam
    await expect(elsewhere.send(read)).rejects.toThrow('carries no AWS request id')
  })

  it('leaves a write unknown until it is read back', async () => {
    const xml = `<PutRolePolicyResponse xmlns="${ns}"><ResponseMetadata/></PutRolePolicyResponse>`
    const { iam, writeGate } = await serving(whole(200, xml, { 'content-type': 'text/xml' }))
    const put = new PutRolePolicyCommand({ RoleName: 'web-app', PolicyName: 'p', PolicyDocument: '{}' })
    const abortSignal = new AbortController().signal
    const { sending } = await sendOnce(iam, put, { writeGate, abortSignal, journalHead: '0123456789abcdef' })
    expect(sending.outcome).toBe('unknown')
  })
})

/** A transport that answers AWS's own host from elsewhere, as a proxy does. */
const proxyTo = (endpoint: string) => ({
  handle: async () => {
    const answer = await fetch(endpoint, { method: 'POST' })
    const body = Buffer.from(await answer.arrayBuffer())
    return { response: { statusCode: answer.status, headers: Object.fromEntries(answer.headers), body: Readable.from([body]) } }
  },
})

it('a download may take longer than another answer, and may be larger', async () => {
  const { config } = await serving((response) => {
    response.writeHead(200, { 'x-amz-request-id': 'r' })
    response.write(MEGABYTE)
    setTimeout(() => response.end(MEGABYTE), 700)
  })
  const s3 = await openS3('us-east-1', config)
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'logs', Key: 'one' }))
  expect((await Body?.transformToByteArray())?.byteLength).toBe(2 * MEGABYTE.byteLength)
})
