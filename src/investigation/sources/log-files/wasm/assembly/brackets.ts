import { maskOf } from './find'

const QUOTE: u8 = 0x22
const BACKSLASH: u8 = 0x5c
/** `[` and `]` become these with the bit that is set in small letters; `{` and `}` are these. */
const SMALL: u8 = 0x20
const OPENING: u8 = 0x7b
const CLOSING: u8 = 0x7d

const AT_ONCE: usize = 64

/** Of the brackets so far: by how much they change the depth, and the least and the most change on the way. */
let change: i32 = 0
let lowest: i32 = 0
let highest: i32 = 0

/** The three numbers about the brackets, four bytes each, stand before these. */
const SUMMARY: usize = 12

/**
 * Finds the brackets and braces of JSON that stand outside of strings, and writes them down, four bytes each: twice the place, plus 1 for
 * one that closes. Before them it writes by how much they change the depth, and the least and the most change on the way. `isInString`:
 * the bytes begin inside a string. Gives four times the number of brackets, plus 1 where the bytes end inside a string, plus 2 where the
 * byte behind them is escaped. Reads up to 64 bytes behind the end.
 */
export function findBrackets(from: usize, end: usize, isInString: bool, places: usize): u32 {
  let next = places + SUMMARY
  change = 0
  lowest = 0
  highest = 0
  // All bits are set inside a string.
  let inString: u64 = isInString ? u64.MAX_VALUE : 0
  let at = from
  while (at < end) {
    const stop = min(at + AT_ONCE, end)
    if (equalTo(at, BACKSLASH, stop) !== 0) {
      let isInside = inString !== 0
      while (at < stop) {
        const byte = load<u8>(at)
        if (isInside && byte === BACKSLASH) {
          at += 2
          continue
        }
        if (byte === QUOTE) isInside = !isInside
        else if (!isInside && isBracket(byte)) {
          note(next, at as u32, (byte | SMALL) === CLOSING ? 1 : 0)
          next += 4
        }
        at += 1
      }
      inString = isInside ? u64.MAX_VALUE : 0
      continue
    }
    const inside = fromEachOn(equalTo(at, QUOTE, stop)) ^ inString
    const closing = bracketsAt(at, CLOSING, stop)
    for (let left = (bracketsAt(at, OPENING, stop) | closing) & ~inside; left !== 0; left &= left - 1) {
      const place = ctz(left)
      note(next, (at as u32) + (place as u32), ((closing >> place) as u32) & 1)
      next += 4
    }
    inString = ((inside as i64) >> 63) as u64
    at = stop
  }
  store<i32>(places, change)
  store<i32>(places, lowest, 4)
  store<i32>(places, highest, 8)
  return ((next - places - SUMMARY) as u32) | (at > end ? 2 : 0) | (inString !== 0 ? 1 : 0)
}

function note(at: usize, place: u32, closes: u32): void {
  store<u32>(at, (place << 1) | closes)
  change += 1 - 2 * (closes as i32)
  lowest = min(lowest, change)
  highest = max(highest, change)
}

/** Which of the 64 bytes from `at` on, and before `stop`, are this one: a bit each, the first one lowest. */
function equalTo(at: usize, byte: u8, stop: usize): u64 {
  const bytes = i8x16.splat(byte as i8)
  return masked(
    i8x16.eq(v128.load(at), bytes),
    i8x16.eq(v128.load(at, 16), bytes),
    i8x16.eq(v128.load(at, 32), bytes),
    i8x16.eq(v128.load(at, 48), bytes),
    stop - at,
  )
}

function bracketsAt(at: usize, kind: u8, stop: usize): u64 {
  const small = i8x16.splat(SMALL as i8)
  const bytes = i8x16.splat(kind as i8)
  return masked(
    i8x16.eq(v128.or(v128.load(at), small), bytes),
    i8x16.eq(v128.or(v128.load(at, 16), small), bytes),
    i8x16.eq(v128.or(v128.load(at, 32), small), bytes),
    i8x16.eq(v128.or(v128.load(at, 48), small), bytes),
    stop - at,
  )
}

function isBracket(byte: u8): bool {
  return (byte | SMALL) === OPENING || (byte | SMALL) === CLOSING
}

function masked(a: v128, b: v128, c: v128, d: v128, count: usize): u64 {
  const mask = maskOf(a) | (maskOf(b) << 16) | (maskOf(c) << 32) | (maskOf(d) << 48)
  return count < AT_ONCE ? mask & (((1 as u64) << (count as u64)) - 1) : mask
}

/** Each set bit turns all bits from it on. */
function fromEachOn(bits: u64): u64 {
  let turned = bits
  turned ^= turned << 1
  turned ^= turned << 2
  turned ^= turned << 4
  turned ^= turned << 8
  turned ^= turned << 16
  turned ^= turned << 32
  return turned
}
