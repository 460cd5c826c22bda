import type { Readable } from 'node:stream'
import type { AsyncBuffer } from 'hyparquet'
import { given } from '../../../incident/values/given.ts'
import { restOf } from './containers/byte-reader.ts'
import { type FilePart, partsOf } from './containers/parts.ts'
import { countMatches, recordCounting, type ScannedFile, termIn } from './count-matches.ts'
import { findRecords, firstRecordIn, wholeRecords } from './decode/cut-records.ts'
import { type LineCounts, lineFault, linesAfter, startsWithJsonLine } from './decode/json-lines.ts'
import type { ReadBuffers } from './decode/read-file.ts'
import { pieceReader, withoutMark } from './decode/read-records.ts'
import { recordDocuments } from './forms/record-documents.ts'
import { type Matchers, searchTermsOf, type Target } from './match/matchers.ts'
import { noteSpan } from './match/record-span.ts'
import { faultOfEmpty, sentencesFor } from './scan-sentences.ts'

/** Bytes that are scanned at once. Lines are cut between lines. */
const BLOCK = 8 * 2 ** 20

export interface ScannedStream extends ScannedFile {
  /** The error that ended the stream before its end. */
  readonly broken?: unknown
}

/** Scans a log file that is large, damaged or packed, as it comes out of a stream. */
export const scanStream = async <State>(
  stream: Readable,
  { name }: { readonly name: string },
  buffers: ReadBuffers,
  matchers: Matchers<State>,
): Promise<ScannedStream> => {
  const source = countedChunks(stream)
  const searched = matchers.targets.size
  const parts: ScannedPart[] = []
  try {
    for await (const part of partsOf(source.chunks())) parts.push(await scanPart(part, name, buffers, matchers))
  } finally {
    stream.destroy()
  }
  const { size, broken } = source.state
  return { ...merged(parts, size, searched), ...given({ broken }) }
}

/** The stream's chunks; an error ends them, and is kept. */
const countedChunks = (stream: Readable) => {
  const state: { size: number; broken?: unknown } = { size: 0 }
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of stream) {
        state.size += chunk.length
        yield chunk
      }
    } catch (error) {
      state.broken = error
    }
  }
  return { state, chunks }
}

interface ScannedPart {
  readonly events: number
  readonly found: readonly Target[]
  readonly why?: string
  readonly isMention: boolean
}

const merged = (parts: readonly ScannedPart[], bytes: number, searched: number): ScannedFile => {
  const why = parts.flatMap((part) => (part.why === undefined ? [] : [part.why]))
  return {
    ...{ bytes, searched, events: parts.reduce((sum, { events }) => sum + events, 0) },
    found: parts.flatMap(({ found }) => found),
    ...given({ why: why.length === 0 ? undefined : shortened(why) }),
    ...(parts.some(({ isMention }) => isMention) ? { isMention: true as const } : {}),
  }
}

/** A large archive can have many damaged files. */
const MOST_SENTENCES = 20

const shortened = (sentences: readonly string[]): string => {
  const more = sentences.length - MOST_SENTENCES
  return [...sentences.slice(0, MOST_SENTENCES), ...(more > 0 ? [`${more} more files in it were not read whole.`] : [])].join(' ')
}

/** What was read of a part so far. */
interface PartScan {
  readonly found: Target[]
  events: number
  undated: number
  lines: LineCounts | undefined
  fault: string | undefined
  mention: string | undefined
  isOwn: boolean
  head: Buffer
}

const nothingScanned = (): PartScan => ({
  ...{ found: [], events: 0, undated: 0, lines: undefined, fault: undefined, mention: undefined, isOwn: false },
  head: Buffer.alloc(0),
})

