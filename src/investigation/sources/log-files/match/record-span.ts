import type { CloudTrailRecord } from '../../../record.ts'
import { findText, searchText } from './byte-search.ts'

/** The time that records span, and whether there are data events among them. Plain data, which a worker can send. */
export interface RecordSpan {
  first: string
  last: string
  hasDataEvents: boolean
  /** So many bytes are still searched for a data event. */
  bytesLeft: number
}

/** Without data events all bytes would be searched; these are enough to meet some where a trail records them. */
const BYTES_SEARCHED = 4 * 2 ** 20

export const emptySpan = (): RecordSpan => ({ first: '', last: '', hasDataEvents: false, bytesLeft: BYTES_SEARCHED })

const TIME = Buffer.from('"eventTime"')
const DATA = [searchText('"eventCategory":"Data"'), searchText('"managementEvent":false')] as const
const VALUE_LENGTH = 40

/** Notes the times of the first and the last record in the bytes of a log file: reading those of all would take too long. */
export const noteSpan = (span: RecordSpan, bytes: Buffer): void => {
  noteTimeAt(span, bytes, bytes.indexOf(TIME))
  noteTimeAt(span, bytes, bytes.lastIndexOf(TIME))
  if (span.hasDataEvents || span.bytesLeft <= 0) return
  span.bytesLeft -= bytes.length
  span.hasDataEvents = DATA.some((text) => findText(bytes, text, 0) >= 0)
}

const noteTimeAt = (span: RecordSpan, bytes: Buffer, at: number): void => {
  if (at < 0) return
  const start = at + TIME.length
  const time = plainTimeAt(bytes, start) ?? spacedTimeAt(bytes, start)
  if (time === undefined || (span.first !== '' && time >= span.first && time <= span.last)) return
  if (/^\d{4}-\d{2}-\d{2}T[\d:]{8}Z$/.test(time)) noteTime(span, time)
}

const QUOTE = 0x22
const COLON = 0x3a
const TIME_LENGTH = '2026-03-01T00:00:00Z'.length

/** The value as CloudTrail writes it, `:"2026-03-01T00:00:00Z"`: there may be a million files, and a regular expression takes longer. */
const plainTimeAt = (bytes: Buffer, start: number): string | undefined => {
  const end = start + 2 + TIME_LENGTH
  const isPlain = bytes[start] === COLON && bytes[start + 1] === QUOTE && bytes[end] === QUOTE
  return isPlain ? bytes.toString('latin1', start + 2, end) : undefined
}

const spacedTimeAt = (bytes: Buffer, start: number): string | undefined =>
  /^\s*:\s*"([^"]+)"/.exec(bytes.toString('latin1', start, start + VALUE_LENGTH))?.[1]

const noteTime = (span: RecordSpan, time: string): void => {
  if (span.first === '' || time < span.first) span.first = time
  if (time > span.last) span.last = time
}

/** Notes a record that was parsed. */
export const noteRecord = (span: RecordSpan, { at, category }: CloudTrailRecord): void => {
  noteTime(span, at)
  if (category === 'data') span.hasDataEvents = true
}

export const mergeSpan = (into: RecordSpan, { first, last, hasDataEvents }: RecordSpan): void => {
  if (first !== '') noteTime(into, first)
  if (last !== '') noteTime(into, last)
  into.hasDataEvents ||= hasDataEvents
}
