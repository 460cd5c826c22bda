import { COUNTS, SORTED_SYMBOLS, STARTS } from './memory'

// An entry of a decoding table, from the lowest bit on:
//   8 bits  how many bits it takes: of the code, and of the number behind it
//   4 bits  how many of them are the code's; of a pointer, how many bits choose in the table that it points to
//   4 bits  PAIR or WRONG, END, EXCEPTION, LITERAL
//  16 bits  one or two literals, the least length or distance, or where another table starts

/** The entry is a literal. */
export const LITERAL: u32 = 0x8000
/** The entry is two literals: its bits hold the codes of both. */
export const PAIR: u32 = 0x1000
/** The entry is END, or WRONG, or points to another table. */
export const EXCEPTION: u32 = 0x4000
export const END: u32 = 0x2000
export const WRONG: u32 = 0x1000
/** One more bit, and one more bit of the code. */
const ONE_BIT: u32 = 0x101

const LONGEST_CODE: u32 = 15
const ALL_CODES: u32 = 1 << LONGEST_CODE

/** The table of longer codes that is filled: the bits that its codes begin with, and where it lies. */
let innerPrefix: u32 = 0
let innerStart: u32 = 0
let innerEnd: u32 = 0

/**
 * Builds the decoding table of a canonical Huffman code (RFC 1951, 3.2.2) from the lengths of its codes. The first 2 to the power of
 * `bits` entries answer codes of up to so many bits; longer codes have tables of their own behind them. `entries` are those of the
 * symbols. False where the lengths make no code.
 */
export function buildTable(lengths: usize, symbols: u32, table: usize, bits: u32, entries: usize): bool {
  const used = sortSymbols(lengths, symbols)
  if (used !== ALL_CODES) return buildIncomplete(used, table, bits, entries)
  let length: u32 = 0
  let left: u32 = 0
  let size: u32 = 1
  let code: u32 = 0
  innerPrefix = u32.MAX_VALUE
  innerEnd = 1 << bits
  for (let sorted = SORTED_SYMBOLS; ; sorted += 2) {
    while (left === 0) {
      length += 1
      left = load<u32>(COUNTS + 4 * (length as usize))
      if (length <= bits) size = doubleTable(table, size)
    }
    const entry = load<u32>(entries + 4 * (load<u16>(sorted) as usize))
    if (length <= bits) store<u32>(table + 4 * (code as usize), entry + length * ONE_BIT)
    else addLongCode(table, bits, code, length, left, entry)
    if (code === (1 << length) - 1) break
    code = nextCode(code, length)
    left -= 1
  }
  while (size < 1 << bits) size = doubleTable(table, size)
  return true
}

/** Sorts the symbols by the length of their codes. Gives the share of all codes that they use, out of ALL_CODES; more where too many. */
function sortSymbols(lengths: usize, symbols: u32): u32 {
  memory.fill(COUNTS, 0, 64)
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = COUNTS + 4 * (load<u8>(lengths + symbol) as usize)
    store<u32>(count, load<u32>(count) + 1)
  }
  let used: u32 = 0
  let start: u32 = 0
  for (let length: u32 = 1; length <= LONGEST_CODE; length++) {
    const count = load<u32>(COUNTS + 4 * (length as usize))
    store<u32>(STARTS + 4 * (length as usize), start)
    start += count
    used += count << (LONGEST_CODE - length)
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const length = load<u8>(lengths + symbol) as usize
    if (length === 0) continue
    const at = load<u32>(STARTS + 4 * length)
    store<u32>(STARTS + 4 * length, at + 1)
    store<u16>(SORTED_SYMBOLS + 2 * (at as usize), symbol as u16)
  }
  return used
}

/** A block without a distance has no code for one, and a block with one distance a code of one bit: no other code may be incomplete. */
function buildIncomplete(used: u32, table: usize, bits: u32, entries: usize): bool {
  const isOneCode = used === ALL_CODES / 2 && load<u32>(COUNTS + 4) === 1
  if (used !== 0 && !isOneCode) return false
  const entry = isOneCode ? load<u32>(entries + 4 * (load<u16>(SORTED_SYMBOLS) as usize)) + ONE_BIT : EXCEPTION | WRONG
  for (let index: usize = 0; index < 1 << (bits as usize); index += 2) {
    store<u32>(table + 4 * index, entry)
    store<u32>(table + 4 * index + 4, EXCEPTION | WRONG)
  }
  return true
}

/** The entries of codes that are one bit longer: whatever that bit is, they are the same so far. */
function doubleTable(table: usize, size: u32): u32 {
  memory.copy(table + 4 * (size as usize), table, 4 * (size as usize))
  return 2 * size
}

/** The code after this one. Codes are read from their highest bit on, but stand in the data from the lowest: they count from the left. */
function nextCode(code: u32, length: u32): u32 {
  const highestZero: u32 = 1 << (31 - clz(code ^ ((1 << length) - 1)))
  return (code & (highestZero - 1)) | highestZero
}

/** Adds a code that is longer than the table's. `left` codes of its length are to come, with this one. */
function addLongCode(table: usize, bits: u32, code: u32, length: u32, left: u32, entry: u32): void {
  const prefix = code & ((1 << bits) - 1)
  if (prefix !== innerPrefix) {
    innerPrefix = prefix
    innerStart = innerEnd
    const innerBits = bitsOfInner(length, length - bits, left)
    innerEnd = innerStart + (1 << innerBits)
    store<u32>(table + 4 * (prefix as usize), (innerStart << 16) | EXCEPTION | (innerBits << 8) | bits)
  }
  const step: u32 = 1 << (length - bits)
  for (let index = innerStart + (code >> bits); index < innerEnd; index += step)
    store<u32>(table + 4 * (index as usize), entry + (length - bits) * ONE_BIT)
}

/** The bits of a table that holds all codes with one beginning: as many as make room for the codes that follow. */
function bitsOfInner(length: u32, least: u32, left: u32): u32 {
  let bits = least
  let used = left
  for (let longer = length + 1; used < 1 << bits; longer++) {
    bits += 1
    used = 2 * used + load<u32>(COUNTS + 4 * (longer as usize))
  }
  return bits
}

/** Lets the entries of literals take the next literal too where their bits hold both codes: most literals come in runs, with short codes. */
export function pairLiterals(table: usize, bits: u32): void {
  // Downwards: the entry of the next literal is further down, and no pair yet.
  for (let index: i32 = (1 << bits) - 1; index >= 0; index--) {
    const place = table + 4 * (index as usize)
    const entry = load<u32>(place)
    const taken = entry & 0xff
    const next = load<u32>(table + 4 * ((index as usize) >> (taken as usize)))
    const isPair = ((entry & next & LITERAL) !== 0 ? 1 : 0) & (taken + (next & 0xff) <= bits ? 1 : 0)
    store<u32>(place, entry + select<u32>((next & 0xff) + PAIR + ((next >> 16) << 24), 0, isPair))
  }
}
