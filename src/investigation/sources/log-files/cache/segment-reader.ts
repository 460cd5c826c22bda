import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type Untrusted, untrusted } from '../../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../../record.ts'
import { type Inflate, reusableInflate, sizeSaidBy } from '../inflate.ts'
import { type CallerParts, type CallParts, callerParts, callParts, type Parts, recordOf } from './record-parts.ts'
import { ID_LENGTH, NONE, PREFACE, ROW, type SectionName, type SegmentHeader } from './segment.ts'

/** A segment that is open for reading. */
export interface Segment {
  readonly file: number
  readonly header: SegmentHeader
  /** Where the sections begin. */
  readonly begin: number
}

/** Opens a segment; undefined when it is none, breaks off, or was written by another version. Close it with `closeSegment`. */
export const openSegment = (path: string, writer: string): Segment | undefined => {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    const { header, begin } = readHeader(file)
    if (header?.writer === writer) return { file, header, begin }
  } catch {
    // What cannot be read, or was removed by another process, is not used: the log files are still there.
  }
  if (file !== undefined) closeSync(file)
  return undefined
}

export const closeSegment = ({ file }: Segment): void => closeSync(file)

const readHeader = (file: number): { readonly header?: SegmentHeader; readonly begin: number } => {
  const preface = readAt(file, 0, Buffer.alloc(PREFACE.length))
  const isWhole = preface.length === PREFACE.length && preface.toString('latin1', 0, PREFACE.mark.length) === PREFACE.mark
  if (!isWhole || fstatSync(file).size !== preface.readDoubleLE(PREFACE.wholeLength)) return { begin: 0 }
  const length = preface.readUInt32LE(PREFACE.headerLength)
  return { header: JSON.parse(readAt(file, PREFACE.length, Buffer.alloc(length)).toString()), begin: PREFACE.length + length }
}

/** Fills the room, or less when the file ends before. */
const readAt = (file: number, position: number, room: Buffer): Buffer => {
  let filled = 0
  while (filled < room.length) {
    const read = readSync(file, room, filled, room.length - filled, position + filled)
    if (read === 0) break
    filled += read
  }
  return room.subarray(0, filled)
}

/** What is read of a segment. One segment is read after the other, in the same room. */
export interface SegmentRead {
  readonly segment: Segment
  readonly room: ReadingRoom
  readonly sections: Map<SectionName, Buffer>
  /** What was read of the dictionaries. */
  readonly parts: Map<SectionName, unknown[]>
  block: { readonly number: number; readonly text: Buffer } | undefined
}

export interface ReadingRoom {
  readonly buffers: Map<SectionName | 'unpacked', Buffer>
  readonly inflate: Inflate
  readonly days: Map<number, string>
  /** For the text of an event id. */
  readonly id: Buffer
}

export const readingRoom = (): ReadingRoom => ({
  buffers: new Map(),
  inflate: reusableInflate(),
  days: new Map(),
  id: Buffer.alloc(TEXT_LENGTH),
})

/** Begins to read a segment; what was read of another one in the same room is gone. */
export const readingOf = (segment: Segment, room: ReadingRoom): SegmentRead => ({
  segment,
  room,
  sections: new Map(),
  parts: new Map(),
  block: undefined,
})

const roomFor = ({ buffers }: ReadingRoom, name: SectionName | 'unpacked', length: number): Buffer => {
  const known = buffers.get(name)
  if (known && known.length >= length) return known
  const larger = Buffer.allocUnsafeSlow(Math.ceil(length * 1.25))
  buffers.set(name, larger)
  return larger
}

/** A part of a section. */
const readPart = ({ segment, room }: SegmentRead, name: SectionName, from: number, length: number): Buffer => {
  const [offset] = segment.header.sections[name]
  return readAt(segment.file, segment.begin + offset + from, roomFor(room, name, length).subarray(0, length))
}

