import { CRC_BLOCKS, CRC_TABLES } from './memory'

/** The CRC-32 polynomial of gzip (RFC 1952), its lowest bit first. */
const POLYNOMIAL: u32 = 0xedb88320

const BLOCK: usize = 16
/**
 * Adding a multiple of the polynomial to the data leaves the CRC as it is. One multiple has five terms only, each a power of a block: it
 * moves a block on to the blocks 145, 183, 211 and 300 after it. Moving on block by block leaves 300 blocks to calculate with tables. Bytes.
 */
const FIRST_MOVE: usize = 145 * BLOCK
const SECOND_MOVE: usize = 183 * BLOCK
const THIRD_MOVE: usize = 211 * BLOCK
const LAST_MOVE: usize = 300 * BLOCK
/** As many as are worked on at once. */
const AT_ONCE: usize = 1024 * BLOCK

writeTables()

/** Writes the tables: what a byte adds to the CRC, 0 to 7 bytes later. */
function writeTables(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1
    store<u32>(CRC_TABLES + 4 * (byte as usize), crc)
  }
  for (let entry: usize = 256; entry < 8 * 256; entry++) {
    const before = load<u32>(CRC_TABLES + 4 * (entry - 256))
    store<u32>(CRC_TABLES + 4 * entry, (before >> 8) ^ inTable(0, before))
  }
}

function inTable(table: usize, crc: u32): u32 {
  return load<u32>(CRC_TABLES + 1024 * table + 4 * ((crc & 0xff) as usize))
}

/** The CRC-32 of the bytes, as gzip states it. */
export function crc32(start: usize, end: usize): u32 {
  if (end - start < 2 * LAST_MOVE + BLOCK) return ~byTables(u32.MAX_VALUE, start, end)
  const moved = moveOn(start, start + (((end - start) & ~(BLOCK - 1)) - LAST_MOVE))
  const blocks = CRC_BLOCKS + LAST_MOVE
  return ~byTables(byTables(0, blocks, blocks + LAST_MOVE), moved + LAST_MOVE, end)
}

/** Moves on the blocks before `end`, and writes what the 300 behind it become. Gives `end`. */
function moveOn(start: usize, end: usize): usize {
  const blocks = CRC_BLOCKS + LAST_MOVE
  memory.fill(CRC_BLOCKS, 0, LAST_MOVE)
  // The CRC starts with ones.
  let added = v128.replace_lane<u32>(i32x4.splat(0), 0, u32.MAX_VALUE)
  let from = start
  while (from < end) {
    const stop = blocks + min(AT_ONCE, end - from)
    for (let to = blocks; to < stop; to += BLOCK, from += BLOCK) {
      v128.store(to, v128.xor(v128.xor(v128.load(from), added), movedTo(to)))
      added = i32x4.splat(0)
    }
    memory.copy(CRC_BLOCKS, stop - LAST_MOVE, LAST_MOVE)
  }
  for (let to = blocks; to < blocks + LAST_MOVE; to += BLOCK, from += BLOCK) {
    let block = v128.xor(v128.load(from), v128.load(to - LAST_MOVE))
    if (to < blocks + FIRST_MOVE) block = v128.xor(block, v128.load(to - FIRST_MOVE))
    if (to < blocks + SECOND_MOVE) block = v128.xor(block, v128.load(to - SECOND_MOVE))
    if (to < blocks + THIRD_MOVE) block = v128.xor(block, v128.load(to - THIRD_MOVE))
    v128.store(to, block)
  }
  return end
}

/** The blocks that were moved on to this one. */
function movedTo(at: usize): v128 {
  const nearer = v128.xor(v128.load(at - FIRST_MOVE), v128.load(at - SECOND_MOVE))
  return v128.xor(nearer, v128.xor(v128.load(at - THIRD_MOVE), v128.load(at - LAST_MOVE)))
}

function byTables(start: u32, from: usize, end: usize): u32 {
  let crc = start
  for (; from + 8 <= end; from += 8) {
    const first = load<u32>(from) ^ crc
    const second = load<u32>(from + 4)
    crc =
      inTable(7, first) ^
      inTable(6, first >> 8) ^
      inTable(5, first >> 16) ^
      inTable(4, first >> 24) ^
      (inTable(3, second) ^ inTable(2, second >> 8) ^ inTable(1, second >> 16) ^ inTable(0, second >> 24))
  }
  for (; from < end; from++) crc = (crc >> 8) ^ inTable(0, crc ^ (load<u8>(from) as u32))
  return crc
}
