import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { request } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EarlyService, type EarlySockets, openEarly } from '../../src/aws/early-sockets.ts'

let server: Server
let port: number
let accepted: Socket[]

beforeEach(async () => {
  accepted = []
  server = createServer((incoming, outgoing) => outgoing.end(String(incoming.socket.remotePort)))
  server.on('connection', (socket) => accepted.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterEach(() => {
  server.close()
  server.closeAllConnections()
})

/** Without TLS, which the server has none of: what is tested is who opens and who takes a connection. */
const opening = (connections: number, at = port) => {
  const opened: Socket[] = []
  const early = openEarly([{ service: 'iam', host: '127.0.0.1', port: at, connections }], (options) => {
    const socket = connect(options)
    opened.push(socket)
    return socket
  })
  return { early, opened }
}

const connected = (sockets: readonly Socket[]) =>
  Promise.all(sockets.map((socket) => (socket.connecting ? once(socket, 'connect') : undefined)))

/** The port from which the request was sent, or the code of its failure. */
const askedFrom = (early: EarlySockets, service: EarlyService = 'iam'): Promise<number | string> =>
  new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, agent: early.agentFor(service) }, async (answer) => {
      resolve(Number((await answer.toArray()).join('')))
    })
    asked.on('error', ({ message }) => resolve(message)).end()
  })

describe('connections that are opened early', () => {
  it('are open before anything is sent', async () => {
    const { opened } = opening(2)
    await connected(opened)
    await expect.poll(() => accepted.length).toBe(2)
    expect(accepted.map(({ bytesRead }) => bytesRead)).toEqual([0, 0])
  })

  it('carry the first requests of their service', async () => {
    const { early, opened } = opening(2)
    await connected(opened)
    const ports = opened.map(({ localPort }) => localPort)
    expect(await Promise.all([askedFrom(early), askedFrom(early)])).toEqual(ports)
    expect(accepted).toHaveLength(2)
  })

  it('carry a request that is made while they are still being opened', async () => {
    const { early, opened } = opening(1)
    expect(opened[0]?.connecting).toBe(true)
    expect(await askedFrom(early)).toBe(opened[0]?.localPort)
  })

  it('are not taken by another service', async () => {
    const { early, opened } = opening(1)
    await connected(opened)
    // Its own connection speaks TLS, which this server does not.
    expect(await askedFrom(early, 'sts')).toMatch(/SSL|TLS|socket|ECONNRESET/)
    expect(opened[0]?.destroyed).toBe(false)
  })

  it('are not taken when the other end has closed them: the request opens its own', async () => {
    const { early, opened } = opening(1)
    await connected(opened)
    await expect.poll(() => accepted.length).toBe(1)
    accepted[0]?.destroy()
    await expect.poll(() => opened[0]?.destroyed).toBe(true)
    expect(await askedFrom(early)).toMatch(/SSL|TLS|socket|ECONNRESET/)
  })

  it('fail without a word when nobody listens', async () => {
    server.close()
    await once(server, 'close')
    const { early, opened } = opening(1)
    await expect.poll(() => opened[0]?.destroyed).toBe(true)
    expect(await askedFrom(early)).toMatch(/ECONNREFUSED/)
  })
})
