import { find, searchText } from './byte-search.ts'
import { eachHit, type Needles } from './needles.ts'
import { endsLikeRecord, type KnownEnds, knownEnds } from './record-end.ts'

/** Every record that CloudTrail delivers begins so, and a string cannot hold it: quotes in it are escaped. */
const MARK = searchText('{"eventVersion":', 0)
const MARK_LENGTH = MARK.text.length

/** Read as Latin-1, so that each byte is a character. */
const OPENING = /^(?:\xEF\xBB\xBF)?\s*(\{\s*"Records"\s*:\s*)?\[\s*$/
const CLOSING = /\]\s*\}\s*$/
const CLOSING_OF_LIST = /\]\s*$/

/** Characters before the first record, and after the last, are few. */
const EDGE = 64
const FIRST_ROOM = 4096

const COMMA = 0x2c
const BRACE = 0x7d

/** Where each record begins, and where the last one ends. The array is used again for the next file. */
export interface Records {
  starts: Int32Array
  count: number
  end: number
  readonly ends: KnownEnds
}

export const noRecords = (): Records => ({ starts: new Int32Array(FIRST_ROOM), count: 0, end: 0, ends: knownEnds() })

/**
 * Finds the records of a file as CloudTrail delivers it, one after the other without a gap. False for files that are written
 * otherwise, or where a record begins inside another: they have to be parsed whole.
 */
export const findRecords = (bytes: Buffer, records: Records): boolean => {
  records.count = 0
  const first = find(bytes, MARK, 0)
  if (first < 0 || first > EDGE) return false
  const opening = OPENING.exec(bytes.toString('latin1', 0, first))
  const tail = bytes.toString('latin1', Math.max(first, bytes.length - EDGE))
  const closing = (opening?.[1] ? CLOSING : CLOSING_OF_LIST).exec(tail)
  if (!opening || !closing) return false
  records.end = bytes.length - (tail.length - closing.index)
  return markAll(bytes, records, first)
}

const markAll = (bytes: Buffer, records: Records, first: number): boolean => {
  for (let at = first; at >= 0; at = find(bytes, MARK, at + MARK_LENGTH)) {
    if (records.count === records.starts.length) records.starts = twice(records.starts)
    records.starts[records.count] = at
    records.count += 1
    if (at > first && !followsRecord(bytes, records)) return false
  }
  return true
}

/** Whether the last record found follows the one before it, and does not lie inside of it. */
const followsRecord = (bytes: Buffer, records: Records): boolean => {
  const comma = lastBefore(bytes, records.starts[records.count - 1] ?? 0)
  const brace = lastBefore(bytes, comma)
  if (bytes[comma] !== COMMA || bytes[brace] !== BRACE) return false
  return endsLikeRecord(bytes, brace, records.ends) || parseRecord(bytes, records, records.count - 2) !== undefined
}

const lastBefore = (bytes: Buffer, at: number): number => {
  let before = at - 1
  while ((bytes[before] ?? COMMA) <= 0x20) before -= 1
  return before
}

const twice = (starts: Int32Array): Int32Array => {
  const more = new Int32Array(starts.length * 2)
  more.set(starts)
  return more
}

/** Parses the records that hold a needle. Undefined when one of them is no JSON value by itself. */
export const parseHits = (bytes: Buffer, records: Records, needles: Needles): unknown[] | undefined => {
  const parsed: unknown[] = []
  for (const index of hitRecords(bytes, records, needles)) {
    const value = parseRecord(bytes, records, index)
    if (value === undefined) return undefined
    parsed.push(value)
  }
  return parsed
}

/**
 * Parses every record, one at a time, which takes far less memory than parsing the file whole. False when one of them is no
 * JSON value by itself; that is always met before what lies inside of it.
 */
export const parseEach = (bytes: Buffer, records: Records, take: (record: unknown) => void): boolean => {
  for (let index = 0; index < records.count; index += 1) {
    const value = parseRecord(bytes, records, index)
    if (value === undefined) return false
    take(value)
  }
  return true
}

const hitRecords = (bytes: Buffer, records: Records, needles: Needles): ReadonlySet<number> => {
  const hits = new Set<number>()
  eachHit(bytes, needles, (at) => {
    const index = indexBefore(records, at)
    if (index >= 0) hits.add(index)
    return endOf(records, index)
  })
  return hits
}

/** The last record that begins before the place; -1 when none does. */
const indexBefore = ({ starts, count }: Records, at: number): number => {
  let low = -1
  let high = count
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= at) low = middle
    else high = middle
  }
  return low
}

const endOf = ({ starts, count, end }: Records, index: number): number => (index + 1 < count ? (starts[index + 1] ?? end) : end)

const parseRecord = (bytes: Buffer, records: Records, index: number): unknown => {
  const next = endOf(records, index)
  const end = index + 1 < records.count ? lastBefore(bytes, next) : next
  try {
    return JSON.parse(bytes.toString('utf8', records.starts[index], end))
  } catch {
    return undefined
  }
}
