import type { Line } from '../values/block.ts'
import type { RedactedCount } from '../values/redaction/kinds.ts'

/** A file kept as evidence: its path inside the incident's directory, its SHA-256 (hex) and its size in bytes. */
export interface EvidenceRef {
  readonly file: string
  readonly sha256: string
  readonly bytes: number
  /** What was redacted before it was kept; absent where nothing was. */
  readonly redacted?: Redacted
}

/** The secrets that were in an answer of AWS, by kind, and what the answer was before: its SHA-256 (hex) and its size in bytes. */
export interface Redacted {
  readonly counts: readonly RedactedCount[]
  readonly sha256: string
  readonly bytes: number
}

/** What was read of one thing before the response changes it, and kept: a function, the tasks of a role, the role, the user. */
export interface KeptDocument {
  /** What it is, as a line names it: `Lambda function resize`. */
  readonly of: Line
  /** What stands in it, as far as a reader wants to see it at once. */
  readonly points: readonly (readonly [label: string, line: Line])[]
  readonly document: EvidenceRef
}
