import { type ByteModule, startByteModule } from './byte-module.ts'
import { BETWEEN } from './search-memory.ts'

/** So many bytes are looked at in one go. */
const MOST_BYTES = 2 ** 16

/** Where bytes are copied to, behind the module's own data, and where the places are written. */
const BYTES_AT = 0x10000
const PLACES_AT = BYTES_AT + MOST_BYTES + BETWEEN
/** Three numbers about all brackets stand before them. */
const SUMMARY = 3
const END = PLACES_AT + 4 * (SUMMARY + MOST_BYTES)

/** What stands outside of strings in a part of JSON text. */
export interface Brackets {
  /**
   * The first `count` are brackets and braces, until the next call: twice the place, plus 1 for one that closes. With `shift` the place is
   * the position.
   */
  readonly places: Int32Array
  readonly shift: number
  readonly count: number
  /** By how much all of them change the depth, and the least and the most change on the way. */
  readonly change: number
  readonly lowest: number
  readonly highest: number
  /** Where to go on: behind the bytes, or one further where the byte behind them is escaped. */
  readonly next: number
  /** Whether the bytes end inside a string. */
  readonly isInString: boolean
  readonly call: number
}

/** Finds the brackets and braces outside of strings in at most MOST_BYTES bytes from `from` on. */
export type FindBrackets = (bytes: Buffer, from: number, isInString: boolean) => Brackets

/** Finds them by the finder of this thread. */
export const bracketsIn: FindBrackets = (bytes, from, isInString) => {
  find ??= bracketFinder()
  return find(bytes, from, isInString)
}

let find: FindBrackets | undefined

/** Whether the places are still those of this call: others overwrite them. */
export const areThere = ({ call }: Brackets): boolean => call === calls

let calls = 0

/** Finds them by the module or, where WebAssembly does not run, byte by byte. */
export const bracketFinder = (): FindBrackets => {
  const module = startByteModule(END)
  return module ? byModule(module) : byByte
}

const byModule = ({ memory, findBrackets }: ByteModule): FindBrackets => {
  const summary = new Int32Array(memory.buffer, PLACES_AT, SUMMARY)
  const places = new Int32Array(memory.buffer, PLACES_AT + 4 * SUMMARY, MOST_BYTES)
  return (bytes, from, isInString) => {
    calls += 1
    const end = Math.min(bytes.length, from + MOST_BYTES)
    bytes.copy(memory, BYTES_AT, from, end)
    const found = findBrackets(BYTES_AT, BYTES_AT + end - from, isInString ? 1 : 0, PLACES_AT)
    const [change = 0, lowest = 0, highest = 0] = summary
    return {
      ...{ change, lowest, highest, places, shift: from - BYTES_AT, count: found >> 2 },
      ...{ next: end + ((found >> 1) & 1), isInString: (found & 1) === 1, call: calls },
    }
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

const PLACES = new Int32Array(MOST_BYTES)

const byByte: FindBrackets = (bytes, from, isInString) => {
  calls += 1
  const end = Math.min(bytes.length, from + MOST_BYTES)
  let isInside = isInString
  let count = 0
  let [change, lowest, highest] = [0, 0, 0]
  let at = from
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (isInside && byte === BACKSLASH) at += 1
    else if (byte === QUOTE) isInside = !isInside
    else if (!isInside && isBracket(byte)) {
      const closes = byte === 0x7d || byte === 0x5d
      PLACES[count++] = 2 * at + (closes ? 1 : 0)
      change += closes ? -1 : 1
      lowest = Math.min(lowest, change)
      highest = Math.max(highest, change)
    }
  }
  return { places: PLACES, shift: 0, count, change, lowest, highest, next: at, isInString: isInside, call: calls }
}

const isBracket = (byte: number): boolean => byte === 0x7b || byte === 0x5b || byte === 0x7d || byte === 0x5d