const scanPart = async <State>(
  part: FilePart,
  name: string,
  buffers: ReadBuffers,
  matchers: Matchers<State>,
): Promise<ScannedPart> => {
  const scan = nothingScanned()
  const first = withoutMark(await part.contents.peek(BLOCK + 1))
  scan.head = Buffer.from(first.subarray(0, 256))
  if (part.isParquet) await scanParquet(part, scan, matchers)
  else if (first.length <= BLOCK) {
    if (first.length > 0 || part.faults.length === 0) scanBlock(scan, first, buffers, matchers)
  } else if (isLines(first)) await scanLines(part, scan, buffers, matchers)
  else if (!(await scanDelivered(part, first, scan, buffers, matchers))) await scanPieces(part, first, scan, matchers)
  const { why, ...scanned } = partScanned(scan, [name, ...part.path].join('!'), part.faults)
  const where = part.path.length === 0 ? '' : `${part.path.join('!')}: `
  return { ...scanned, ...given({ why: why === undefined ? undefined : `${where}${why}` }) }
}

const partScanned = (scan: PartScan, name: string, faults: readonly string[]): ScannedPart => {
  const lines = scan.lines && lineFault(scan.lines)
  const packed = faults.length > 0 ? faults.join(', and ') : undefined
  const fault = packed ?? lines ?? scan.fault ?? faultOfEmpty(scan.events, scan.head, scan.mention)
  return {
    ...{ events: scan.events, found: scan.found, isMention: scan.mention !== undefined && !scan.isOwn && scan.events > 0 },
    ...sentencesFor(name, fault, scan.events, scan.undated),
  }
}

const NEW_LINE = 0x0a
const COMMA = 0x2c

const isLines = (bytes: Buffer): boolean => startsWithJsonLine(bytes) || startsWithJsonLine(bytes, bytes.indexOf(NEW_LINE) + 1)

const scanBlock = <State>(scan: PartScan, bytes: Buffer, buffers: ReadBuffers, matchers: Matchers<State>): void => {
  const { read, found, undated, mention, isOwn } = countMatches(bytes, buffers, matchers)
  scan.found.push(...found)
  scan.events += read.events
  scan.undated += undated
  scan.lines = linesAfter(scan.lines, read.lines)
  if (!read.lines) scan.fault ??= read.fault
  scan.mention ??= mention
  scan.isOwn ||= isOwn
}

/** Scans lines in blocks, cut between lines. */
const scanLines = async <State>(
  { contents }: FilePart,
  scan: PartScan,
  buffers: ReadBuffers,
  matchers: Matchers<State>,
): Promise<void> => {
  for (let block = await contents.peek(BLOCK); block.length > 0; block = await contents.peek(BLOCK)) {
    const end = block.length < BLOCK ? block.length : block.lastIndexOf(NEW_LINE) + 1
    // A line that is longer than a block is cut: it is damaged.
    scanBlock(scan, withoutMark(await contents.take(end > 0 ? end : block.length)), buffers, matchers)
  }
}

/**
 * Scans a file in the form that CloudTrail delivers in blocks, cut between records. False when the rest has to be read in another
 * way: it is still there.
 */
const scanDelivered = async <State>(
  { contents }: FilePart,
  first: Buffer,
  scan: PartScan,
  buffers: ReadBuffers,
  matchers: Matchers<State>,
): Promise<boolean> => {
  const begin = firstRecordIn(first)
  if (begin === undefined) return false
  const opening = Buffer.from(first.subarray(0, begin))
  const memory = Buffer.allocUnsafeSlow(BLOCK + opening.length + LIST.length + LIST_END.length)
  await contents.take((await contents.peek(3)).equals(first.subarray(0, 3)) ? begin : begin + 3)
  for (;;) {
    const bytes = await contents.peek(BLOCK)
    const isLast = bytes.length < BLOCK
    const end = isLast ? bytes.length : wholeRecords(bytes)
    const block = isLast
      ? inOne(memory, opening, bytes)
      : inOne(memory, LIST, bytes.subarray(0, withoutComma(bytes, end)), LIST_END)
    if (end === 0 || !findRecords(block, buffers.positions)) {
      contents.unread(opening)
      return false
    }
    await contents.take(end)
    scanBlock(scan, block, buffers, matchers)
    if (isLast) return true
  }
}

