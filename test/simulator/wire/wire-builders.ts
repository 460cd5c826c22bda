import type { Call, ServiceName } from '../../../src/simulator/call.ts'
import { createDispatcher, type DispatcherOptions } from '../../../src/simulator/wire/dispatch.ts'
import type { Dispatch, WireRequest, WireResponse } from '../../../src/simulator/wire/message.ts'
import type { Secret } from '../../../src/simulator/wire/signature.ts'

/** Made up, like every key in these tests. */
export const CREDENTIALS = {
  accessKeyId: 'ASIAEXAMPLEWIRE00001',
  secretAccessKey: 'made-up-secret-of-the-wire-tests',
  sessionToken: 'made-up/token+of=tests',
}

export const secretOf = (accessKeyId: string): Secret | undefined =>
  accessKeyId === CREDENTIALS.accessKeyId ? CREDENTIALS : undefined

/** The virtual time of these tests, in milliseconds since the epoch. */
export const NOON = Date.UTC(2026, 2, 1, 12)

export interface Recorded {
  readonly dispatch: Dispatch
  /** Every call that reached the account, oldest first. */
  readonly calls: Call[]
}

/** A dispatcher that keeps the calls it passes on and answers them with `output`. */
export const recordingDispatcher = (output: object = {}, options: Partial<DispatcherOptions> = {}): Recorded => {
  const calls: Call[] = []
  const answer = async (call: Call): Promise<object> => {
    calls.push(call)
    return output
  }
  return { calls, dispatch: createDispatcher({ answer, now: () => NOON, ...options }) }
}

/** A request as a client of the service would start it, with a credential scope and no valid signature. */
export const requestFor = (service: ServiceName | string, changes: Partial<WireRequest> = {}): WireRequest => ({
  method: 'POST',
  path: '/',
  query: [],
  body: Buffer.from(''),
  sourceIp: '198.51.100.7',
  ...changes,
  headers: {
    host: `${service}.us-east-1.amazonaws.com`,
    authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIALS.accessKeyId}/20260301/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
    ...changes.headers,
  },
})

export const form = (text: string): Partial<WireRequest> => ({ body: Buffer.from(text) })

export const target = (operation: string, body: string): Partial<WireRequest> => ({
  headers: { 'x-amz-target': `AmazonSSM.${operation}`, 'content-type': 'application/x-amz-json-1.1' },
  body: Buffer.from(body),
})

/** Status and error code of a response, in whichever protocol it is written. */
export const refusalIn = ({ status, headers, body }: WireResponse): readonly [number, string | undefined] => [
  status,
  headers['x-amzn-errortype'] ?? /<Code>([^<]*)<\/Code>/.exec(body)?.[1],
]
