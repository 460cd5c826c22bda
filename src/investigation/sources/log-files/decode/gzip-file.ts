/** Streams are read and decompressed in chunks of this size. Bytes. */
export const CHUNK = 2 ** 20

/** Gzip is detected by its first bytes, whatever the file's name. */
export const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Sizes of a member's first and last part. Bytes. */
export const HEADER = 10
export const TRAILER = 8
/** The only method of compression there is. */
const DEFLATE = 8
/** Flags of what the header holds besides. */
export const [HEADER_CHECK, EXTRA, NAME, COMMENT] = [2, 4, 8, 16]
const ALL_FLAGS = 0x1f

/** The size that a gzip file states for its last member, in its last four bytes. Bytes, modulo 4 GiB. */
export const statedSize = (gzip: Buffer): number => (gzip.length < HEADER + TRAILER ? 0 : gzip.readUInt32LE(gzip.length - 4))

/** Where the deflate data of a gzip file with one member start and end, and the CRC-32 that it states. */
export interface DeflatePart {
  readonly start: number
  readonly end: number
  readonly checksum: number
}

/** The parts of a gzip file (RFC 1952) that holds one member; undefined for other bytes. */
export const deflatePart = (gzip: Buffer): DeflatePart | undefined => {
  const flags = gzip[3] ?? ALL_FLAGS + 1
  if (!isGzip(gzip) || gzip[2] !== DEFLATE || flags > ALL_FLAGS) return undefined
  let start = HEADER
  if (flags & EXTRA) start += 2 + (gzip[start] ?? 0) + 256 * (gzip[start + 1] ?? 0)
  if (flags & NAME) start = afterText(gzip, start)
  if (flags & COMMENT) start = afterText(gzip, start)
  if (flags & HEADER_CHECK) start += 2
  const end = gzip.length - TRAILER
  return start < end ? { start, end, checksum: gzip.readUInt32LE(end) } : undefined
}

/** A text ends with a zero byte. */
const afterText = (gzip: Buffer, start: number): number => {
  const end = gzip.indexOf(0, start)
  return end < 0 ? gzip.length : end + 1
}
