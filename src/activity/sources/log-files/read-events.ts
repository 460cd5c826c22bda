import { Failure } from '../../../incident/failure.ts'
import { refuseForeign } from '../../../incident/text-encoding.ts'
import { findRecords, parseHits, type Records } from './cut-records.ts'
import { isLines, readLines } from './json-lines.ts'
import { valuesIn } from './json-values.ts'
import { mayHide, type Needles } from './needles.ts'
import { recordDocuments } from './record-documents.ts'

export interface Events {
  /** Of the records that hold a needle at the least; without needles of all records. */
  readonly documents: readonly unknown[]
  /** Records in the bytes, also those that were not parsed. */
  readonly events: number
  /** Why not all of them could be read: a clause. */
  readonly fault?: string
}

/** Reads the CloudTrail records out of a file's bytes, in whatever form they are written there. `records` is room to work in. */
export const readEvents = (bytes: Buffer, needles: Needles | undefined, records: Records): Events => {
  const refused = refusal(bytes)
  if (refused) return { documents: [], events: 0, fault: refused }
  const text = withoutMark(bytes)
  const searchable = needles && !mayHide(text, needles) ? needles : undefined
  return (searchable && cut(text, searchable, records)) ?? readAll(text, searchable)
}

/** Of a file as CloudTrail delivers it: only what is looked for is parsed. */
const cut = (bytes: Buffer, needles: Needles, records: Records): Events | undefined => {
  const documents = findRecords(bytes, records) ? parseHits(bytes, records, needles) : undefined
  return documents && { documents: documents.flatMap(recordDocuments), events: records.count }
}

const readAll = (bytes: Buffer, needles: Needles | undefined): Events => {
  if (isLines(bytes)) return readLines(bytes, needles)
  const text = bytes.toString()
  const whole = parsed(text)
  const { values, fault } = whole === undefined ? valuesIn(text) : { values: [whole] }
  const documents = values.flatMap(recordDocuments)
  return { documents, events: documents.length, ...(fault ? { fault } : {}) }
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
