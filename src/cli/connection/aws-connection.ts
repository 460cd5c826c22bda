import type { AwsClients } from '../../aws/clients.ts'
import type { AwsClock } from '../../aws/clock.ts'
import type { ClientConfig } from '../../aws/open-clients.ts'
import type { WriteGate } from '../../aws/read-only.ts'
import type { RecordedCall } from '../../aws/recorder.ts'
import type { Setting } from '../../incident/entry.ts'
import type { Instant } from '../../incident/values/instant.ts'
import type { SearchedRegions } from './regions.ts'

/** AWS as a command has it: live, behind an endpoint, or a simulated account in this process. */
export interface AwsConnection extends SearchedRegions {
  /** Resolves when `regions` are those that the account has enabled, or the search for them has failed. Absent: they are. */
  readonly regionsKnown?: Promise<void>
  /** The Regions that can be asked before. Absent: `regions` are known. */
  readonly likelyRegions?: readonly string[]
  readonly aws: (region: string) => AwsClients
  /** How further clients are opened, for services that only an investigation asks. */
  readonly clientConfig: ClientConfig
  readonly clock: AwsClock
  readonly writeGate: WriteGate
  readonly setting: Setting
  readonly responderAccessKeyId: string
  readonly sessionExpiresAt?: Instant | undefined
  /**
   * Reads the responder's credentials anew and goes on with new clients. Throws Failure identity where they are somebody else's, or
   * still the ones that have ended. Absent where nothing can end.
   */
  readonly signInAgain?: () => Promise<void>
}

/** Gets each call. It is set once the views are open. */
export interface CallObserver {
  onCall: (call: RecordedCall) => void
}

/** An observer that keeps what it gets until somebody listens, so that no call is left out. */
export const patientObserver = (): CallObserver & { listen(onCall: CallObserver['onCall']): void } => {
  const earlier: RecordedCall[] = []
  const observer: CallObserver = { onCall: (call) => void earlier.push(call) }
  return Object.assign(observer, {
    listen: (onCall: CallObserver['onCall']) => {
      observer.onCall = onCall
      for (const call of earlier.splice(0)) onCall(call)
    },
  })
}
