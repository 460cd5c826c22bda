import { writeEntries } from './entries'
import { buildTable, END, EXCEPTION, LITERAL, PAIR, pairLiterals, WRONG } from './huffman'
import {
  CODE_LENGTHS,
  DISTANCE_ENTRIES,
  DISTANCE_TABLE,
  LENGTH_ENTRIES,
  LENGTH_TABLE,
  LITERAL_ENTRIES,
  LITERAL_TABLE,
} from './memory'

const LITERAL_BITS: u32 = 11
const DISTANCE_BITS: u32 = 8
const LENGTH_BITS: u32 = 7
const LITERAL_MASK: usize = (1 << LITERAL_BITS) - 1
const DISTANCE_MASK: usize = (1 << DISTANCE_BITS) - 1
/** The code of a distance with the number behind it. */
const MOST_DISTANCE_BITS: u32 = 28

/** Bits are read so many bytes before they are used. */
const SLACK: usize = 8

const DAMAGED: i32 = -1

writeEntries()

// Where reading and writing are between two blocks.
let input: usize = 0
let output: usize = 0
/** Bits that were read and not used, the next one lowest. Of `bitCount` the lowest byte counts. */
let bitBuffer: u64 = 0
let bitCount: u32 = 0

/**
 * Unpacks deflate data (RFC 1951) that takes all bytes of the input. Gives the bytes of output; -1 where the data are damaged, end
 * elsewhere or do not fit. Reads up to 1,024 bytes behind the input, and writes up to 512 behind the output.
 */
export function inflate(inputStart: usize, inputEnd: usize, outputStart: usize, outputEnd: usize): i32 {
  input = inputStart
  output = outputStart
  bitBuffer = 0
  bitCount = 0
  let isLast: u32 = 0
  while (!isLast) {
    if (input > inputEnd + SLACK || output > outputEnd) return DAMAGED
    isLast = takeBits(1)
    const kind = takeBits(2)
    const isWhole =
      kind === 0 ? copyStored(inputEnd, outputEnd) : readCodes(kind) && decodeBlock(inputEnd, outputStart, outputEnd)
    if (!isWhole) return DAMAGED
  }
  return endOfInput() === inputEnd && output <= outputEnd ? ((output - outputStart) as i32) : DAMAGED
}

/** Where the bytes that hold no bit taken so far start. */
function endOfInput(): usize {
  return input - (((bitCount & 0xff) >> 3) as usize)
}

function takeBits(count: u32): u32 {
  bitBuffer |= load<u64>(input) << (bitCount as u64)
  input += (7 - ((bitCount >> 3) & 7)) as usize
  bitCount |= 56
  const bits = (bitBuffer as u32) & ((1 << count) - 1)
  bitBuffer >>= count as u64
  bitCount -= count
  return bits
}

function copyStored(inputEnd: usize, outputEnd: usize): bool {
  const from = endOfInput()
  const size = load<u16>(from) as u32
  if ((size ^ 0xffff) !== (load<u16>(from + 2) as u32)) return false
  input = from + 4 + size
  if (input > inputEnd || output + size > outputEnd) return false
  memory.copy(output, from + 4, size)
  output += size
  bitBuffer = 0
  bitCount = 0
  return true
}

/** Builds the decoding tables of a block. */
function readCodes(kind: u32): bool {
  let literals: u32 = 288
  let distances: u32 = 32
  if (kind === 1) writeFixedLengths()
  else if (kind === 2) {
    literals = takeBits(5) + 257
    distances = takeBits(5) + 1
    if (!readLengths(literals + distances)) return false
  } else return false
  const hasTables =
    buildTable(CODE_LENGTHS + literals, distances, DISTANCE_TABLE, DISTANCE_BITS, DISTANCE_ENTRIES) &&
    buildTable(CODE_LENGTHS, literals, LITERAL_TABLE, LITERAL_BITS, LITERAL_ENTRIES)
  if (hasTables) pairLiterals(LITERAL_TABLE, LITERAL_BITS)
  return hasTables
}

/** The lengths of the fixed codes (RFC 1951, 3.2.6). */
function writeFixedLengths(): void {
  memory.fill(CODE_LENGTHS, 8, 144)
  memory.fill(CODE_LENGTHS + 144, 9, 112)
  memory.fill(CODE_LENGTHS + 256, 7, 24)
  memory.fill(CODE_LENGTHS + 280, 8, 8)
  memory.fill(CODE_LENGTHS + 288, 5, 32)
}

/** Reads the lengths of a block's codes, which are written in a code of their own (RFC 1951, 3.2.7). */
function readLengths(count: u32): bool {
  const lengths = takeBits(4) + 4
  memory.fill(CODE_LENGTHS, 0, 19)
  for (let index: u32 = 0; index < lengths; index++) store<u8>(CODE_LENGTHS + placeOfLength(index), takeBits(3) as u8)
  if (!buildTable(CODE_LENGTHS, 19, LENGTH_TABLE, LENGTH_BITS, LENGTH_ENTRIES)) return false
  let index: u32 = 0
  while (index < count) {
    takeBits(0)
    const entry = load<u32>(LENGTH_TABLE + (((bitBuffer as u32) & 127) << 2))
    if (entry & EXCEPTION) return false
    takeBits(entry & 0xff)
    const symbol = entry >> 16
    if (symbol < 16) {
      store<u8>(CODE_LENGTHS + index, symbol as u8)
      index += 1
      continue
    }
    if (symbol === 16 && index === 0) return false
    const length: u8 = symbol === 16 ? load<u8>(CODE_LENGTHS + index - 1) : 0
    const times = symbol === 16 ? takeBits(2) + 3 : symbol === 17 ? takeBits(3) + 3 : takeBits(7) + 11
    if (index + times > count) return false
    memory.fill(CODE_LENGTHS + index, length, times)
    index += times
  }
  return true
}

