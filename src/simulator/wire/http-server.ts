import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { MINUTE_MS } from '../../incident/values/duration.ts'
import { type Dispatch, parseQuery, type WireRequest, type WireResponse } from './message.ts'

export interface ServeOptions {
  /** 0 takes any free port. */
  readonly port: number
}

export interface Served {
  /** Such as `http://127.0.0.1:41234`. */
  readonly endpoint: string
  /** Ends every connection, the open ones too. */
  readonly close: () => Promise<void>
}

const LARGEST_BODY = 1024 * 1024
const LOCAL_HOST = /^(127\.0\.0\.1|localhost)(:\d+)?$/i
const WHAT_THIS_IS =
  'This is a simulated AWS account, served by `ir-cred simulate`. It speaks the AWS API protocols: use it as the endpoint of the\naws CLI or an SDK (--endpoint-url), with the credentials that `ir-cred simulate` printed. Nothing here is real.\n'

const text = (status: number, body: string): WireResponse => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
})

/** The body in bytes; undefined when it is larger than anything the served operations take (it is read to its end, but not kept). */
const readBody = async (request: IncomingMessage): Promise<Uint8Array | undefined> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size <= LARGEST_BODY) chunks.push(chunk)
  }
  return size <= LARGEST_BODY ? Buffer.concat(chunks) : undefined
}

const wireRequest = (request: IncomingMessage, body: Uint8Array): WireRequest => {
  const [path = '/', ...search] = (request.url ?? '/').split('?')
  return {
    method: request.method ?? 'GET',
    path,
    query: parseQuery(search.join('?')),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body,
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
  }
}

/** A page in a browser can be made to call 127.0.0.1 by another name (DNS rebinding), so only local names are served. */
const responseTo = async (request: IncomingMessage, dispatch: Dispatch): Promise<WireResponse> => {
  if (!LOCAL_HOST.test(request.headers.host ?? '')) return text(421, 'Only 127.0.0.1 and localhost are served here.\n')
  const isSigned = request.headers.authorization !== undefined
  if (!isSigned && request.method === 'GET') return text(200, WHAT_THIS_IS)
  const body = await readBody(request)
  return body ? dispatch(wireRequest(request, body)) : text(413, 'The body is larger than 1 MB.\n')
}

const send = (response: ServerResponse, { status, headers, body }: WireResponse): void => {
  if (response.destroyed) return
  response.writeHead(status, { ...headers, 'content-length': headers['content-length'] ?? Buffer.byteLength(body) })
  response.end(body)
}

const handle = async (request: IncomingMessage, response: ServerResponse, dispatch: Dispatch): Promise<void> => {
  try {
    send(response, await responseTo(request, dispatch))
  } catch {
    // The client has gone while its body was read, or a fault lost the answer: the connection ends without one.
    response.destroy()
  }
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

/** Serves the simulated account on 127.0.0.1, and only there. Rejects when the port is taken. */
export const serve = (dispatch: Dispatch, { port }: ServeOptions): Promise<Served> =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => void handle(request, response, dispatch))
    server.keepAliveTimeout = MINUTE_MS
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      const actual = typeof address === 'object' && address ? address.port : port
      resolve({ endpoint: `http://127.0.0.1:${actual}`, close: () => close(server) })
    })
  })
