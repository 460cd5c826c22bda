import { recordDocuments } from '../forms/record-documents.ts'
import { containsTerm, mayBeEscaped, type SearchTerms } from '../match/search-terms.ts'
import { areThere, type Brackets, bracketsIn } from '../wasm/bracket-memory.ts'
import { DEEPEST_JSON, parsedBytes } from './json-text.ts'
import { type KnownStarts, knownStarts, LONGEST_START } from './known-starts.ts'

/** Reads JSON values of any size from bytes that come in pieces, and gives the records in them. */
export interface ValueReader {
  push(bytes: Buffer): void
  finish(): ValuesRead
}

export interface ValuesRead {
  /** Records in the values, those that were not parsed among them. */
  readonly events: number
  /** What is wrong: a clause, such as "its JSON is truncated (read up to byte 812)". */
  readonly fault?: string
}

/** A value up to this size is parsed whole; a larger one is opened, and what it holds is read one by one. Bytes. */
const LARGEST_VALUE = 4 * 2 ** 20
/** How many values, one inside the other, are opened. */
const MOST_OPENED = 8

const QUOTE = 0x22
const COMMA = 0x2c

interface Reading {
  readonly terms: SearchTerms | undefined
  readonly take: (document: unknown) => void
  /** Bytes that are not done, and their place in the file. */
  bytes: Buffer
  offset: number
  /** The next byte to look at. */
  at: number
  depth: number
  /** Depth of the values that are read one by one: so many values around them are open. */
  base: number
  /** Where the current value starts; -1 between values. */
  start: number
  deepest: number
  isInString: boolean
  /** The brackets of the next bytes, as far as they were not looked at. */
  window: Window | undefined
  /** After damage: where the next value starts is looked for. */
  isSeeking: boolean
  /** The current value is too large, and its end is looked for. */
  isSkipping: boolean
  readonly known: KnownStarts
  events: number
  readUntil: number
  invalid: number
  tooLarge: number
  tooDeep: number
  isDamaged: boolean
  hasValues: boolean
}

/**
 * Reads what is no line of its own and not in the form that CloudTrail delivers: pretty-printed files, several values in a row
 * (as Firehose and `jq` write them), and values that are truncated or damaged; reading goes on behind the damage.
 */
export const valueReader = (terms: SearchTerms | undefined, take: (document: unknown) => void): ValueReader => {
  const reading: Reading = {
    ...{ terms, take, bytes: Buffer.alloc(0), offset: 0, at: 0, depth: 0, base: 0, start: -1, deepest: 0 },
    ...{ isInString: false, window: undefined, isSeeking: false, isSkipping: false, known: knownStarts() },
    ...{ events: 0, readUntil: 0, invalid: 0 },
    ...{ tooLarge: 0, tooDeep: 0, isDamaged: false, hasValues: false },
  }
  return {
    push: (bytes) => {
      keepRest(reading, bytes)
      scan(reading)
    },
    finish: () => {
      while (reading.start >= 0 && (open(reading) || skipDamaged(reading))) scan(reading)
      return { events: reading.events, ...faultOf(reading, reading.start >= 0 || reading.depth > 0) }
    },
  }
}

/** Keeps the current value, and as much of anything else as an escape or a start may need. */
const keepRest = (reading: Reading, bytes: Buffer): void => {
  reading.window = undefined
  const from = reading.start >= 0 ? reading.start : Math.max(0, reading.bytes.length - LONGEST_START)
  const rest = reading.bytes.subarray(from)
  reading.bytes = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
  reading.offset += from
  reading.at = reading.isSeeking ? 0 : reading.at - from
  if (reading.start >= 0) reading.start = 0
}

const scan = (reading: Reading): void => {
  while (reading.at < reading.bytes.length) {
    if (reading.isSeeking) seek(reading)
    else scanStructure(reading)
    if (reading.at >= reading.bytes.length && isTooLarge(reading) && !open(reading)) giveUp(reading)
  }
}

const isTooLarge = ({ start, at }: Reading): boolean => start >= 0 && at - start > LARGEST_VALUE

