/** Nothing that CloudTrail writes is nested deeper. JSON.parse takes memory for each level. */
export const DEEPEST_JSON = 500

/** A text shorter than this is parsed, however deep it is. Bytes. */
const SMALL = 2 ** 16

const QUOTE = 0x22
const BACKSLASH = 0x5c

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
  let depth = 0
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte === QUOTE) at = endOfString(bytes, at + 1, end)
    else if (isOpening(byte)) {
      depth += 1
      if (depth > DEEPEST_JSON) return true
    } else if (isClosing(byte)) depth -= 1
  }
  return false
}

/** `{` or `[`. */
const isOpening = (byte: number): boolean => byte === 0x7b || byte === 0x5b

/** `}` or `]`. */
const isClosing = (byte: number): boolean => byte === 0x7d || byte === 0x5d

/** The position of the quote that ends a string whose contents start at `from`; `end` when it does not end before. */
const endOfString = (bytes: Buffer, from: number, end: number): number => {
  for (let at = from; at < end; at += 1) {
    if (bytes[at] === QUOTE) return at
    if (bytes[at] === BACKSLASH) at += 1
  }
  return end
}
