/**
 * A segment is a file of the cache: this mark, the length of its header and of the whole file (so that one that breaks off
 * is known), the header as JSON, and the sections that it names. Numbers are little-endian.
 */
export const PREFACE = {
  /** Changes with the layout. */
  mark: 'IRCLOGS3',
  headerLength: 8,
  wholeLength: 12,
  length: 20,
} as const

/** A log file that was read. It is the same file as long as it has this size and time. */
export interface KnownFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Of the last change, in milliseconds since the epoch. */
  readonly changed: number
}

/** A log file whose records are in a segment. */
export interface CachedFile extends KnownFile {
  readonly events: number
}

export const SECTIONS = [
  // Texts as JSON, a line each, and where they start.
  ...(['callers', 'callerStarts', 'calls', 'callStarts', 'sources', 'sourceStarts', 'agents', 'agentStarts'] as const),
  // The first row of each caller; the rows; what is left of the records, packed in blocks, and where those start.
  ...(['callerRows', 'rows', 'rest', 'restBlocks'] as const),
] as const

export type SectionName = (typeof SECTIONS)[number]

export interface SegmentHeader {
  /** The program that wrote it: another version may read records otherwise. */
  readonly writer: string
  readonly files: readonly CachedFile[]
  /** Files that are large or damaged, and so are scanned each time: to try them again would be in vain. */
  readonly unkept: readonly KnownFile[]
  readonly rows: number
  readonly callers: number
  /** Where each section begins, and its length. Bytes, from the end of the header. */
  readonly sections: Readonly<Record<SectionName, readonly [offset: number, length: number]>>
}

/** One record: numbers of its parts in the dictionaries, and what is its own. Bytes. */
export const ROW = {
  length: 56,
  call: 0,
  source: 4,
  agent: 8,
  file: 12,
  /** The number of a block, or NONE, and where in it. */
  restBlock: 16,
  restOffset: 20,
  at: 24,
  issuedAt: 32,
  id: 40,
} as const

export const NONE = 0xffffffff

/** An event id as CloudTrail makes it is kept as 16 bytes. */

export const ID_LENGTH = 16
