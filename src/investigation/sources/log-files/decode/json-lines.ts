import { recordDocuments } from '../forms/record-documents.ts'
import { eachMatch, type SearchTerms } from '../match/search-terms.ts'
import { parsedBytes } from './json-text.ts'

export interface LinesRead {
  /** Records in the lines, those that were not parsed among them. */
  readonly events: number
  readonly lines: LineCounts
}

/** Of how many lines how many are not valid JSON, and which is the first of those, from 1. */
export interface LineCounts {
  readonly read: number
  readonly damaged: number
  readonly firstDamaged?: number
}

const NEW_LINE = 0x0a
const SPACE = 0x20
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d

/**
 * Whether the line that starts at `from` is a JSON value by itself and more lines follow: one event per line, with a time and
 * the name of a log stream before it or not.
 */
export const startsWithJsonLine = (bytes: Buffer, from = 0): boolean => {
  const end = bytes.indexOf(NEW_LINE, from)
  if (end < 0 || end + 1 >= bytes.length) return false
  const value = parseLine(bytes, from, end)
  return typeof value === 'object' && value !== null
}

/** Reads the lines that contain a search term; all lines without search terms, or where the first line is not exactly one record. */
export const readJsonLines = (
  bytes: Buffer,
  searchTerms: SearchTerms | undefined,
  take: (document: unknown) => void,
): LinesRead => {
  const first = recordDocuments(parseLine(bytes, 0, endOfLine(bytes, 0)))
  const isSearched = searchTerms !== undefined && first.length === 1 && !bytes.includes(0)
  return readLines(bytes, isSearched ? linesWith(bytes, searchTerms) : undefined, take)
}

/** Where the lines start that contain a search term. */
const linesWith = (bytes: Buffer, searchTerms: SearchTerms): ReadonlySet<number> => {
  const starts = new Set<number>()
  eachMatch(bytes, searchTerms, (at) => {
    starts.add(bytes.lastIndexOf(NEW_LINE, at) + 1)
    return endOfLine(bytes, at)
  })
  return starts
}

/** Parses the lines that start there, and those that do not look whole; all lines when no starts are given. */
const readLines = (bytes: Buffer, starts: ReadonlySet<number> | undefined, take: (document: unknown) => void): LinesRead => {
  let [events, read, damaged] = [0, 0, 0]
  let firstDamaged: number | undefined
  for (let at = 0; at < bytes.length; ) {
    const end = endOfLine(bytes, at)
    read += 1
    if (starts && !starts.has(at) && isWhole(bytes, at, end)) events += 1
    else {
      const value = parseLine(bytes, at, end)
      if (value === undefined) {
        damaged += 1
        firstDamaged ??= read
      }
      for (const document of recordDocuments(value)) {
        events += 1
        take(document)
      }
    }
    at = end + 1
  }
  return { events, lines: { read, damaged, ...(firstDamaged === undefined ? {} : { firstDamaged }) } }
}

/** Whether a line begins and ends as an object does: a line that was cut does not. */
const isWhole = (bytes: Buffer, start: number, end: number): boolean => {
  let last = end - 1
  while (last > start && (bytes[last] ?? 0) <= SPACE) last -= 1
  return bytes[start] === OPENING_BRACE && bytes[last] === CLOSING_BRACE
}

const endOfLine = (bytes: Buffer, from: number): number => {
  const end = bytes.indexOf(NEW_LINE, from)
  return end < 0 ? bytes.length : end
}

/** The value of a line; null for an empty one, undefined for one that is not JSON. */
const parseLine = (bytes: Buffer, start: number, end: number): unknown => {
  let from = start
  while (from < end && (bytes[from] ?? 0) <= SPACE && bytes[from] !== 0) from += 1
  if (from === end) return null
  const value = parsedBytes(bytes, from, end)
  return value === undefined ? afterPrefix(bytes, from, end) : value
}

/** What a log group's export, `aws logs tail` and syslog write before a message has no quotes. Bytes. */
const LONGEST_PREFIX = 512
const PREFIX = /^[^"{}]*\w[^"{}]*[\s:|]$/

const afterPrefix = (bytes: Buffer, start: number, end: number): unknown => {
  const brace = bytes.indexOf(OPENING_BRACE, start)
  if (brace <= start || brace >= end || brace - start > LONGEST_PREFIX) return undefined
  return PREFIX.test(bytes.toString('latin1', start, brace)) ? parsedBytes(bytes, brace, end) : undefined
}

/** A clause about damaged lines, such as "line 8 is not valid JSON". */
export const lineFault = ({ damaged, firstDamaged }: LineCounts): string | undefined => {
  if (damaged === 0) return undefined
  return damaged === 1
    ? `line ${firstDamaged} is not valid JSON`
    : `${damaged} lines are not valid JSON; the first is line ${firstDamaged}`
}

/** The counts of lines and of those that follow them. */
export const linesAfter = (before: LineCounts | undefined, next: LineCounts | undefined): LineCounts | undefined => {
  if (!before || !next) return before ?? next
  const later = next.firstDamaged === undefined ? undefined : before.read + next.firstDamaged
  const firstDamaged = before.firstDamaged ?? later
  return {
    read: before.read + next.read,
    damaged: before.damaged + next.damaged,
    ...(firstDamaged === undefined ? {} : { firstDamaged }),
  }
}
