import { eachMatch, type SearchTerms } from '../match/search-terms.ts'

/** No tool wraps a record deeper than this. */
const DEEPEST = 12

/**
 * The CloudTrail records in a JSON value, unchanged: in a log file, a list, EventBridge's `detail`, LookupEvents'
 * `CloudTrailEvent`, or any other object that a tool wraps around them. A record is an object with an `eventName`; nothing
 * inside a record is a record.
 */
export const recordDocuments = (value: unknown): unknown[] => {
  const found: unknown[] = []
  gather(value, DEEPEST, found)
  return found
}

const gather = (value: unknown, depth: number, found: unknown[]): void => {
  if (depth === 0) return
  if (typeof value === 'string') gatherText(value, depth, found)
  else if (Array.isArray(value)) for (const item of value) gather(item, depth - 1, found)
  else if (typeof value === 'object' && value !== null) gatherObject(value, depth, found)
}

const gatherObject = (value: object, depth: number, found: unknown[]): void => {
  if ('eventName' in value && typeof value.eventName === 'string') found.push(value)
  else for (const member of Object.values(value)) gather(member, depth - 1, found)
}

/** Some tools write a record as a string: LookupEvents, a CloudWatch log group, the export of a search engine. */
const gatherText = (text: string, depth: number, found: unknown[]): void => {
  if (!/^\s*[{[]/.test(text) || !text.includes('eventName')) return
  try {
    gather(JSON.parse(text), depth - 1, found)
  } catch {
    // It only looks like JSON.
  }
}

export interface LineRecords {
  readonly documents: readonly unknown[]
  /** Records in the lines, those that were not parsed among them. */
  readonly events: number
  readonly fault?: string
}

const NEW_LINE = 0x0a

/** Whether the line that starts at `from` is a JSON value by itself and more lines follow: one event per line. */
export const startsWithJsonLine = (bytes: Buffer, from = 0): boolean => {
  const end = bytes.indexOf(NEW_LINE, from)
  if (end < 0 || end + 1 >= bytes.length) return false
  const value = parseLine(bytes, from, end)
  return typeof value === 'object' && value !== null
}

/** Reads the lines that contain a search term; all lines without search terms, or where the first line is not exactly one record. */
export const readJsonLines = (bytes: Buffer, searchTerms: SearchTerms | undefined): LineRecords => {
  const first = recordDocuments(parseLine(bytes, 0, endOfLine(bytes, 0)))
  return searchTerms && first.length === 1 ? readMatches(bytes, searchTerms) : readAllLines(bytes)
}

const readAllLines = (bytes: Buffer): LineRecords => {
  const documents: unknown[] = []
  const invalid: number[] = []
  let number = 0
  for (let at = 0; at < bytes.length; at = endOfLine(bytes, at) + 1) {
    number += 1
    const value = parseLine(bytes, at, endOfLine(bytes, at))
    if (value === undefined) invalid.push(number)
    else documents.push(...recordDocuments(value))
  }
  return { documents, events: documents.length, ...lineFault(invalid) }
}

const readMatches = (bytes: Buffer, searchTerms: SearchTerms): LineRecords => {
  const starts = new Set<number>()
  eachMatch(bytes, searchTerms, (at) => {
    starts.add(bytes.lastIndexOf(NEW_LINE, at) + 1)
    return endOfLine(bytes, at)
  })
  // A truncated file ends inside its last line.
  const last = bytes.lastIndexOf(NEW_LINE, bytes.length - 2) + 1
  const documents: unknown[] = []
  const invalid: number[] = []
  for (const start of starts.add(last)) {
    const value = parseLine(bytes, start, endOfLine(bytes, start))
    if (value === undefined) invalid.push(lineAt(bytes, start))
    else documents.push(...recordDocuments(value))
  }
  return { documents, events: filledLines(bytes) - invalid.length, ...lineFault(invalid) }
}

const endOfLine = (bytes: Buffer, from: number): number => {
  const end = bytes.indexOf(NEW_LINE, from)
  return end < 0 ? bytes.length : end
}

/** How many lines are not empty. */
const filledLines = (bytes: Buffer): number => {
  let filled = 0
  for (let at = 0; at < bytes.length; at = endOfLine(bytes, at) + 1) if ((bytes[at] ?? 0) > 0x20) filled += 1
  return filled
}

/** The number of the line that starts at the position, from 1. */
const lineAt = (bytes: Buffer, start: number): number => {
  let number = 1
  for (let at = bytes.indexOf(NEW_LINE); at >= 0 && at < start; at = bytes.indexOf(NEW_LINE, at + 1)) number += 1
  return number
}

/** The value of a line; null for an empty one, undefined for one that is not JSON. */
const parseLine = (bytes: Buffer, start: number, end: number): unknown => {
  const line = bytes.toString('utf8', start, end).trim()
  if (line === '') return null
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const lineFault = (invalid: readonly number[]): { readonly fault?: string } => {
  const [first] = [...invalid].sort((a, b) => a - b)
  if (first === undefined) return {}
  return {
    fault:
      invalid.length === 1
        ? `line ${first} is not valid JSON`
        : `${invalid.length} lines are not valid JSON; the first is line ${first}`,
  }
}

const OPENS = /[{[]/
const STRUCTURE = /["{}[\]]/g
/** The start of a list of records, or of an object whose first member is such a list. */
const LIST = /^(?:\{\s*"[^"]{1,40}"\s*:\s*)?\[/

export interface JsonValues {
  readonly values: readonly unknown[]
  /** What is wrong: a clause, such as "its JSON is truncated (read up to byte 812)". */
  readonly fault?: string
}

/**
 * Reads what JSON.parse refuses: several JSON values in a row (as Firehose and `jq` write them), and the intact list items of
 * a value that is truncated or damaged.
 */
export const readJsonValues = (text: string): JsonValues => {
  const reading: ValueReading = { text, values: [], invalid: 0, readUntil: 0, problem: undefined }
  let at = nextValue(text, 0)
  while (OPENS.test(text.charAt(at)) && reading.problem === undefined) {
    const end = endOfValue(text, at) ?? text.length
    readValue(reading, at, end)
    at = nextValue(text, end)
  }
  if (at < text.length && reading.problem === undefined) reading.problem = at === nextValue(text, 0) ? 'no JSON' : 'damaged'
  return { values: reading.values, ...valueFault(reading) }
}

interface ValueReading {
  readonly text: string
  readonly values: unknown[]
  /** Complete values that are not valid JSON. */
  invalid: number
  /** Characters up to the end of the last value that was read. */
  readUntil: number
  problem: 'no JSON' | 'damaged' | 'truncated' | undefined
}

const readValue = (reading: ValueReading, at: number, end: number): void => {
  const text = reading.text.slice(at, end)
  if (addValue(reading, text, end)) return
  const list = LIST.exec(text)
  if (list) readItems(reading, at + list[0].length)
  else if (endOfValue(text, 0) === undefined) reading.problem = 'truncated'
  else reading.invalid += 1
}

/** Reads the items of a list that has no end, or has damaged items. */
const readItems = (reading: ValueReading, from: number): void => {
  const { text } = reading
  const invalidBefore = reading.invalid
  let at = nextValue(text, from)
  while (OPENS.test(text.charAt(at))) {
    const end = endOfValue(text, at)
    if (end === undefined) break
    if (!addValue(reading, text.slice(at, end), end)) reading.invalid += 1
    at = nextValue(text, end)
  }
  if (at >= text.length || OPENS.test(text.charAt(at))) reading.problem = 'truncated'
  else if (text.charAt(at) !== ']' || reading.invalid === invalidBefore) reading.problem = 'damaged'
}

const addValue = (reading: ValueReading, text: string, end: number): boolean => {
  const value = parsed(text)
  if (value === undefined) return false
  reading.values.push(value)
  reading.readUntil = end
  return true
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Skips white space and commas. */
const nextValue = (text: string, from: number): number => {
  let at = from
  while (at < text.length && /[\s,\uFEFF]/.test(text.charAt(at))) at += 1
  return at
}

/** The position after the object or list that starts at `from`; undefined when it does not end. */
const endOfValue = (text: string, from: number): number | undefined => {
  const next = new RegExp(STRUCTURE)
  next.lastIndex = from
  let depth = 0
  for (let found = next.exec(text); found; found = next.exec(text)) {
    const [character] = found
    if (character === '"') next.lastIndex = endOfString(text, found.index)
    else depth += OPENS.test(character) ? 1 : -1
    if (depth === 0) return next.lastIndex
  }
  return undefined
}

const endOfString = (text: string, from: number): number => {
  let at = text.indexOf('"', from + 1)
  while (at > 0 && isEscaped(text, at)) at = text.indexOf('"', at + 1)
  return at < 0 ? text.length : at + 1
}

const isEscaped = (text: string, at: number): boolean => {
  let before = at
  while (text.charAt(before - 1) === '\\') before -= 1
  return (at - before) % 2 === 1
}

const valueFault = ({ text, invalid, readUntil, problem }: ValueReading): { readonly fault?: string } => {
  if (problem === 'no JSON') return { fault: 'it is not JSON' }
  const place = `read up to byte ${Buffer.byteLength(text.slice(0, readUntil))}`
  const faults = [
    ...(problem === 'truncated' ? [`its JSON is truncated (${place})`] : []),
    ...(problem === 'damaged' ? [`its JSON is damaged (${place})`] : []),
    ...(invalid > 0 ? [`${invalid} of its values ${invalid === 1 ? 'is' : 'are'} not valid JSON`] : []),
  ]
  return faults.length > 0 ? { fault: faults.join(', and ') } : {}
}
