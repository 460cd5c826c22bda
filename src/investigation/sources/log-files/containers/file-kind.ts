import { isTar, isZip } from './archives.ts'

/** What a file is, by its first bytes. */
export type FileKind =
  | { readonly kind: 'text' | 'gzip' | 'zip' | 'tar' | 'bzip2' | 'xz' | 'zstd' | 'parquet' | 'utf-16le' | 'utf-16be' }
  | { readonly kind: 'foreign'; readonly fault: string }

/** A tar header has this size. */
export const HEAD = 512

const STARTS: readonly (readonly [start: readonly number[], kind: Exclude<FileKind['kind'], 'foreign'>])[] = [
  [[0x1f, 0x8b], 'gzip'],
  [[0x42, 0x5a, 0x68], 'bzip2'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'xz'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd'],
  [[0x50, 0x41, 0x52, 0x31], 'parquet'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0x7b, 0x00], 'utf-16le'],
  [[0x5b, 0x00], 'utf-16le'],
  [[0x22, 0x00], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0x00, 0x7b], 'utf-16be'],
  [[0x00, 0x5b], 'utf-16be'],
  [[0x00, 0x22], 'utf-16be'],
]

const UNPACK = 'unpack it and name the folder'
const EXPORT = 'export the records as JSON, CSV or Parquet'

const FOREIGN: readonly (readonly [start: readonly number[], what: string, remedy: string])[] = [
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], 'a 7z archive', UNPACK],
  [[0x52, 0x61, 0x72, 0x21], 'a rar archive', UNPACK],
  [[0x04, 0x22, 0x4d, 0x18], 'compressed with lz4', 'decompress it with lz4 -d'],
  [[0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50], 'compressed with snappy', 'decompress it'],
  [[0x5d, 0x00, 0x00], 'compressed with lzma', 'decompress it with unlzma'],
  [[0x4f, 0x52, 0x43], 'an ORC file', EXPORT],
  [[0x4f, 0x62, 0x6a, 0x01], 'an Avro file', EXPORT],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], 'an SQLite database', EXPORT],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document', EXPORT],
]

const startsWith = (bytes: Buffer, start: readonly number[]): boolean => start.every((byte, index) => bytes[index] === byte)

/** What the file is that begins with these bytes. */
export const kindOf = (head: Buffer): FileKind => {
  const kind = STARTS.find(([start]) => startsWith(head, start))?.[1]
  if (kind) return { kind }
  if (isZip(head)) return { kind: 'zip' }
  const foreign = FOREIGN.find(([start]) => startsWith(head, start))
  if (foreign) return { kind: 'foreign', fault: `it is ${foreign[1]}: ${foreign[2]}` }
  return { kind: isTar(head) ? 'tar' : 'text' }
}

const BRACE = 0x7b
const BRACKET = 0x5b

/** Whether the bytes can be read as they are. Most files begin with a brace. */
export const isText = (bytes: Buffer): boolean =>
  ((bytes[0] === BRACE || bytes[0] === BRACKET) && bytes[1] !== 0) || kindOf(bytes).kind === 'text'
