import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Forwarder {
  /** To be given as --endpoint-url. */
  readonly endpoint: string
  /** From now on the answer to the first request that contains this text is kept back. Resolves when the account has given it. */
  keepAnswerTo(text: string): Promise<void>
  close(): void
}

const PATIENCE_MS = 60_000

/**
 * A wire between ir-cred and a served account, that the test has a hand on: a request arrives there, and its answer does not come
 * back, as when a connection dies at the worst moment.
 */
export const forwardTo = async (endpoint: string): Promise<Forwarder> => {
  const port = Number(new URL(endpoint).port)
  const open = new Set<Socket>()
  let held: { readonly text: string; readonly arrived: () => void } | undefined
  const server = createServer((client) => {
    const account = connect(port, '127.0.0.1')
    let silent = false
    for (const socket of [client, account]) {
      open.add(socket)
      socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket))
    }
    client.on('data', (bytes) => {
      account.write(bytes)
      if (held === undefined || !bytes.includes(held.text)) return
      silent = true
      account.once('data', held.arrived)
      held = undefined
    })
    account.on('data', (bytes) => {
      if (!silent) client.write(bytes)
    })
    client.on('close', () => account.destroy())
    account.on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keepAnswerTo: (text) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(reject, PATIENCE_MS, new Error(`Nobody has asked for ${text}.`)).unref()
        const arrived = (): void => {
          clearTimeout(late)
          resolve()
        }
        held = { text, arrived }
      }),
    close: () => {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
