import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Rounds {
  /** To be given as --endpoint-url. */
  readonly endpoint: string
  /** Resolves when a request that contains this text is answered: with the number of its round, the first one being 1. */
  roundOf(text: string): Promise<number>
  /** What was sent in each round, as the operations' names where they can be told. */
  readonly sent: readonly (readonly string[])[]
  close(): void
}

/** Milliseconds without a request or an answer after which everybody is taken to wait for answers. */
const QUIET_MS = 100

/** Microseconds of processor time within them that are none: a client that still works on an answer is not waiting for another one. */
const IDLE_US = 8_000

/**
 * A wire on which time passes only when everybody waits: requests are kept until no more come and all earlier ones are answered, and are then answered all at once. So
 * the number of a request's round is how many answers, one after the other, were needed before it: exact, on a busy machine too.
 * A request that contains `denied` is answered as if the permission for it were missing.
 */
export const inRounds = async (account: string, denied?: string): Promise<Rounds> => {
  const sent: string[][] = []
  const waiting: { readonly send: () => void; readonly text: string }[] = []
  const watched: { readonly text: string; readonly resolve: (round: number) => void }[] = []
  let quiet: NodeJS.Timeout | undefined
  let unanswered = 0
  const later = (): void => {
    clearTimeout(quiet)
    if (unanswered > 0 || waiting.length === 0) return
    const before = process.cpuUsage()
    quiet = setTimeout(() => {
      const { user, system } = process.cpuUsage(before)
      if (user + system > IDLE_US) later()
      else release()
    }, QUIET_MS)
  }
  const release = (): void => {
    const round = waiting.splice(0)
    sent.push(round.map(({ text }) => operationIn(text)))
    for (const { send, text } of round) {
      send()
      for (const one of watched) if (text.includes(one.text)) one.resolve(sent.length)
    }
  }
  const server = createServer((incoming, outgoing) => {
    void bodyOf(incoming).then((body) => {
      const text = `${JSON.stringify(incoming.headers)} ${incoming.method} ${incoming.url} ${body.toString('latin1')}`
      const send = denied !== undefined && text.includes(denied) ? deny : forward
      const answer = () => {
        unanswered += 1
        outgoing.once('close', () => {
          unanswered -= 1
          later()
        })
        send(account, incoming, body, outgoing)
      }
      waiting.push({ text, send: answer })
      later()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    roundOf: (text) => new Promise((resolve) => watched.push({ text, resolve })),
    close: () => {
      clearTimeout(quiet)
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The operation in a request of any of AWS's protocols: by its form, its target header, or its path. */
const operationIn = (text: string): string =>
  /Action=(\w+)/.exec(text)?.[1] ??
  /"x-amz-target":"[\w.]*?(\w+)"/.exec(text)?.[1] ??
  /(?:GET|POST) (\/\S*)/.exec(text)?.[1] ??
  '?'

const bodyOf = async (incoming: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

const deny = (_account: string, _incoming: IncomingMessage, _body: Buffer, outgoing: ServerResponse): void => {
  outgoing.writeHead(400, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'denied' })
  outgoing.end(JSON.stringify({ __type: 'AccessDeniedException', message: 'not authorized' }))
}

const forward = (account: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): void => {
  const { port, hostname } = new URL(account)
  const { method, url, headers } = incoming
  request({ hostname, port, method, path: url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(outgoing)
  })
    .on('error', () => outgoing.destroy())
    .end(body)
}
