import type { AwsClients } from '../../aws/clients.ts'
import type { AwsClock } from '../../aws/clock.ts'
import type { ClientConfig as Way } from '../../aws/open-clients.ts'
import type { WriteLicence } from '../../aws/read-only.ts'
import type { RecordedCall } from '../../aws/recorder.ts'
import type { Setting } from '../../incident/entry.ts'
import type { Instant } from '../../incident/values/instant.ts'

/** AWS as a command has it: live, behind an endpoint, or a simulated account in this process. */
export interface AwsConnection {
  readonly aws: (region: string) => AwsClients
  /** How further clients are opened, for services that only an investigation asks. */
  readonly way: Way
  readonly clock: AwsClock
  readonly licence: WriteLicence
  readonly regions: readonly string[]
  readonly setting: Setting
  readonly responderAccessKeyId: string
  readonly sessionExpiresAt?: Instant
}

/** Who wants to hear each call. Set once the views stand; calls made before are not told. */
export interface CallHearing {
  heard: (call: RecordedCall) => void
}
