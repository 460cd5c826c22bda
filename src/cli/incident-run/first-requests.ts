import type { Request } from '../../incident/entry.ts'
import type { AwsConnection, CallObserver } from '../connection/aws-connection.ts'
import type { ConnectionRequest } from '../connection/connection-request.ts'
import { type LiveProcess, openLive } from '../connection/live.ts'
import { readPathAhead } from './path-reads.ts'

/** How the first requests of a response are sent. */
interface FirstRequests {
  readonly connection: ConnectionRequest
  /** What is read ahead. */
  readonly path: Request
  readonly observer: CallObserver
  readonly say: (text: string) => void
  /** Called when they have been sent. */
  readonly sent: () => void
}

/** Asks AWS who responds, and at the same time for what stands before the deny. */
export const sendFirstRequests = (
  { connection, path, observer, say, sent }: FirstRequests,
  live: LiveProcess,
): Promise<AwsConnection> =>
  openLive(connection, live, {
    ...{ observer, say },
    atOnce: (clients) => {
      readPathAhead({ ...clients, request: path })
      sent()
    },
  })
