import { Failure } from '../../../../incident/values/failure.ts'
import { given } from '../../../../incident/values/given.ts'
import { refuseForeign } from '../../../../incident/values/text-encoding.ts'
import { mayBeEscaped, type SearchTerms } from '../match/search-terms.ts'
import { findRecords, parseEach, parseMatches, type RecordPositions } from './cut-records.ts'
import { readJsonLines, readJsonValues, recordDocuments, startsWithJsonLine } from './json-records.ts'

export interface RecordsRead {
  /** Records in the bytes, those that were not parsed among them. */
  readonly events: number
  /** Why not all of them could be read: a clause. */
  readonly fault?: string
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
  const refused = refusal(bytes)
  if (refused) return { events: 0, fault: refused }
  const text = withoutMark(bytes)
  const searchable = searchTerms && !mayBeEscaped(text, searchTerms) ? searchTerms : undefined
  if (cutRecords(text, searchable, positions, sink)) return { events: positions.count }
  sink.restart?.()
  return parseWhole(text, searchable, sink)
}

/** The form that CloudTrail delivers is cut into records, and only those with a search term are parsed. False for other forms. */
const cutRecords = (
  bytes: Buffer,
  searchTerms: SearchTerms | undefined,
  positions: RecordPositions,
  { take }: RecordSink,
): boolean => {
  if (!findRecords(bytes, positions)) return false
  const takeFrom = (value: unknown): void => recordDocuments(value).forEach(take)
  if (!searchTerms) return parseEach(bytes, positions, takeFrom)
  const matches = parseMatches(bytes, positions, searchTerms)
  matches?.forEach(takeFrom)
  return matches !== undefined
}

const parseWhole = (bytes: Buffer, searchTerms: SearchTerms | undefined, { take }: RecordSink): RecordsRead => {
  const { documents, events, fault } = startsWithJsonLine(bytes) ? readJsonLines(bytes, searchTerms) : parseValues(bytes)
  documents.forEach(take)
  return { events, ...given({ fault: fault || undefined }) }
}

/** Lines of events may follow a first line that is none: where a file was split, or after a heading. */
const parseValues = (bytes: Buffer) => {
  const values = readValues(bytes.toString())
  if (values.fault === undefined) return values
  const lines = readJsonLines(bytes, undefined)
  return lines.events > values.events ? lines : values
}

const readValues = (text: string) => {
  const whole = parsed(text)
  const { values, fault } = whole === undefined ? readJsonValues(text) : { values: [whole] }
  const documents = values.flatMap(recordDocuments)
  return { documents, events: documents.length, fault }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const refusal = (bytes: Buffer): string | undefined => {
  if (bytes.length === 0) return 'it is empty'
  try {
    refuseForeign(bytes, 'it')
    return undefined
  } catch (error) {
    if (error instanceof Failure) return error.what
    throw error
  }
}

/** Some editors write a byte order mark before UTF-8. */
const withoutMark = (bytes: Buffer): Buffer =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
