import { given } from '../../../../incident/values/given.ts'
import { recordDocuments } from '../forms/record-documents.ts'
import { mayBeEscaped, type SearchTerms } from '../match/search-terms.ts'
import { whileFound } from '../wasm/search-memory.ts'
import { csvReader, separatorOf } from './csv-records.ts'
import { findRecords, parseEach, parseMatches, type RecordPositions, searchedInRecords } from './cut-records.ts'
import { type LineCounts, lineFault, readJsonLines, startsWithJsonLine } from './json-lines.ts'
import { type ValueReader, valueReader } from './json-values.ts'

export interface RecordsRead {
  /** Records in the bytes, those that were not parsed among them. */
  readonly events: number
  /** Why not all of them could be read: a clause. */
  readonly fault?: string
  /** Where the bytes are lines of JSON. */
  readonly lines?: LineCounts
  /** The form that CloudTrail delivers: all of it was searched for the search terms. */
  readonly isDelivered?: true
}

/** Takes the records of a file, each a JSON object as it stands there. */
export interface RecordSink {
  take(document: unknown): void
  /** All records of the file are given again, because it turned out to have another form. */
  restart?(): void
}

/**
 * Finds the CloudTrail records in a file's decompressed bytes, in any form that people have them in. Gives the sink the
 * records that contain a search term, and some others; all records where there are no search terms. `positions` is scratch
 * memory.
 */
export const readRecords = (
  bytes: Buffer,
  searchTerms: SearchTerms | undefined,
  positions: RecordPositions,
  sink: RecordSink,
): RecordsRead => {
  if (bytes.length === 0) return { events: 0, fault: 'it is empty' }
  const text = withoutMark(bytes)
  return whileFound(text, searchTerms ? searchedInRecords(searchTerms) : [], () => readText(text, searchTerms, positions, sink))
}

const readText = (
  text: Buffer,
  searchTerms: SearchTerms | undefined,
  positions: RecordPositions,
  sink: RecordSink,
): RecordsRead => {
  const searchable = searchTerms && !mayBeEscaped(text, searchTerms) ? searchTerms : undefined
  if (cutRecords(text, searchable, positions, sink)) return { events: positions.count, isDelivered: true }
  sink.restart?.()
  return readOther(text, searchable, sink)
}

const NOTIFICATION = /"eventSource"\s*:\s*"aws:/

/** Records of notifications, such as S3's, have the names of CloudTrail's. */
const isNotification = (bytes: Buffer): boolean => NOTIFICATION.test(bytes.toString('latin1', 0, 256))

/** The form that CloudTrail delivers is cut into records, and only those with a search term are parsed. False for other forms. */
const cutRecords = (
  bytes: Buffer,
  searchTerms: SearchTerms | undefined,
  positions: RecordPositions,
  { take }: RecordSink,
): boolean => {
  if (!findRecords(bytes, positions) || isNotification(bytes)) return false
  const takeFrom = (value: unknown): void => recordDocuments(value).forEach(take)
  return searchTerms ? parseMatches(bytes, positions, searchTerms, takeFrom) : parseEach(bytes, positions, takeFrom)
}

const readOther = (bytes: Buffer, searchTerms: SearchTerms | undefined, sink: RecordSink): RecordsRead => {
  if (startsWithJsonLine(bytes)) return readLines(bytes, searchTerms, sink.take)
  const reader = pieceReader(bytes, searchTerms, sink.take)
  reader.push(bytes)
  const values = reader.finish()
  // Lines of events may follow a first line that is none: where a file was split, or after a heading.
  const hasLines = values.fault !== undefined && bytes.includes(NEW_LINE)
  const inLines = hasLines ? readLines(bytes, undefined, () => {}).events : 0
  if (inLines === 0 || inLines < values.events) return values
  sink.restart?.()
  return readLines(bytes, undefined, sink.take)
}

const NEW_LINE = 0x0a

const readLines = (bytes: Buffer, searchTerms: SearchTerms | undefined, take: RecordSink['take']): RecordsRead => {
  const { events, lines } = readJsonLines(bytes, searchTerms, take)
  return { events, lines, ...given({ fault: lineFault(lines) }) }
}

/** Reads a file in pieces, by what its first bytes show: a table in CSV, or JSON values. */
export const pieceReader = (
  first: Buffer,
  searchTerms: SearchTerms | undefined,
  take: (document: unknown) => void,
): ValueReader => {
  const separator = separatorOf(first)
  return separator === undefined ? valueReader(searchTerms, take) : csvReader(separator, searchTerms, take)
}

/** Some editors write a byte order mark before UTF-8. */
export const withoutMark = (bytes: Buffer): Buffer =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
