/** The part of an SDK client that this needs, the same for every service. */
interface ReadingClient {
  send(command: unknown, options?: object): Promise<unknown>
}

/** Reads that are sent before anybody asks for them. */
export interface ReadAhead {
  /** Lets a client take what was sent ahead through it. */
  serve(client: object): void
  /** The same client, whose every read is sent ahead. Only for reads: a write is refused by the client’s own guard. */
  ahead<C extends object>(client: C): C
}

/** Seconds after which an answer is too old to stand for what is. */
const FRESH = 15

/**
 * Sends reads before they are asked for. Whoever sends the same read next, by operation and input, takes its answer or its error, once;
 * one that nobody asks for is dropped. `elapsed` is a monotonic clock, in seconds.
 */
export const createReadAhead = (elapsed: () => number): ReadAhead => {
  const waiting = new WeakMap<object, Map<string, { readonly answer: Promise<unknown>; readonly at: number }>>()
  return {
    serve: (client) => {
      const reading = client as ReadingClient
      const send = reading.send.bind(reading)
      const own: NonNullable<ReturnType<(typeof waiting)['get']>> = new Map()
      waiting.set(client, own)
      reading.send = (command, options) => {
        const key = keyOf(command)
        const sent = own.get(key)
        own.delete(key)
        return sent && elapsed() - sent.at <= FRESH ? sent.answer : send(command, options)
      }
    },
    ahead: (client) => {
      const reading = client as unknown as ReadingClient
      const own = waiting.get(client)
      const send = (command: unknown): Promise<unknown> => {
        const answer = reading.send(command)
        // Nobody may ever ask for it.
        answer.catch(() => undefined)
        own?.set(keyOf(command), { answer, at: elapsed() })
        return answer
      }
      return new Proxy(client, { get: (of, name, receiver) => (name === 'send' ? send : Reflect.get(of, name, receiver)) })
    },
  }
}

/** Members that are undefined are left out by JSON: they are not sent either. */
const keyOf = (command: unknown): string => {
  const { constructor: of, input } = command as { readonly constructor: { readonly name: string }; readonly input: unknown }
  return `${of.name} ${JSON.stringify(input)}`
}
