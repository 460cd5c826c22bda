import type { Instant } from '../values/instant.ts'
import type { Untrusted } from '../values/untrusted.ts'

/** A call that switched a trail on or off, or changed what it records. */
export interface TrailChange {
  readonly at: Instant
  readonly eventName: string
  /** The trail or event data store by name; its ARN ends with it. */
  readonly trail: Untrusted
  /** The session, user or key that made the call. */
  readonly by: Untrusted
  readonly region: string
  readonly eventId: string
}

/** A time in which a trail recorded nothing. */
export interface LoggingGap {
  readonly stopped: TrailChange
  /** Missing: no record of a start was read. */
  readonly started?: TrailChange
}

/** Hours of a trail without a digest file between two that are there: CloudTrail delivers one every hour, with or without calls. */
export interface MissingDigests {
  /** Account, Region and trail, as the names of the digest files have them. */
  readonly trail: string
  readonly from: Instant
  readonly until: Instant
}

/** How the log files compare with the digest files ("Validating CloudTrail log file integrity"). */
export interface DigestCheck {
  readonly digests: number
  readonly logFiles: number
  /** Of how many digests the signature was verified; none without CloudTrail's public keys. */
  readonly signatures: number
  /** What is missing or changed, a sentence each. */
  readonly problems: readonly string[]
  /** Digests whose signatures could not be verified, and why: sentences. */
  readonly notVerified: readonly string[]
  /** What was compared: a sentence. */
  readonly method: string
}

/** What the records that were read cover, and what they do not. */
export interface SourceCoverage {
  /** By the names of the log files, or by the records that a database counted. */
  readonly accounts: readonly string[]
  readonly regions: readonly string[]
  /** By the first and the last record of each log file; of all records where `isSpanExact`. */
  readonly firstRecord?: Instant
  readonly lastRecord?: Instant
  readonly isSpanExact?: boolean
  /** Times that were asked for and of which there is no record of anybody, and what of this is not known: sentences. */
  readonly notCovered?: readonly string[]
  /** Missing where that was not looked for. */
  readonly hasDataEvents?: boolean
  readonly gaps: readonly LoggingGap[]
  /** Whether changes of trails by everybody were looked for, or only those of the principal and its chained sessions. */
  readonly gapsOfAll: boolean
  readonly missingDigests: readonly MissingDigests[]
  /** Files beside the logs that hold no records of calls. */
  readonly beside: { readonly digest: number; readonly insight: number; readonly aggregated: number }
  readonly filesOutOfRange: number
  /** Files in which the principal's search term stands, and none of whose records is the principal's. */
  readonly mentionedIn: readonly string[]
  readonly digestCheck?: DigestCheck
}
