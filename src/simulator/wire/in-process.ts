import { type HttpHandler, type HttpRequest, HttpResponse } from '@smithy/core/protocols'
import type { Dispatch, Fault, WireRequest, WireResponse } from './message.ts'

export interface InProcessOptions {
  /** Where the calls of this client come from, as CloudTrail will record it. */
  readonly sourceIp?: string
  readonly fault?: Fault
}

const queryOf = ({ query }: HttpRequest): WireRequest['query'] =>
  Object.entries(query ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? '']).map((item): readonly [string, string] => [name, item]),
  )

const bodyOf = (body: unknown): Uint8Array => {
  if (body === undefined || body === null) return new Uint8Array()
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (typeof body === 'string') return Buffer.from(body, 'utf8')
  throw new TypeError('The simulated account takes whole bodies, not streams')
}

const wireRequest = (request: HttpRequest, sourceIp: string): WireRequest => ({
  method: request.method,
  path: request.path,
  query: queryOf(request),
  headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])),
  body: bodyOf(request.body),
  sourceIp,
})

const abortError = (): Error => Object.assign(new Error('Request aborted'), { name: 'AbortError' })

interface Abortable {
  readonly aborted: boolean
  addEventListener?: (type: 'abort', listener: () => void, options?: { once: boolean }) => void
  removeEventListener?: (type: 'abort', listener: () => void) => void
}

/** The answer, unless the caller aborts first; the call itself goes on, as it would on a server. */
const unlessAborted = (answer: Promise<WireResponse>, signal: Abortable | undefined): Promise<WireResponse> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(abortError())
    const settled = (): void => signal?.removeEventListener?.('abort', abort)
    signal?.addEventListener?.('abort', abort, { once: true })
    answer.then(resolve, reject).finally(settled)
  })

/**
 * A `requestHandler` for SDK clients that reaches the simulated account without a socket. Serialization, signing, retries and
 * errors are the SDK's own. Rejects with an AbortError when the caller's signal aborts, and with whatever a fault throws.
 */
export const inProcessHandler = (dispatch: Dispatch, { sourceIp = '127.0.0.1', fault }: InProcessOptions = {}): HttpHandler => ({
  metadata: { handlerProtocol: 'http/1.1' },
  destroy: () => {},
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
  handle: async (request, { abortSignal } = {}) => {
    if (abortSignal?.aborted) throw abortError()
    const wire = wireRequest(request, sourceIp)
    const { status, headers, body } = await unlessAborted(fault ? fault(wire, dispatch) : dispatch(wire), abortSignal)
    return { response: new HttpResponse({ statusCode: status, headers: { ...headers }, body: Buffer.from(body, 'utf8') }) }
  },
})
