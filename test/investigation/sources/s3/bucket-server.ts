import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { buildApp } from 'fauxqs'
import { createAwsClock, realPassing } from '../../../../src/aws/clock.ts'
import { openS3 } from '../../../../src/aws/open-clients.ts'
import { createWriteGate } from '../../../../src/aws/read-only.ts'
import type { RecordedCall } from '../../../../src/aws/recorder.ts'
import { type ActivityState, activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import type { ReadHooks, ReadRequest, SourceProgress } from '../../../../src/investigation/source.ts'
import { type S3LogsOptions, s3Logs } from '../../../../src/investigation/sources/s3.ts'

/** An error that the server answers with. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly more?: string
}

export interface S3Request {
  readonly method: string
  /** Starts with the bucket. */
  readonly path: string
  readonly query: string
  /** The Region in the signature. */
  readonly region: string
}

export interface BucketServer {
  readonly endpoint: string
  /** Every request, in order. */
  readonly requests: S3Request[]
  /** CallIdentity with each request; undefined lets it through. */
  refuse: (request: S3Request) => Refusal | 'cut off' | undefined
  put(
    key: string,
    body: string | Uint8Array,
    more?: { bucket?: string; metadata?: Readonly<Record<string, string>> },
  ): Promise<void>
  close(): Promise<void>
}

export const BUCKET = 'trail-logs'

const xml = ({ code, message = 'no', more = '' }: Refusal): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`

/** An S3-compatible server, the package fauxqs, with one bucket. */
export const startBucketServer = async (): Promise<BucketServer> => {
  const app = buildApp({ logger: false })
  const requests: S3Request[] = []
  app.addHook('onRequest', (request, reply, done) => {
    const [path = '', query = ''] = request.url.split('?')
    const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1]
    if (region === undefined) return done()
    const received = { method: request.method, path: decodeURIComponent(path), query: decodeURIComponent(query), region }
    requests.push(received)
    const refusal = server.refuse(received)
    if (refusal === undefined) return done()
    if (refusal === 'cut off') {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-length': '5000', 'x-amz-request-id': 'cut' })
      reply.raw.write('some bytes')
      setTimeout(() => reply.raw.destroy(), 10)
      return
    }
    void reply
      .code(refusal.status)
      .headers({ ...refusal.headers, 'content-type': 'application/xml' })
      .send(xml(refusal))
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const send = async (method: 'PUT', path: string, payload?: Buffer, headers: Record<string, string> = {}): Promise<void> => {
    const { statusCode } = await app.inject({ method, url: `/${path}`, headers, ...(payload ? { payload } : {}) })
    if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode}`)
  }
  const server: BucketServer = {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    refuse: () => undefined,
    put: (key, body, { bucket = BUCKET, metadata = {} } = {}) => {
      const headers = Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])
      return send('PUT', `${bucket}/${key}`, Buffer.from(body), Object.fromEntries(headers))
    },
    close: () => app.close(),
  }
  await send('PUT', BUCKET)
  return server
}

export const ACCOUNT = '111122223333'
export const KEY = 'ASIAEXAMPLEEXAMPLE01'

/** A CloudTrail record of a call by the key. */
export const record = (eventID: string, eventTime: string, more: Readonly<Record<string, unknown>> = {}) => ({
  eventVersion: '1.09',
  userIdentity: {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLEEXAMPLE00:i-0123456789abcdef0',
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/web-app/i-0123456789abcdef0`,
    accountId: ACCOUNT,
    accessKeyId: KEY,
    sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${ACCOUNT}:role/web-app`, userName: 'web-app' } },
  },
  ...{ eventTime, eventSource: 'ec2.amazonaws.com', eventName: 'DescribeInstances', awsRegion: 'eu-central-1' },
  ...{ sourceIPAddress: '203.0.113.7', userAgent: 'test', eventID, readOnly: true, managementEvent: true },
  ...more,
})

export const logFile = (...records: readonly unknown[]): Buffer => gzipSync(JSON.stringify({ Records: records }))

/** The object key of a log file that was delivered at the time. */
export const logKey = (
  time: string,
  { region = 'eu-central-1', account = ACCOUNT, organization = '', name = '0123456789abcdef' } = {},
) => {
  const [day = '', clock = ''] = time.split('T')
  const stamp = `${day.replaceAll('-', '')}T${clock.slice(0, 5).replace(':', '')}Z`
  const folder = `AWSLogs/${organization}${account}/CloudTrail/${region}/${day.replaceAll('-', '/')}`
  return `${folder}/${account}_CloudTrail_${region}_${stamp}_${name}.json.gz`
}

export const askedOf = (asked: Partial<ReadRequest> & Pick<ReadRequest, 'questions'>): ReadRequest => ({
  followChainedSessions: false,
  range: {},
  ...asked,
})

/** Reads the server's bucket as ir-cred does, with its S3 client over HTTP. */
export const readLogs = (server: BucketServer, asked: ReadRequest, options: Partial<S3LogsOptions<ActivityState>> = {}) => {
  const progress: SourceProgress[] = []
  const calls: RecordedCall[] = []
  const controller = new AbortController()
  const clock = createAwsClock(realPassing)
  const config = {
    credentials: { accessKeyId: 'ASIAEXAMPLEEXAMPLE00', secretAccessKey: 'x', sessionToken: 'x' },
    ...{ endpoint: server.endpoint, clock, writeGate: createWriteGate(), version: '0' },
    ...{ onCall: (call: RecordedCall) => void calls.push(call), signal: controller.signal },
  }
  const source = s3Logs({
    ...{ address: `s3://${BUCKET}`, region: 'us-east-1', s3: (region) => openS3(region, config), clock, make: activityFold },
    ...options,
  })
  const reading: ReadHooks<ActivityState> = { signal: controller.signal, progress: (update) => void progress.push(update) }
  return { source, answer: () => source.read(asked, reading), progress, calls, controller, name: source.name }
}
