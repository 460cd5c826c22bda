import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import type { CloudTrailRecord } from '../../../record.ts'
import { type Parts, recordOf } from './record-parts.ts'
import { NONE, PREFACE, ROW, type SectionName, type SegmentHeader } from './segment.ts'

/** A segment that is open for reading. */
export interface Segment {
  readonly file: number
  readonly header: SegmentHeader
  /** Where the sections begin. */
  readonly begin: number
  readonly sections: Map<SectionName, Buffer>
  /** What was read of the dictionaries. */
  readonly parts: Map<SectionName, unknown[]>
  readonly days: Map<number, string>
  block: { readonly number: number; readonly text: Buffer } | undefined
}

/** Opens a segment; undefined when it is none, breaks off, or was written by another version. Close it with `closeSegment`. */
export const openSegment = (path: string, writer: string): Segment | undefined => {
  const file = openSync(path, 'r')
  try {
    const header = readHeader(file)
    if (header?.writer === writer)
      return { file, header, begin: header.begin, sections: new Map(), parts: new Map(), days: new Map(), block: undefined }
  } catch {
    // What cannot be read is not used: the log files are still there.
  }
  closeSync(file)
  return undefined
}

export const closeSegment = ({ file }: Segment): void => closeSync(file)

const readHeader = (file: number): (SegmentHeader & { readonly begin: number }) | undefined => {
  const preface = readAt(file, 0, PREFACE.length)
  const isWhole = preface.length === PREFACE.length && preface.toString('latin1', 0, PREFACE.mark.length) === PREFACE.mark
  if (!isWhole || fstatSync(file).size !== preface.readDoubleLE(PREFACE.wholeLength)) return undefined
  const length = preface.readUInt32LE(PREFACE.headerLength)
  return { ...JSON.parse(readAt(file, PREFACE.length, length).toString()), begin: PREFACE.length + length }
}

const readAt = (file: number, position: number, length: number): Buffer => {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const read = readSync(file, bytes, filled, length - filled, position + filled)
    if (read === 0) break
    filled += read
  }
  return bytes.subarray(0, filled)
}

/** A section, read once. */
export const sectionOf = (segment: Segment, name: SectionName): Buffer => {
  const known = segment.sections.get(name)
  if (known) return known
  const [offset, length] = segment.header.sections[name]
  const bytes = readAt(segment.file, segment.begin + offset, length)
  segment.sections.set(name, bytes)
  return bytes
}

const partOf = (segment: Segment, texts: SectionName, starts: SectionName, number: number): unknown => {
  const known = segment.parts.get(texts) ?? []
  if (known[number] !== undefined) return known[number]
  const places = sectionOf(segment, starts)
  const text = sectionOf(segment, texts).toString('utf8', places.readUInt32LE(4 * number), places.readUInt32LE(4 * number + 4))
  known[number] = JSON.parse(text)
  segment.parts.set(texts, known)
  return known[number]
}

export const callerOf = (segment: Segment, number: number): Parts => partOf(segment, 'callers', 'callerStarts', number) as Parts

/** The rows of a caller: from the first to before the last. */
export const rowsOf = (segment: Segment, caller: number): readonly [first: number, end: number] => {
  const rows = sectionOf(segment, 'callerRows')
  return [rows.readUInt32LE(4 * caller), rows.readUInt32LE(4 * caller + 4)]
}

/** Rows as they are in the segment, from the first to before the last. */
export const readRows = (segment: Segment, first: number, end: number): Buffer => {
  const [offset] = segment.header.sections.rows
  return readAt(segment.file, segment.begin + offset + first * ROW.length, (end - first) * ROW.length)
}

/** The record of a row. */
export const recordAt = (segment: Segment, caller: number, rows: Buffer, start: number): CloudTrailRecord => {
  const rest = restAt(segment, rows, start)
  const parts = {
    caller: callerOf(segment, caller),
    call: partOf(segment, 'calls', 'callStarts', rows.readUInt32LE(start + ROW.call)) as Parts,
    source: String(partOf(segment, 'sources', 'sourceStarts', rows.readUInt32LE(start + ROW.source))),
    userAgent: String(partOf(segment, 'agents', 'agentStarts', rows.readUInt32LE(start + ROW.agent))),
    at: rows.readDoubleLE(start + ROW.at),
    issuedAt: rows.readDoubleLE(start + ROW.issuedAt),
    eventId: uuidAt(rows, start + ROW.id),
    rest,
  }
  return recordOf(parts, segment.days)
}

/** An id that is none of CloudTrail's stands in the rest, and so takes the place of this one. */
const uuidAt = (rows: Buffer, start: number): string => {
  const hex = rows.toString('hex', start, start + 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const NEW_LINE = 0x0a

const restAt = (segment: Segment, rows: Buffer, start: number): Parts | undefined => {
  const number = rows.readUInt32LE(start + ROW.restBlock)
  if (number === NONE) return undefined
  const text = blockOf(segment, number)
  const offset = rows.readUInt32LE(start + ROW.restOffset)
  return JSON.parse(text.toString('utf8', offset, text.indexOf(NEW_LINE, offset)))
}

/** A block fits in one piece, mostly. */
const ROOMY = 2 ** 17

/** Rows come in the order of their blocks, so one is kept at a time. */
const blockOf = (segment: Segment, number: number): Buffer => {
  if (segment.block?.number === number) return segment.block.text
  const starts = sectionOf(segment, 'restBlocks')
  const from = starts.readUInt32LE(4 * number)
  const [offset] = segment.header.sections.rest
  const packed = readAt(segment.file, segment.begin + offset + from, starts.readUInt32LE(4 * number + 4) - from)
  segment.block = { number, text: inflateRawSync(packed, { chunkSize: ROOMY }) }
  return segment.block.text
}
