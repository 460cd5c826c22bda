import { eachHit, type Needles } from './needles.ts'
import { recordDocuments } from './record-documents.ts'

export interface Lines {
  readonly documents: readonly unknown[]
  /** Records in the lines, also those that were not parsed. */
  readonly events: number
  readonly fault?: string
}

const NEW_LINE = 0x0a

/** Whether the line that begins at the place is a JSON value by itself, and there are more: one event a line. */
export const isLines = (bytes: Buffer, from = 0): boolean => {
  const end = bytes.indexOf(NEW_LINE, from)
  if (end < 0 || end + 1 >= bytes.length) return false
  const value = parseLine(bytes, from, end)
  return typeof value === 'object' && value !== null
}

/** Reads the lines that hold a needle; all of them without needles, or where a line holds more or less than one record. */
export const readLines = (bytes: Buffer, needles: Needles | undefined): Lines => {
  const first = recordDocuments(parseLine(bytes, 0, endOfLine(bytes, 0)))
  return needles && first.length === 1 ? readHits(bytes, needles) : readAll(bytes)
}

const readAll = (bytes: Buffer): Lines => {
  const documents: unknown[] = []
  const broken: number[] = []
  let number = 0
  for (let at = 0; at < bytes.length; at = endOfLine(bytes, at) + 1) {
    number += 1
    const value = parseLine(bytes, at, endOfLine(bytes, at))
    if (value === undefined) broken.push(number)
    else documents.push(...recordDocuments(value))
  }
  return { documents, events: documents.length, ...faultOf(broken) }
}

const readHits = (bytes: Buffer, needles: Needles): Lines => {
  const starts = new Set<number>()
  eachHit(bytes, needles, (at) => {
    starts.add(bytes.lastIndexOf(NEW_LINE, at) + 1)
    return endOfLine(bytes, at)
  })
  // A file that breaks off does so in its last line.
  const last = bytes.lastIndexOf(NEW_LINE, bytes.length - 2) + 1
  const documents: unknown[] = []
  const broken: number[] = []
  for (const start of starts.add(last)) {
    const value = parseLine(bytes, start, endOfLine(bytes, start))
    if (value === undefined) broken.push(lineAt(bytes, start))
    else documents.push(...recordDocuments(value))
  }
  return { documents, events: filledLines(bytes) - broken.length, ...faultOf(broken) }
}

const endOfLine = (bytes: Buffer, from: number): number => {
  const end = bytes.indexOf(NEW_LINE, from)
  return end < 0 ? bytes.length : end
}

/** Lines that are not empty. */
const filledLines = (bytes: Buffer): number => {
  let filled = 0
  for (let at = 0; at < bytes.length; at = endOfLine(bytes, at) + 1) if ((bytes[at] ?? 0) > 0x20) filled += 1
  return filled
}

/** The number of the line that begins at the place, from 1. */
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

const faultOf = (broken: readonly number[]): { readonly fault?: string } => {
  const [first] = [...broken].sort((a, b) => a - b)
  if (first === undefined) return {}
  return {
    fault:
      broken.length === 1
        ? `line ${first} is not valid JSON`
        : `${broken.length} lines are not valid JSON, the first is line ${first}`,
  }
}
