import { StringDecoder } from 'node:string_decoder'
import { OTHER_NAMES, PATHS, plainName } from '../forms/field-names.ts'
import { recordDocuments } from '../forms/record-documents.ts'
import { containsTerm, mayBeEscaped, type SearchTerms } from '../match/search-terms.ts'
import type { ValueReader, ValuesRead } from './json-values.ts'

/** A row that is longer is damaged: its quotes do not match. Characters. */
const LONGEST_ROW = 4 * 2 ** 20
const LONGEST_HEADING = 2 ** 14
/** Bytes that are decoded at once. */
const PIECE = 4 * 2 ** 20

const SEPARATORS = [',', ';', '\t'] as const

/** Names of columns that hold a record as CloudTrail wrote it. */
const RECORD_COLUMNS: ReadonlySet<string> = new Set(['raw', 'message', 'cloudtrailevent', 'eventoriginal', 'rawdata', 'rawlog'])

/**
 * How the columns of a table are separated: the console's event history, an answer of Athena or Sentinel, an export of Splunk or
 * CloudWatch Logs Insights. Undefined for what is no such table.
 */
export const separatorOf = (bytes: Buffer): string | undefined => {
  const head = bytes.toString('utf8', 0, LONGEST_HEADING).replace(/^\uFEFF/, '')
  if (/^\s*[{[]/.test(head)) return undefined
  return SEPARATORS.find((separator) => isHeading(readRow(head, 0, separator)?.cells.map(plainName) ?? []))
}

const isHeading = (names: readonly string[]): boolean =>
  (names.includes('eventname') && names.some((name) => PATHS.has(name) && name !== 'eventname')) ||
  names.some((name) => RECORD_COLUMNS.has(name) && (names.length > 1 || name === 'raw')) ||
  (names.includes('eventaction') && names.some((name) => name.startsWith('awscloudtrail'))) ||
  (names.includes('eventname') && names.some((name) => OTHER_NAMES.has(name)))

interface Reading {
  readonly separator: string
  readonly terms: SearchTerms | undefined
  readonly take: (document: unknown) => void
  text: string
  columns: readonly string[] | undefined
  /** Whether each row is one record: the first one was. */
  isRecordPerRow: boolean
  rows: number
  events: number
  damaged: number
  firstDamaged: number | undefined
}

/** Reads the rows of a table in CSV, in pieces. */
export const csvReader = (separator: string, terms: SearchTerms | undefined, take: (document: unknown) => void): ValueReader => {
  const reading: Reading = {
    ...{ separator, terms, take, text: '', columns: undefined, isRecordPerRow: false },
    ...{ rows: 0, events: 0, damaged: 0, firstDamaged: undefined },
  }
  const decoder = new StringDecoder('utf8')
  return {
    push: (bytes) => {
      for (let at = 0; at < bytes.length; at += PIECE) {
        reading.text += decoder.write(bytes.subarray(at, at + PIECE))
        readRows(reading, false)
      }
    },
    finish: () => {
      readRows(reading, true)
      return readSoFar(reading)
    },
  }
}

const readSoFar = ({ events, damaged, firstDamaged, columns = [] }: Reading): ValuesRead => {
  const faults = [
    ...(damaged === 1 ? [`row ${firstDamaged} holds no record`] : []),
    ...(damaged > 1 ? [`${damaged} rows hold no record; the first is row ${firstDamaged}`] : []),
    ...(events > 0 && !saysOutcomes(columns)
      ? ['it has no column of error codes: calls that failed look as if they had succeeded']
      : []),
  ]
  return faults.length > 0 ? { events, fault: faults.join(', and ') } : { events }
}

const saysOutcomes = (columns: readonly string[]): boolean =>
  columns.map(plainName).some((name) => name.endsWith('errorcode') || name.endsWith('outcome') || RECORD_COLUMNS.has(name))

const readRows = (reading: Reading, isEnd: boolean): void => {
  let at = 0
  while (at < reading.text.length) {
    const row = readRow(reading.text, at, reading.separator)
    if (!row && !isEnd && reading.text.length - at < LONGEST_ROW) break
    // Quotes that do not match would make one row of all that follows.
    const next = row?.end ?? endOfLine(reading.text, at)
    if (row && next >= reading.text.length && !isEnd) break
    addRow(reading, row?.cells, reading.text.slice(at, next))
    at = next
  }
  reading.text = reading.text.slice(at)
}

const endOfLine = (text: string, from: number): number => {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end + 1
}

const addRow = (reading: Reading, cells: readonly string[] | undefined, text: string): void => {
  reading.rows += 1
  if (text.trim() === '') return
  if (!reading.columns) {
    reading.columns = (cells ?? []).map((name) => name.replace(/^\uFEFF/, '').trim())
    return
  }
  if (cells?.length === reading.columns.length && reading.isRecordPerRow && isOfAnother(reading, text)) {
    reading.events += 1
    return
  }
  const documents = cells ? recordDocuments(objectOf(reading.columns, cells)) : []
  if (documents.length === 1) reading.isRecordPerRow = true
  if (documents.length === 0) {
    reading.damaged += 1
    reading.firstDamaged ??= reading.rows
  }
  reading.events += documents.length
  documents.forEach(reading.take)
}

const isOfAnother = ({ terms }: Reading, text: string): boolean => {
  if (!terms) return false
  const bytes = Buffer.from(text)
  return !containsTerm(bytes, terms) && !mayBeEscaped(bytes, terms)
}

const objectOf = (columns: readonly string[], cells: readonly string[]): object =>
  Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? '']))

interface Row {
  readonly cells: readonly string[]
  /** After its line end. */
  readonly end: number
}

/** The row that starts at `from` (RFC 4180); undefined when a quoted cell does not end. */
const readRow = (text: string, from: number, separator: string): Row | undefined => {
  const cells: string[] = []
  let at = from
  for (;;) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at, separator)
    if (!cell) return undefined
    cells.push(cell.value)
    at = cell.end
    if (text[at] !== separator) break
    at += 1
  }
  // What stands behind a closing quote belongs to no cell.
  return { cells, end: endOfLine(text, at) }
}

interface Cell {
  readonly value: string
  readonly end: number
}

const quotedCell = (text: string, from: number): Cell | undefined => {
  let value = ''
  for (let at = from + 1; ; ) {
    const quote = text.indexOf('"', at)
    if (quote < 0) return undefined
    value += text.slice(at, quote)
    if (text[quote + 1] !== '"') return { value, end: quote + 1 }
    value += '"'
    at = quote + 2
  }
}

const plainCell = (text: string, from: number, separator: string): Cell => {
  let end = from
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end += 1
  return { value: text.slice(from, end), end }
}
