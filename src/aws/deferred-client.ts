/** What everybody uses of an SDK client, the same for every service. */
interface DeferredSender {
  send(command: unknown, options?: object): Promise<unknown>
}

/**
 * A client that is opened, and whose code is loaded, with its first request: what a run may never ask costs its start nothing. It has
 * `send` and nothing else of a client.
 */
export const deferredClient = <C extends { send: unknown }>(open: () => Promise<C>): Pick<C, 'send'> => {
  let opened: Promise<C> | undefined
  const deferred: DeferredSender = {
    send: async (command, options) => {
      opened ??= open()
      return ((await opened) as unknown as DeferredSender).send(command, options)
    },
  }
  return deferred as unknown as Pick<C, 'send'>
}
