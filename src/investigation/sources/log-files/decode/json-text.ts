import { bracketsIn } from '../wasm/bracket-memory.ts'

/** Nothing that CloudTrail writes is nested deeper. JSON.parse takes memory for each level. */
export const DEEPEST_JSON = 500

/** A text shorter than this is parsed, however deep it is. Bytes. */
const SMALL = 2 ** 16

/** The JSON value in the bytes; undefined when they are none, or nested too deeply. */
export const parsedBytes = (bytes: Buffer, start: number, end: number): unknown => {
  if (!mayBeValue(bytes, start, end)) return undefined
  if (end - start > SMALL && isTooDeep(bytes, start, end)) return undefined
  try {
    return JSON.parse(bytes.toString('utf8', start, end))
  } catch {
    return undefined
  }
}

const SPACE = 0x20
const PAIRS: ReadonlyMap<number, number> = new Map(['{}', '[]', '""'].map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)]))
const OTHER_STARTS = new Set(Buffer.from('-0123456789tfn'))

/**
 * Whether bytes begin and end as a JSON value does. Most lines of a pretty-printed file do not, and an error of JSON.parse takes a
 * hundred times as long as this look.
 */
const mayBeValue = (bytes: Buffer, start: number, end: number): boolean => {
  let [first, last] = [start, end - 1]
  while (first < last && (bytes[first] ?? 0) <= SPACE) first += 1
  while (first < last && (bytes[last] ?? 0) <= SPACE) last -= 1
  const begin = bytes[first] ?? 0
  const closing = PAIRS.get(begin)
  return closing === undefined ? OTHER_STARTS.has(begin) : bytes[last] === closing
}

const isTooDeep = (bytes: Buffer, start: number, end: number): boolean => {
  const value = bytes.subarray(start, end)
  let depth = 0
  let isInString = false
  for (let at = 0; at < value.length; ) {
    const part = bracketsIn(value, at, isInString)
    if (depth + part.highest > DEEPEST_JSON) return true
    depth += part.change
    at = part.next
    isInString = part.isInString
  }
  return false
}
