import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type Untrusted, untrusted } from '../../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../../record.ts'
import { type FileMemory, fileMemory } from '../wasm/file-memory.ts'
import { type CallerParts, type CallParts, callerParts, callParts, type Parts, recordOf } from './record-parts.ts'
import { ID_LENGTH, NONE, PREFACE, ROW, type SectionName, type SegmentHeader } from './segment-layout.ts'

/** A segment that is open for reading. */
export interface Segment {
  readonly file: number
  readonly header: SegmentHeader
  /** Where the sections start. Bytes. */
  readonly start: number
}

/** Opens a segment. Undefined when it is no segment, is truncated, or was written by another version. Close it with `closeSegment`. */
export const openSegment = (path: string, writer: string): Segment | undefined => {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    const { header, start } = readHeader(file)
    if (header?.writer === writer) return { file, header, start }
  } catch {
    // A segment that cannot be read, or that another process removed, is not used: the log files are still there.
  }
  if (file !== undefined) closeSync(file)
  return undefined
}

export const closeSegment = ({ file }: Segment): void => closeSync(file)

const readHeader = (file: number): { readonly header?: SegmentHeader; readonly start: number } => {
  const preface = readAt(file, 0, Buffer.alloc(PREFACE.length))
  const isWhole = preface.length === PREFACE.length && preface.toString('latin1', 0, PREFACE.mark.length) === PREFACE.mark
  if (!isWhole || fstatSync(file).size !== preface.readDoubleLE(PREFACE.wholeLength)) return { start: 0 }
  const length = preface.readUInt32LE(PREFACE.headerLength)
  return { header: JSON.parse(readAt(file, PREFACE.length, Buffer.alloc(length)).toString()), start: PREFACE.length + length }
}

/** Fills the buffer from the file; gives the filled part, which is shorter when the file ends. */
const readAt = (file: number, position: number, buffer: Buffer): Buffer => {
  let filled = 0
  while (filled < buffer.length) {
    const read = readSync(file, buffer, filled, buffer.length - filled, position + filled)
    if (read === 0) break
    filled += read
  }
  return buffer.subarray(0, filled)
}

/** What was read of a segment so far. */
export interface SegmentReading {
  readonly segment: Segment
  readonly buffers: SegmentBuffers
  readonly sections: Map<SectionName, Buffer>
  /** Entries of the dictionaries. */
  readonly parts: Map<SectionName, unknown[]>
  block: { readonly number: number; readonly text: Buffer } | undefined
}

/** Buffers and caches that one segment after another is read into: the next segment overwrites the last. */
export interface SegmentBuffers {
  readonly byName: Map<SectionName, Buffer>
  readonly memory: FileMemory
  readonly days: Map<number, string>
  /** The text of an event id. */
  readonly id: Buffer
}

export const segmentBuffers = (): SegmentBuffers => ({
  byName: new Map(),
  memory: fileMemory(),
  days: new Map(),
  id: Buffer.alloc(TEXT_LENGTH),
})

/** Starts reading a segment. The buffers lose what was read of another one. */
export const startReading = (segment: Segment, buffers: SegmentBuffers): SegmentReading => ({
  segment,
  buffers,
  sections: new Map(),
  parts: new Map(),
  block: undefined,
})

const bufferOf = ({ byName }: SegmentBuffers, name: SectionName, length: number): Buffer => {
  const known = byName.get(name)
  if (known && known.length >= length) return known
  const larger = Buffer.allocUnsafeSlow(Math.ceil(length * 1.25))
  byName.set(name, larger)
  return larger
}

/** Reads a part of a section. */
const readPart = ({ segment, buffers }: SegmentReading, name: SectionName, from: number, length: number): Buffer => {
  const [offset] = segment.header.sections[name]
  return readAt(segment.file, segment.start + offset + from, bufferOf(buffers, name, length).subarray(0, length))
}

/** A section of the segment. It is read once. */
export const sectionOf = (reading: SegmentReading, name: SectionName): Buffer => {
  const known = reading.sections.get(name)
  if (known) return known
  const bytes = readPart(reading, name, 0, reading.segment.header.sections[name][1])
  reading.sections.set(name, bytes)
  return bytes
}

type Read = (json: unknown) => unknown

