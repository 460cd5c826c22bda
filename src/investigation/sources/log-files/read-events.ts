import { Failure } from '../../../incident/values/failure.ts'
import { refuseForeign } from '../../../incident/values/text-encoding.ts'
import { findRecords, parseEach, parseHits, type Records } from './cut-records.ts'
import { isLines, readLines } from './json-lines.ts'
import { valuesIn } from './json-values.ts'
import { mayHide, type Needles } from './needles.ts'
import { recordDocuments } from './record-documents.ts'

export interface Events {
  /** Records in the bytes, also those that were not parsed. */
  readonly events: number
  /** Why not all of them could be read: a clause. */
  readonly fault?: string
}

/** Whoever takes the records out of a file. */
export interface Taker {
  take(document: unknown): void
  /** All that was taken of the file is given again, because it was found to be written otherwise. */
  again?(): void
}

/**
 * Reads the CloudTrail records out of a file's bytes, in whatever form they are written there, and gives those that hold a
 * needle (and some others), or all of them. `records` is room to work in.
 */
export const readEvents = (bytes: Buffer, needles: Needles | undefined, records: Records, taker: Taker): Events => {
  const refused = refusal(bytes)
  if (refused) return { events: 0, fault: refused }
  const text = withoutMark(bytes)
  const searchable = needles && !mayHide(text, needles) ? needles : undefined
  if (cut(text, searchable, records, taker)) return { events: records.count }
  taker.again?.()
  return readWhole(text, searchable, taker)
}

/** Of a file as CloudTrail delivers it: record by record, and only what is looked for is parsed. */
const cut = (bytes: Buffer, needles: Needles | undefined, records: Records, { take }: Taker): boolean => {
  if (!findRecords(bytes, records)) return false
  const takeFrom = (value: unknown): void => recordDocuments(value).forEach(take)
  if (!needles) return parseEach(bytes, records, takeFrom)
  const hits = parseHits(bytes, records, needles)
  hits?.forEach(takeFrom)
  return hits !== undefined
}

const readWhole = (bytes: Buffer, needles: Needles | undefined, { take }: Taker): Events => {
  const { documents, events, fault } = isLines(bytes) ? readLines(bytes, needles) : readOtherwise(bytes)
  documents.forEach(take)
  return { events, ...(fault ? { fault } : {}) }
}

/** A first line that is no event may stand before others: where a file was split, or under a heading. */
const readOtherwise = (bytes: Buffer) => {
  const values = readValues(bytes.toString())
  if (values.fault === undefined) return values
  const lines = readLines(bytes, undefined)
  return lines.events > values.events ? lines : values
}

const readValues = (text: string) => {
  const whole = parsed(text)
  const { values, fault } = whole === undefined ? valuesIn(text) : { values: [whole] }
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

/** Without the byte order mark that some editors put before UTF-8. */
const withoutMark = (bytes: Buffer): Buffer =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