/** The order in which the lengths of that code stand: 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15. */
function placeOfLength(index: u32): usize {
  if (index < 3) return (16 + index) as usize
  if (index === 3) return 0
  return (index & 1 ? 7 - ((index - 5) >> 1) : 8 + ((index - 4) >> 1)) as usize
}

/** Unpacks a block up to its end, or until the input or the room ends. False where it is damaged. */
function decodeBlock(inputEnd: usize, outputStart: usize, outputEnd: usize): bool {
  takeBits(0)
  // What changes with each symbol is local: the compiler holds it in registers.
  let from = input
  let to = output
  let buffer = bitBuffer
  let count = bitCount
  let entry = literalEntry(buffer)
  while (from <= inputEnd + SLACK && to <= outputEnd) {
    let symbol = buffer
    buffer >>= entry as u64
    count -= entry
    // Three entries of literals take fewer bits than there are.
    if (entry & LITERAL) {
      store<u16>(to, literalsOf(entry))
      to += countOf(entry)
      symbol = buffer
      entry = literalEntry(buffer)
      buffer >>= entry as u64
      count -= entry
      if (entry & LITERAL) {
        store<u16>(to, literalsOf(entry))
        to += countOf(entry)
        symbol = buffer
        entry = literalEntry(buffer)
        buffer >>= entry as u64
        count -= entry
      }
    }
    if (entry & EXCEPTION) {
      if (entry & (END | WRONG)) break
      symbol = buffer
      entry = load<u32>(innerOffset(entry, buffer), LITERAL_TABLE)
      buffer >>= entry as u64
      count -= entry
      if (entry & EXCEPTION) break
    }
    if (entry & LITERAL) {
      store<u16>(to, literalsOf(entry))
      to += countOf(entry)
      buffer |= load<u64>(from) << (count as u64)
      from += bytesMissing(count)
      count |= 56
      entry = literalEntry(buffer)
      continue
    }
    const length = numberOf(entry, symbol)
    if ((count & 0xff) < MOST_DISTANCE_BITS) {
      buffer |= load<u64>(from) << (count as u64)
      from += bytesMissing(count)
      count |= 56
    }
    entry = load<u32>(((buffer as usize) & DISTANCE_MASK) << 2, DISTANCE_TABLE)
    if (entry & EXCEPTION) {
      if (entry & WRONG) break
      buffer >>= entry as u64
      count -= entry
      entry = load<u32>(innerOffset(entry, buffer), DISTANCE_TABLE)
      if (entry & EXCEPTION) break
    }
    const distance = numberOf(entry, buffer) as usize
    buffer >>= entry as u64
    count -= entry
    if (to - outputStart < distance) break
    // The next entry is looked up while the bytes are copied.
    buffer |= load<u64>(from) << (count as u64)
    from += bytesMissing(count)
    count |= 56
    entry = literalEntry(buffer)
    copyMatch(to, distance, to + (length as usize))
    to += length as usize
  }
  input = from
  output = to
  bitBuffer = buffer
  bitCount = count & 0xff
  return (entry & (END | EXCEPTION)) === (END | EXCEPTION)
}

function literalEntry(buffer: u64): u32 {
  return load<u32>(((buffer as usize) & LITERAL_MASK) << 2, LITERAL_TABLE)
}

/** One literal and a zero byte, which the next one overwrites, or two literals. */
function literalsOf(entry: u32): u16 {
  return (entry >> 16) as u16
}

function countOf(entry: u32): usize {
  return entry & PAIR ? 2 : 1
}

/** Where the entry of a longer code is, in the table that this one points to. */
function innerOffset(entry: u32, buffer: u64): usize {
  return ((entry >> 16) + ((buffer as u32) & ((1 << ((entry >> 8) & 15)) - 1))) << 2
}

/** A length or distance: the least of its symbol, and the number behind its code. */
function numberOf(entry: u32, symbol: u64): u32 {
  return (entry >> 16) + (((symbol & (((1 as u64) << (entry as u64)) - 1)) >> ((entry >> 8) as u64)) as u32)
}

/** The whole bytes that fit into the bits that are missing to 64. */
function bytesMissing(count: u32): usize {
  return (7 - ((count >> 3) & 7)) as usize
}

/** Copies bytes of the output behind it; copies more than asked for, which the next ones overwrite. */
function copyMatch(to: usize, distance: usize, end: usize): void {
  let from = to - distance
  if (distance >= 16) {
    v128.store(to, v128.load(from))
    v128.store(to, v128.load(from, 16), 16)
    v128.store(to, v128.load(from, 32), 32)
    v128.store(to, v128.load(from, 48), 48)
    for (to += 64, from += 64; to < end; to += 32, from += 32) {
      v128.store(to, v128.load(from))
      v128.store(to, v128.load(from, 16), 16)
    }
  } else if (distance === 1) {
    const same = i8x16.splat(load<i8>(from))
    for (; to < end; to += 16) v128.store(to, same)
  } else if (distance >= 8) {
    for (; to < end; to += 8, from += 8) store<u64>(to, load<u64>(from))
  } else {
    for (; to < end; to++, from++) store<u8>(to, load<u8>(from))
  }
}