/** A section, read once. */
export const sectionOf = (reading: SegmentRead, name: SectionName): Buffer => {
  const known = reading.sections.get(name)
  if (known) return known
  const bytes = readPart(reading, name, 0, reading.segment.header.sections[name][1])
  reading.sections.set(name, bytes)
  return bytes
}

type Read = (json: unknown) => unknown

const partOf = (reading: SegmentRead, texts: SectionName, starts: SectionName, number: number, read: Read): unknown => {
  const known = reading.parts.get(texts) ?? []
  if (known[number] !== undefined) return known[number]
  const places = sectionOf(reading, starts)
  const text = sectionOf(reading, texts).toString('utf8', places.readUInt32LE(4 * number), places.readUInt32LE(4 * number + 4))
  known[number] = read(JSON.parse(text))
  reading.parts.set(texts, known)
  return known[number]
}

const asCaller: Read = (json) => callerParts(json as Parts)
const asCall: Read = (json) => callParts(json as Parts)
const fromOutside: Read = (json) => untrusted(String(json))

export const callerOf = (reading: SegmentRead, number: number): CallerParts =>
  partOf(reading, 'callers', 'callerStarts', number, asCaller) as CallerParts

const callOf = (reading: SegmentRead, number: number): CallParts =>
  partOf(reading, 'calls', 'callStarts', number, asCall) as CallParts

/** The rows of a caller: from the first to before the last. */
export const rowsOf = (reading: SegmentRead, caller: number): readonly [first: number, end: number] => {
  const rows = sectionOf(reading, 'callerRows')
  return [rows.readUInt32LE(4 * caller), rows.readUInt32LE(4 * caller + 4)]
}

/** Rows as they are in the segment, from the first to before the last. */
export const readRows = (reading: SegmentRead, first: number, end: number): Buffer =>
  readPart(reading, 'rows', first * ROW.length, (end - first) * ROW.length)

/** The record of a row. */
export const recordAt = (reading: SegmentRead, caller: number, rows: Buffer, start: number): CloudTrailRecord => {
  const own = {
    source: partOf(reading, 'sources', 'sourceStarts', rows.readUInt32LE(start + ROW.source), fromOutside) as Untrusted,
    userAgent: partOf(reading, 'agents', 'agentStarts', rows.readUInt32LE(start + ROW.agent), fromOutside) as Untrusted,
    at: rows.readDoubleLE(start + ROW.at),
    issuedAt: rows.readDoubleLE(start + ROW.issuedAt),
    eventId: uuidAt(reading.room, rows, start + ROW.id),
    rest: restAt(reading, rows, start),
  }
  return recordOf(callerOf(reading, caller), callOf(reading, rows.readUInt32LE(start + ROW.call)), own, reading.room.days)
}

const DIGITS = Buffer.from('0123456789abcdef')
const DASH = 0x2d
const TEXT_LENGTH = 36

/** An id that is none of CloudTrail's stands in the rest, and so takes the place of this one. */
const uuidAt = ({ id }: ReadingRoom, rows: Buffer, start: number): string => {
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

const restAt = (reading: SegmentRead, rows: Buffer, start: number): Parts | undefined => {
  const number = rows.readUInt32LE(start + ROW.restBlock)
  if (number === NONE) return undefined
  const text = blockOf(reading, number)
  const offset = rows.readUInt32LE(start + ROW.restOffset)
  return JSON.parse(text.toString('utf8', offset, text.indexOf(NEW_LINE, offset)))
}

/** Rows come in the order of their blocks, so one is kept at a time. */
const blockOf = (reading: SegmentRead, number: number): Buffer => {
  if (reading.block?.number === number) return reading.block.text
  const { room } = reading
  const starts = sectionOf(reading, 'restBlocks')
  const from = starts.readUInt32LE(4 * number)
  const packed = readPart(reading, 'rest', from, starts.readUInt32LE(4 * number + 4) - from)
  const text = room.inflate(packed, roomFor(room, 'unpacked', sizeSaidBy(packed) + 1)) ?? gunzipSync(packed)
  reading.block = { number, text }
  return text
}
