import { once } from 'node:events'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  request as sendOn,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export interface FrontSettings {
  /** A simulated account, http. */
  readonly account: string
  readonly roundTripMs: number
  /** From the arrival of a request to its answer, at least. */
  readonly serviceMs: number
  /** Without it, http. */
  readonly tls: { readonly key: string; readonly cert: string } | undefined
}

export interface FrontCall {
  readonly operation: string
  readonly status: number
  /** From the arrival of the request to its answer. */
  readonly tookMs: number
  /** When the answer has reached the caller, as performance.now() counts. */
  readonly answeredAt: number
}

export interface LatencyFront {
  readonly endpoint: string
  /** Answered so far, in order. */
  readonly calls: readonly FrontCall[]
  /** The first call that this is true of, also of those gone by. */
  call(isIt: (call: FrontCall) => boolean): Promise<FrontCall>
  close(): void
}

/** The operation as its wire protocol names it: query, JSON, or a method and path. */
const operationOf = (asked: IncomingMessage, body: string): string =>
  new URLSearchParams(body).get('Action') ??
  String(asked.headers['x-amz-target'] ?? `${asked.method} ${asked.url}`).replace(/^.*\./, '')

const bytesOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const until = (at: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())))

/** Asks the account what it is asked, and answers when the service time has passed. The Host header stays: it is signed. */
const answer = async (
  { account, serviceMs }: FrontSettings,
  asked: IncomingMessage,
  answering: ServerResponse,
): Promise<Omit<FrontCall, 'answeredAt'>> => {
  const arrived = performance.now()
  const body = await bytesOf(asked)
  const { hostname, port } = new URL(account)
  const onward = sendOn({ hostname, port, method: asked.method, path: asked.url, headers: asked.headers })
  onward.end(body)
  const given = await new Promise<IncomingMessage>((resolve, reject) => onward.on('response', resolve).on('error', reject))
  const content = await bytesOf(given)
  await until(arrived + serviceMs)
  const status = given.statusCode ?? 0
  const { connection: _, 'transfer-encoding': __, ...headers } = given.headers
  answering.writeHead(status, { ...headers, 'content-length': content.length }).end(content)
  return { operation: operationOf(asked, body.toString()), status, tookMs: performance.now() - arrived }
}

/** Hands bytes on, in order, half a round trip later. */
const handOn = (from: Socket, to: Socket, halfMs: number, openAt: number): void => {
  let last = 0
  const later = (what: () => void): void => {
    last = Math.max(last, Math.max(performance.now(), openAt) + halfMs)
    setTimeout(what, last - performance.now())
  }
  from.on('data', (bytes) => later(() => to.writable && to.write(bytes)))
  from.on('end', () => later(() => to.end()))
  from.on('error', () => to.destroy())
  from.on('close', () => later(() => to.destroy()))
}

const listening = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A wire of that length: opening a connection takes a round trip too, which is taken from its first bytes. */
const wireTo = (port: number, roundTripMs: number, open: Set<Socket>): Server =>
  createServer({ noDelay: true }, (client) => {
    const service = connect({ port, host: '127.0.0.1', noDelay: true })
    for (const socket of [client, service]) open.add(socket.on('close', () => open.delete(socket)))
    handOn(client, service, roundTripMs / 2, performance.now() + roundTripMs)
    handOn(service, client, roundTripMs / 2, 0)
  })

/** A simulated account as far away as AWS is: round trips, service time, TLS. */
export const startFront = async (settings: FrontSettings): Promise<LatencyFront> => {
  const calls: FrontCall[] = []
  const open = new Set<Socket>()
  const waiting = new Set<() => void>()
  const answered = (call: Omit<FrontCall, 'answeredAt'>): void => {
    calls.push({ ...call, answeredAt: performance.now() + settings.roundTripMs / 2 })
    for (const look of waiting) look()
  }
  // A tool that is stopped takes its open requests with it: nobody waits for those answers.
  const listener: RequestListener = (asked, answering) =>
    void answer(settings, asked, answering).then(answered, () => answering.destroy())
  const service = settings.tls === undefined ? createHttpServer(listener) : createHttpsServer(settings.tls, listener)
  service.keepAliveTimeout = 30_000
  const wire = wireTo(await listening(service), settings.roundTripMs, open)
  const endpoint = `${settings.tls === undefined ? 'http' : 'https'}://localhost:${await listening(wire)}`
  const call: LatencyFront['call'] = (isIt) =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = calls.find(isIt)
        if (found !== undefined) resolve(found)
      }
      waiting.add(look)
      look()
    })
  const close = (): void => {
    for (const server of [wire, service]) server.close()
    for (const socket of open) socket.destroy()
    service.closeAllConnections()
  }
  return { endpoint, calls, call, close }
}