/** Brackets of a part of the bytes. */
interface Window extends Brackets {
  /** The bracket to look at next. */
  index: number
  /** Behind the last bracket that was looked at. */
  at: number
}

/** Goes on with the window where the bytes were read on; begins another one where they were not. */
const windowAt = (reading: Reading): Window => {
  const { bytes, at, window, isInString } = reading
  if (window?.at === at && areThere(window)) return window
  const begun = { ...bracketsIn(bytes, at, isInString), index: 0, at }
  reading.window = begun
  return begun
}

/** Up to the end of a value, or of the window. Only brackets outside of strings are looked at. */
const scanStructure = (reading: Reading): void => {
  const { base, isSkipping } = reading
  const isOutermost = base === 0
  const window = windowAt(reading)
  if (isAllInside(reading, window)) {
    passOver(reading, window)
    return
  }
  const { places, shift, count } = window
  // There may be hundreds of millions: what changes with each is local.
  let { depth, deepest, start, at: from } = reading
  for (let { index } = window; index < count; index += 1) {
    const bracket = places[index] ?? 0
    const at = (bracket >> 1) + shift
    if (isOutermost && start < 0) {
      noteBetween(reading, from, at)
      from = at + 1
    }
    if ((bracket & 1) === 0) {
      if (start < 0 && !isSkipping) {
        begin(reading, at)
        start = at
        deepest = depth
      }
      depth += 1
      if (depth > deepest) deepest = depth
    } else {
      depth -= 1
      if (depth > base) continue
      Object.assign(reading, { depth, deepest, at: at + 1, isInString: false })
      Object.assign(window, { index: index + 1, at: at + 1 })
      closeAt(reading, at + 1)
      return
    }
  }
  if (isOutermost && start < 0) noteBetween(reading, from, window.next)
  Object.assign(reading, { depth, deepest, at: window.next, isInString: window.isInString, window: undefined })
}

/** Whether no value ends in the window, nor begins: most of a very large value is so. */
const isAllInside = ({ start, isSkipping, base, depth }: Reading, { index, lowest }: Window): boolean =>
  index === 0 && depth + lowest > base && (start >= 0 || (isSkipping && base > 0))

const passOver = (reading: Reading, { change, highest, next: at, isInString }: Window): void => {
  const { depth } = reading
  const deepest = Math.max(reading.deepest, depth + highest)
  Object.assign(reading, { depth: depth + change, deepest, at, isInString, window: undefined })
}

/** Between values nothing stands but commas and white space. */
const noteBetween = (reading: Reading, from: number, end: number): void => {
  const { bytes } = reading
  for (let at = from; at < end && !reading.isDamaged; at += 1) {
    const byte = bytes[at] ?? 0
    reading.isDamaged = byte > COMMA || byte === QUOTE
  }
}

const begin = (reading: Reading, at: number): void => {
  reading.start = at
  reading.deepest = reading.depth
  reading.hasValues = true
}

/** A value ends, or the one around it. */
const closeAt = (reading: Reading, end: number): void => {
  if (reading.depth === reading.base && (reading.start >= 0 || reading.isSkipping)) {
    reading.isSkipping = false
    if (reading.start >= 0) addValue(reading, end)
    return
  }
  reading.base = Math.max(0, reading.depth)
  if (reading.depth < 0) reading.isDamaged = true
  reading.depth = reading.base
  reading.readUntil = reading.offset + end
}

const addValue = (reading: Reading, end: number): void => {
  const { bytes, start } = reading
  const isDeep = reading.deepest - reading.base > DEEPEST_JSON
  if (isDeep) refuse(reading, end)
  else if (isOfAnother(reading, end)) endValue(reading, end, 1)
  else {
    const value = end - start > 2 * LARGEST_VALUE ? undefined : parsedBytes(bytes, start, end)
    if (value === undefined) openOrSeek(reading, end)
    else takeValue(reading, value, end)
  }
}

const takeValue = (reading: Reading, value: unknown, end: number): void => {
  const documents = recordDocuments(value)
  if (documents.length === 1) reading.known.learn(reading.bytes, reading.start, end)
  documents.forEach(reading.take)
  endValue(reading, end, documents.length)
}