/** An entry of a dictionary. It is parsed once. */
const entryOf = (reading: SegmentReading, texts: SectionName, starts: SectionName, number: number, read: Read): unknown => {
  const known = reading.parts.get(texts) ?? []
  if (known[number] !== undefined) return known[number]
  const offsets = sectionOf(reading, starts)
  const text = sectionOf(reading, texts).toString('utf8', offsets.readUInt32LE(4 * number), offsets.readUInt32LE(4 * number + 4))
  known[number] = read(JSON.parse(text))
  reading.parts.set(texts, known)
  return known[number]
}

const asCaller: Read = (json) => callerParts(json as Parts)
const asCall: Read = (json) => callParts(json as Parts)
const asUntrusted: Read = (json) => untrusted(String(json))

export const callerOf = (reading: SegmentReading, number: number): CallerParts =>
  entryOf(reading, 'callers', 'callerStarts', number, asCaller) as CallerParts

export const callOf = (reading: SegmentReading, number: number): CallParts =>
  entryOf(reading, 'calls', 'callStarts', number, asCall) as CallParts

export const sourceOf = (reading: SegmentReading, number: number): Untrusted =>
  entryOf(reading, 'sources', 'sourceStarts', number, asUntrusted) as Untrusted

/** How many entries a dictionary has, by the section that says where each starts. */
export const entriesIn = (reading: SegmentReading, starts: 'callStarts' | 'sourceStarts'): number =>
  sectionOf(reading, starts).length / 4 - 1

/** The rows of a caller: the first one, and the one after the last. */
export const rowsOf = (reading: SegmentReading, caller: number): readonly [first: number, end: number] => {
  const rows = sectionOf(reading, 'callerRows')
  return [rows.readUInt32LE(4 * caller), rows.readUInt32LE(4 * caller + 4)]
}

/** The bytes of the rows from `first` to before `end`. */
export const readRows = (reading: SegmentReading, first: number, end: number): Buffer =>
  readPart(reading, 'rows', first * ROW.length, (end - first) * ROW.length)

/** The record of a row. */
export const recordAt = (reading: SegmentReading, caller: number, rows: Buffer, start: number): CloudTrailRecord => {
  const own = {
    source: sourceOf(reading, rows.readUInt32LE(start + ROW.source)),
    userAgent: entryOf(reading, 'agents', 'agentStarts', rows.readUInt32LE(start + ROW.agent), asUntrusted) as Untrusted,
    at: rows.readDoubleLE(start + ROW.at),
    issuedAt: rows.readDoubleLE(start + ROW.issuedAt),
    eventId: uuidAt(reading.buffers, rows, start + ROW.id),
    rest: restAt(reading, rows, start),
  }
  return recordOf(callerOf(reading, caller), callOf(reading, rows.readUInt32LE(start + ROW.call)), own, reading.buffers.days)
}

const DIGITS = Buffer.from('0123456789abcdef')
const DASH = 0x2d
const TEXT_LENGTH = 36

/** The event id of a row. `rest` holds an id of another form, which replaces this one. */
const uuidAt = ({ id }: SegmentBuffers, rows: Buffer, start: number): string => {
  let at = 0
  for (let index = 0; index < ID_LENGTH; index += 1) {
    if (index === 4 || index === 6 || index === 8 || index === 10) id[at++] = DASH
    const byte = rows[start + index] ?? 0
    id[at++] = DIGITS[byte >> 4] ?? 0
    id[at++] = DIGITS[byte & 0xf] ?? 0
  }
  return id.toString('latin1')
}

const NEW_LINE = 0x0a

const restAt = (reading: SegmentReading, rows: Buffer, start: number): Parts | undefined => {
  const number = rows.readUInt32LE(start + ROW.restBlock)
  if (number === NONE) return undefined
  const text = blockOf(reading, number)
  const offset = rows.readUInt32LE(start + ROW.restOffset)
  return JSON.parse(text.toString('utf8', offset, text.indexOf(NEW_LINE, offset)))
}

/** Rows are read in the order of their blocks, so one block is cached at a time. */
const blockOf = (reading: SegmentReading, number: number): Buffer => {
  if (reading.block?.number === number) return reading.block.text
  const { buffers } = reading
  const starts = sectionOf(reading, 'restBlocks')
  const from = starts.readUInt32LE(4 * number)
  const compressed = readPart(reading, 'rest', from, starts.readUInt32LE(4 * number + 4) - from)
  const text = buffers.memory.gunzip(compressed) ?? gunzipSync(compressed)
  reading.block = { number, text }
  return text
}
