import type { Instant } from '../values/instant.ts'
import type { Untrusted } from '../values/untrusted.ts'

/** Somebody who did something: as CloudTrail names him, with his key and where he called from. */
export interface CallMaker {
  /** An ARN, a user's name, or the service. */
  readonly by: Untrusted
  readonly accessKeyId?: string
  readonly source: Untrusted
}

/** Who obtained a key, and how: a step upwards. */
export interface ObtainedBy extends CallMaker {
  /** The key that was handed out or made. */
  readonly issuedAccessKeyId: string
  readonly how: string
  readonly at: Instant
  readonly eventId: string
}

/** Something that was done to the instance, the role, the user or the key. */
export interface CauseEvent extends CallMaker {
  /** In words: "ran a command on". */
  readonly what: string
  /** What it was done to. */
  readonly target: Untrusted
  readonly at: Instant
  readonly eventId: string
  readonly eventSource: string
  readonly eventName: string
  readonly succeeded: boolean
  readonly errorCode?: string
  /** From an address of which calls of the principal are external or ambiguous. */
  readonly sameAddress: boolean
}

/** Calls of somebody else from an address of which calls of the principal are external or ambiguous. */
export interface SameAddressCalls extends CallMaker {
  readonly events: number
  readonly firstSeen: Instant
  readonly lastSeen: Instant
}

/** What led to the use of the credentials by somebody else, as far as the records show. */
export interface Cause {
  /** The first call that is not the workload's, and whose it is. Missing when all are the workload's. */
  readonly firstUse?: { readonly at: Instant; readonly attribution: 'external' | 'ambiguous' }
  /** From the key asked about upwards. */
  readonly obtainedBy: readonly ObtainedBy[]
  /** A sentence: why there may be more steps upwards. Missing where all are there. */
  readonly obtainedByCut?: string
  /** Before the first use, in the order of time. */
  readonly events: readonly CauseEvent[]
  /** Events that are older than those in the list, and not in it. */
  readonly eventsLeftOut: number
  /** Of everybody else, the busiest first. */
  readonly sameAddress: readonly SameAddressCalls[]
  readonly sameAddressLeftOut: number
  /** A sentence: why nobody was looked for by address. Missing where everybody was. */
  readonly addressesNotRead?: string
  /** A sentence: why records of others were not looked for. Missing where they were. */
  readonly notRead?: string
}
