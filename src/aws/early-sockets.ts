import { Agent, type AgentOptions } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** The services that a response asks before the deny. */
export type EarlyService = 'sts' | 'guardduty' | 'iam'

/** A host that is about to be asked, and over how many connections at once. */
export interface EarlyHost {
  readonly service: EarlyService
  readonly host: string
  readonly port: number
  readonly connections: number
}

/** Connections that were opened before there was anything to send. */
export interface EarlySockets {
  /** An agent of the SDK's own settings, whose first connections to those hosts are the ones that were opened. */
  agentFor(service: EarlyService): Agent
}

type Connect = (options: { host: string; port: number; servername: string; ALPNProtocols: string[] }) => Socket

/** Milliseconds after which an open connection that nobody uses is closed: AWS would soon close it too. */
const UNUSED = 5_000

/** As the SDK's own agent is made (`resolveDefaultConfig` of its NodeHttpHandler). */
const AGENT: AgentOptions = { keepAlive: true, maxSockets: 50 }

/**
 * Opens connections at once: the two round trips of TCP and TLS pass while code is loaded and credentials are looked up. A connection
 * that fails is forgotten: the request opens its own, and says what is wrong. None of them keeps the process alive.
 */
export const openEarly = (hosts: readonly EarlyHost[], connect: Connect = connectTls): EarlySockets => {
  const unused = new Map<string, Socket[]>()
  for (const { service, host, port, connections } of hosts) {
    const opened: Socket[] = []
    unused.set(placeOf(service, host, port), opened)
    for (let count = 0; count < connections; count += 1) open(opened, () => connect(tlsOptions(host, port)))
  }
  return { agentFor: (service) => new EarlyAgent((host, port) => take(unused.get(placeOf(service, host, port)))) }
}

const placeOf = (service: EarlyService, host: string, port: number): string => `${service} ${host}:${port}`

/** As an HTTPS agent asks: an address has no name that a certificate could be chosen by. */
const tlsOptions = (host: string, port: number) => ({
  ...{ host, port, ALPNProtocols: ['http/1.1'] },
  servername: isIP(host) ? '' : host,
})

const open = (opened: Socket[], connect: () => Socket): void => {
  const socket = connect().unref()
  const drop = (): void => {
    const at = opened.indexOf(socket)
    if (at < 0) return
    opened.splice(at, 1)
    socket.destroy()
  }
  opened.push(socket)
  socket.setTimeout(UNUSED, drop)
  for (const over of ['error', 'end', 'close']) socket.on(over, drop)
}

/** Takes a connection out; it may still be in its handshake. */
const take = (opened: Socket[] = []): Socket | undefined => {
  const socket = opened.shift()
  socket?.setTimeout(0).ref()
  return socket
}

class EarlyAgent extends Agent {
  readonly #take: (host: string, port: number) => Socket | undefined

  constructor(taken: (host: string, port: number) => Socket | undefined) {
    super(AGENT)
    this.#take = taken
  }

  override createConnection(...args: Parameters<Agent['createConnection']>): ReturnType<Agent['createConnection']> {
    const [{ host, port }] = args
    return this.#take(host ?? '', Number(port)) ?? super.createConnection(...args)
  }
}
