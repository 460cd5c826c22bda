import type { AnyClient } from './middleware.ts'

/** How many requests the clients of a connection have sent, the SDK's own retries included. */
export interface RequestCount {
  sent: number
}

/** Counts each request of a client as it leaves. */
export const countRequests = (client: AnyClient, count: RequestCount): void => {
  client.middlewareStack.add(
    (send) => (args) => {
      count.sent += 1
      return send(args)
    },
    // After the retries, as `paceLookups`.
    { step: 'finalizeRequest', priority: 'low', name: 'countRequests' },
  )
}
