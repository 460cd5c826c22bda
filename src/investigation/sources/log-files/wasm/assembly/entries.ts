import { END, EXCEPTION, LITERAL, WRONG } from './huffman'
import { DISTANCE_ENTRIES, LENGTH_ENTRIES, LITERAL_ENTRIES } from './memory'

const END_OF_BLOCK: usize = 256
const FIRST_LENGTH: u32 = 257
const LONGEST: u32 = 285
const DISTANCES: u32 = 30

/** Writes the entries of all symbols (RFC 1951, 3.2.5), without the lengths of their codes. */
export function writeEntries(): void {
  for (let literal: u32 = 0; literal < 256; literal++)
    store<u32>(LITERAL_ENTRIES + 4 * (literal as usize), LITERAL | (literal << 16))
  store<u32>(LITERAL_ENTRIES + 4 * END_OF_BLOCK, EXCEPTION | END)
  let least: u32 = 3
  for (let symbol: u32 = FIRST_LENGTH; symbol < LONGEST; symbol++) {
    const extraBits: u32 = symbol < 265 ? 0 : (symbol - 261) >> 2
    store<u32>(LITERAL_ENTRIES + 4 * (symbol as usize), (least << 16) | extraBits)
    least += 1 << extraBits
  }
  store<u32>(LITERAL_ENTRIES + 4 * (LONGEST as usize), 258 << 16)
  writeWrong(LITERAL_ENTRIES + 4 * (LONGEST as usize) + 4)
  least = 1
  for (let symbol: u32 = 0; symbol < DISTANCES; symbol++) {
    const extraBits: u32 = symbol < 4 ? 0 : (symbol - 2) >> 1
    store<u32>(DISTANCE_ENTRIES + 4 * (symbol as usize), (least << 16) | extraBits)
    least += 1 << extraBits
  }
  writeWrong(DISTANCE_ENTRIES + 4 * (DISTANCES as usize))
  for (let symbol: u32 = 0; symbol < 19; symbol++) store<u32>(LENGTH_ENTRIES + 4 * (symbol as usize), symbol << 16)
}

/** The last two symbols have codes and no meaning. */
function writeWrong(at: usize): void {
  store<u32>(at, EXCEPTION | WRONG)
  store<u32>(at + 4, EXCEPTION | WRONG)
}