/** A value that starts as a record does and has no search term is another principal's record: it is not parsed. */
const isOfAnother = (reading: Reading, end: number): boolean => {
  const { bytes, start, known, terms } = reading
  if (!terms || !known.isAt(bytes, start)) return false
  const value = bytes.subarray(start, end)
  return !containsTerm(value, terms) && !mayBeEscaped(value, terms)
}

const endValue = (reading: Reading, end: number, events: number): void => {
  reading.events += events
  reading.readUntil = reading.offset + end
  reading.start = -1
}

const refuse = (reading: Reading, end: number): void => {
  reading.tooDeep += 1
  reading.at = end
  reading.start = -1
}

/** A value that is not valid JSON: what it holds is read one by one; where it swallowed records, they are looked for. */
const openOrSeek = (reading: Reading, end: number): void => {
  if (open(reading)) return
  const swallowed = reading.known.next(reading.bytes, reading.start + 1)
  if (swallowed >= 0 && swallowed < end) skipDamaged(reading)
  else {
    reading.invalid += 1
    reading.start = -1
  }
}

/** A value that does not end where it should has swallowed others: the next one that starts as a record does is read. */
const skipDamaged = (reading: Reading): boolean => {
  const next = reading.known.next(reading.bytes, reading.start + 1)
  if (next < 0) return false
  reading.invalid += 1
  reading.start = -1
  seekFrom(reading, next)
  return true
}

const seekFrom = (reading: Reading, at: number): void => {
  reading.isSeeking = true
  reading.at = at
}

const seek = (reading: Reading): void => {
  const { bytes } = reading
  const found = reading.known.next(bytes, reading.at)
  reading.at = found < 0 ? bytes.length : found
  if (found < 0) return
  Object.assign(reading, { isSeeking: false, isInString: false, window: undefined, depth: reading.base })
}

/** Reads what the current value holds one by one, unless it is a record, or too many are open. */
const open = (reading: Reading): boolean => {
  const { bytes, start, base } = reading
  if (base >= MOST_OPENED || isRecordStart(bytes, start)) return false
  Object.assign(reading, { base: base + 1, depth: base + 1, at: start + 1, start: -1, isInString: false })
  return true
}

const RECORD_MEMBER =
  /"(?:event(?:version|name|time|source|id|category|type)|user_?identity|request_?parameters|response_?elements)"\s*:/i

/** Whether the members before the first nested value are those of a record: nothing inside a record is one. */
const isRecordStart = (bytes: Buffer, start: number): boolean => {
  const head = bytes.toString('latin1', start, start + 4096)
  const nested = head.slice(1).search(/[{[]/)
  return RECORD_MEMBER.test(nested < 0 ? head : head.slice(0, nested + 1))
}

/** The current value is too large to be read. Where records are known by their start, a damaged one may have swallowed others. */
const giveUp = (reading: Reading): void => {
  const { start } = reading
  reading.tooLarge += 1
  reading.start = -1
  if (reading.known.size === 0) reading.isSkipping = true
  else seekFrom(reading, start + 1)
}

const faultOf = (reading: Reading, isTruncated: boolean): { readonly fault?: string } => {
  const { hasValues, isDamaged, invalid, tooLarge, tooDeep, readUntil } = reading
  if (!hasValues) return { fault: 'it is not JSON' }
  const place = `read up to byte ${readUntil}`
  const faults = [
    ...(isTruncated ? [`its JSON is truncated (${place})`] : []),
    ...(isDamaged && !isTruncated ? [`its JSON is damaged (${place})`] : []),
    ...(invalid > 0 ? [`${invalid} of its values ${invalid === 1 ? 'is' : 'are'} not valid JSON`] : []),
    ...(tooLarge > 0 ? [`${several(tooLarge)} larger than ${LARGEST_VALUE / 2 ** 20} MB`] : []),
    ...(tooDeep > 0 ? [`${several(tooDeep)} nested deeper than ${DEEPEST_JSON} levels`] : []),
  ]
  return faults.length > 0 ? { fault: faults.join(', and ') } : {}
}

const several = (count: number): string => `${count} of its values ${count === 1 ? 'is' : 'are'}`
