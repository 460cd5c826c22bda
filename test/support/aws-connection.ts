import { HttpResponse } from '@smithy/core/protocols'
import type { AwsClock } from '../../src/aws/clock.ts'
import { type ClientConfig, openClients } from '../../src/aws/open-clients.ts'
import { createWriteGate } from '../../src/aws/read-only.ts'
import type { RecordedCall } from '../../src/aws/recorder.ts'
import { DATE, noonClock } from './noon.ts'

/** What a service answers; a function throws or waits instead. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export type Answering = (sent: number) => Answer | Promise<Answer>

/** An answer of AWS: with a request id and a date. */
export const fromAws = (body: string, status = 200, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { 'x-amzn-requestid': 'request-1', date: DATE, ...headers },
  body,
})

/** An error as IAM and STS write it. */
export const queryError = (Code: string, status: number, message = 'no'): Answer =>
  fromAws(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${Code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    status,
  )

/** An error as EC2 writes it. */
export const ec2Error = (Code: string, status: number): Answer =>
  fromAws(`<Response><Errors><Error><Code>${Code}</Code><Message>no</Message></Error></Errors></Response>`, status)

/** An error as the services that speak JSON write it. */
export const jsonError = (code: string, status: number): Answer =>
  fromAws(JSON.stringify({ message: 'no' }), status, { 'x-amzn-errortype': code })

/** An error of the way to AWS, as Node makes it. */
export const networkError = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code })

interface SentRequest {
  readonly path: string
  readonly body?: string | Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

const textOf = ({ body = '' }: SentRequest): string => (typeof body === 'string' ? body : new TextDecoder().decode(body))

/** The real clients on a wire that answers as it is told; `sent` counts what left them. */
export const configAnswering = (answering: Answering, clock: AwsClock = noonClock(), signal = new AbortController().signal) => {
  const sent: { readonly path: string; readonly body: string; readonly userAgent: string; readonly signedAt: string }[] = []
  const recorded: RecordedCall[] = []
  const writeGate = createWriteGate()
  const handle = async (request: SentRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) => {
    abortSignal?.throwIfAborted()
    const { 'user-agent': userAgent = '', 'x-amz-date': signedAt = '' } = request.headers
    sent.push({ path: request.path, body: textOf(request), userAgent, signedAt })
    const { status = 200, headers = {}, body = '' } = await answering(sent.length)
    return { response: new HttpResponse({ statusCode: status, headers: { ...headers }, body: Buffer.from(body) }) }
  }
  const config: ClientConfig = {
    credentials: { accessKeyId: 'ASIAEXAMPLEEXAMPLE00', secretAccessKey: 'x', sessionToken: 'x' },
    requestHandler: { metadata: { handlerProtocol: 'http/1.1' }, destroy: () => {}, handle },
    clock,
    writeGate,
    onCall: (call) => void recorded.push(call),
    signal,
    version: '0.0.0',
  }
  const aws = openClients(config)
  return { aws: aws('us-east-1'), clients: aws, config, writeGate, clock, sent, recorded }
}
