import { bracketsIn } from '../wasm/bracket-memory.ts'

/** Nothing that CloudTrail writes is nested deeper. JSON.parse takes memory for each level. */
export const DEEPEST_JSON = 500

/** A text shorter than this is parsed, however deep it is. Bytes. */
const SMALL = 2 ** 16

/** The JSON value in the bytes; undefined when they are none, or nested too deeply. */
export const parsedBytes = (bytes: Buffer, start: number, end: number): unknown => {
  if (end - start > SMALL && isTooDeep(bytes, start, end)) return undefined
  try {
    return JSON.parse(bytes.toString('utf8', start, end))
  } catch {
    return undefined
  }
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
