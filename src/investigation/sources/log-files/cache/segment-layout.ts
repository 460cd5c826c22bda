/**
 * A segment is a file of the cache that holds the records of log files. It starts with this preface: a mark, the length of the
 * header, and the length of the whole file, by which a truncated one is detected. Then follow the header as JSON and the
 * sections. Numbers are little-endian; these are byte offsets.
 */
export const PREFACE = {
  /** Changes when the layout of segments or the shape of answers changes. */
  mark: 'IRCLOGS7',
  headerLength: 8,
  wholeLength: 12,
  length: 20,
} as const

/** A log file that was read. It is unchanged as long as it has this size and time. */
export interface KnownFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** When it was modified. Milliseconds since 1970. */
  readonly modified: number
}

/** A log file whose records are in a segment. */
export interface CachedFile extends KnownFile {
  readonly events: number
  /** The times of its first and its last record, as they stand in it: RFC 3339, UTC. */
  readonly first: string
  readonly last: string
  readonly hasDataEvents: boolean
}

export const SECTIONS = [
  // Dictionaries: JSON texts, one per line, and where each starts.
  ...(['callers', 'callerStarts', 'calls', 'callStarts', 'sources', 'sourceStarts', 'agents', 'agentStarts'] as const),
  // The first row of each caller; the rows; the rest of the records in compressed blocks, and where each block starts.
  ...(['callerRows', 'rows', 'rest', 'restBlocks'] as const),
] as const

export type SectionName = (typeof SECTIONS)[number]

export interface SegmentHeader {
  /** The program and version that wrote it: another version may read records differently. */
  readonly writer: string
  readonly files: readonly CachedFile[]
  /** Large or damaged files. Each scan reads them again, and the cache does not try them again until they change. */
  readonly uncacheable: readonly KnownFile[]
  readonly rows: number
  readonly callers: number
  /** Where each section starts, from the end of the header, and its length. Bytes. */
  readonly sections: Readonly<Record<SectionName, readonly [offset: number, length: number]>>
}

/** A row holds one record: numbers of dictionary entries, and the values of this record alone. Byte offsets. */
export const ROW = {
  length: 56,
  call: 0,
  source: 4,
  agent: 8,
  file: 12,
  /** The number of a block, or NONE, and the offset in it. */
  restBlock: 16,
  restOffset: 20,
  at: 24,
  issuedAt: 32,
  id: 40,
} as const

export const NONE = 0xffffffff

/** An event id that is a UUID is stored in so many bytes. */
export const ID_LENGTH = 16
