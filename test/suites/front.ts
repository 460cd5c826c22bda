import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { openAccount } from '../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../src/simulator/wire/dispatch.ts'
import { type Fault, parseQuery, type WireRequest } from '../../src/simulator/wire/message.ts'

/** A header by which a fault says that the answer comes a byte at a time, and in how many seconds. It does not leave the server. */
export const DRIPS = 'x-test-drips'

export interface Front {
  readonly endpoint: string
  close(): void
}

/** The account behind a socket, with a fault in front of it. */
export const frontOf = async (built: BuiltScenario, fault: Fault): Promise<Front> => {
  const { account, answer } = openAccount(built)
  const dispatch = createDispatcher({ answer, now: () => account.clock.now(), pace: 1 })
  const server = createServer((incoming, outgoing) => {
    void wireRequest(incoming)
      .then((request) => fault(request, dispatch))
      .then((response) => send(outgoing, response))
      // The answer is lost.
      .catch(() => outgoing.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const wireRequest = async (incoming: IncomingMessage): Promise<WireRequest> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) chunks.push(chunk)
  const [path = '/', ...search] = (incoming.url ?? '/').split('?')
  return {
    method: incoming.method ?? 'GET',
    path,
    query: parseQuery(search.join('?')),
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(chunks),
    sourceIp: '127.0.0.1',
  }
}

const send = async (outgoing: ServerResponse, { status, headers, body }: Awaited<ReturnType<Fault>>): Promise<void> => {
  const { [DRIPS]: drips, ...others } = headers
  outgoing.writeHead(status, { ...others, 'content-length': Buffer.byteLength(body) })
  if (!drips) return void outgoing.end(body)
  const bytes = Buffer.from(body)
  for (const byte of bytes) {
    if (outgoing.destroyed) return
    outgoing.write(Buffer.from([byte]))
    await pause((Number(drips) * 1000) / bytes.length)
  }
  outgoing.end()
}