/** The parts in a row, in memory that is used again: the blocks of a large file would fill it faster than it is freed. */
const inOne = (memory: Buffer, ...parts: readonly Buffer[]): Buffer => {
  let length = 0
  for (const part of parts) length += part.copy(memory, length)
  return memory.subarray(0, length)
}

const LIST = Buffer.from('[')
const LIST_END = Buffer.from(']')

/** The comma that stands before the next record. */
const withoutComma = (bytes: Buffer, end: number): number => Math.max(0, bytes.lastIndexOf(COMMA, end - 1))

/** Scans values or rows, piece by piece. Targets that are found meanwhile are searched for in another pass. */
const scanPieces = async <State>(
  { contents }: FilePart,
  first: Buffer,
  scan: PartScan,
  matchers: Matchers<State>,
): Promise<void> => {
  const counting = recordCounting(matchers, scan.found)
  const terms = searchTermsOf(matchers)
  const reader = pieceReader(first, terms, counting.take)
  let isFirst = true
  for await (const chunk of restOf(contents)) {
    noteSpan(matchers.span, chunk)
    scan.mention ??= termIn(chunk, matchers)
    reader.push(isFirst ? withoutMark(chunk) : chunk)
    isFirst = false
  }
  const { events, fault } = reader.finish()
  scan.events += events
  scan.undated += counting.undated()
  scan.fault ??= fault
  scan.isOwn ||= counting.isOwn()
}

/** A Parquet file inside something else, or out of a bucket, has to be in memory. Bytes. */
export const LARGEST_PARQUET = 64 * 2 ** 20

const scanParquet = async <State>(part: FilePart, scan: PartScan, matchers: Matchers<State>): Promise<void> => {
  const bytes = await part.contents.peek(LARGEST_PARQUET + 1)
  if (bytes.length > LARGEST_PARQUET) {
    part.faults.push(`it is a Parquet file of more than ${LARGEST_PARQUET / 2 ** 20} MB, and not on a disk by itself: unpack it`)
    return
  }
  const slice = (start: number, end?: number) => new Uint8Array(bytes.subarray(start, end)).buffer
  await scanRows({ byteLength: bytes.length, slice }, part.faults, scan, matchers)
}

const scanRows = async <State>(file: AsyncBuffer, faults: string[], scan: PartScan, matchers: Matchers<State>): Promise<void> => {
  const { parquetRows } = await import('./containers/parquet.ts')
  const counting = recordCounting(matchers, scan.found)
  for await (const rows of parquetRows(file, (fault) => void (faults.includes(fault) || faults.push(fault))))
    for (const row of rows) {
      const documents = recordDocuments(row)
      scan.events += documents.length
      for (const document of documents) counting.take(document)
      // The bytes of a column are compressed: what a row without a record names shows in its values only.
      if (documents.length === 0) scan.mention ??= termIn(Buffer.from(JSON.stringify(row)), matchers)
    }
  Object.assign(scan, { undated: counting.undated(), isOwn: counting.isOwn() })
  if (!scan.isOwn) scan.mention ??= await termInFile(file, matchers)
}

/** Blocks overlap: a term can stand where one ends. */
const LONGEST_TERM = 2 ** 12

const termInFile = async <State>(file: AsyncBuffer, matchers: Matchers<State>): Promise<string | undefined> => {
  for (let at = 0; at < file.byteLength; at += BLOCK) {
    const block = await file.slice(at, Math.min(file.byteLength, at + BLOCK + LONGEST_TERM))
    const term = termIn(Buffer.from(block), matchers)
    if (term !== undefined) return term
  }
  return undefined
}

/** Scans a Parquet file of any size on a disk: its row groups are in memory one at a time. */
export const scanParquetFile = async <State>(path: string, size: number, matchers: Matchers<State>): Promise<ScannedFile> => {
  const { fileOnDisk } = await import('./containers/parquet.ts')
  const file = fileOnDisk(path, size)
  const searched = matchers.targets.size
  const scan = nothingScanned()
  const faults: string[] = []
  try {
    await scanRows(file, faults, scan, matchers)
  } finally {
    file.close()
  }
  return merged([partScanned(scan, path, faults)], size, searched)
}
