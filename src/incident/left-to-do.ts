import type { Intent } from './incident.ts'
import type { Line } from './values/block.ts'
import type { Instant } from './values/instant.ts'

/**
 * What is left to do, in the order of danger: `alarm` is a living way in, `not-denied` a stolen key that still works, `open`
 * what can issue new credentials and was not closed, `way-back` something that was left behind, `stopped` an instance that does not run, `cut-off` a consumer of the role whose credentials are
 * denied, `by-hand` what ir-cred cannot do and was not seen or declared to be done, `unproven` what only a later look can show, `watch` what to watch, `policy` when the deny may go.
 */
export type StillToDoKind =
  | 'alarm'
  | 'not-denied'
  | 'by-hand'
  | 'open'
  | 'way-back'
  | 'stopped'
  | 'cut-off'
  | 'unproven'
  | 'watch'
  | 'policy'

/** One thing that is left to do, and the command for it where there is one. */
export interface StillToDo {
  readonly kind: StillToDoKind
  readonly sentence: Line
  readonly command?: string
}

/** How a run ended, and the commands of ir-cred that are worth printing: a drill is over and has none. */
export interface RunEnd {
  readonly alarms: readonly string[]
  readonly unproven: readonly string[]
  readonly commands?: {
    /** Looks again, and continues. */
    readonly resume: string
    /** Lists the findings on a key where the run looked for one. */
    readonly findingsOn: (accessKeyId: string) => string
    /** Takes back what the response changed. */
    readonly lift: string
  }
}

/** The deny as it was seen last, or as it was sent. */
export interface Deny {
  readonly stands: boolean
  readonly cutoff?: Instant
  /** The newest sending that AWS did not refuse. */
  readonly sent?: Intent
}
