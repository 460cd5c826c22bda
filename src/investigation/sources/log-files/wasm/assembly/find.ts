import { TEXTS } from './memory'

const AT_ONCE: usize = 64

// An entry of a text, from its start on. Bytes:
//   0  the first of two bytes of the text, 16 times
//  16  the second, 16 times
//  32  where the text lies
//  36  its length
//  40  where in the text the two bytes are
//  44  where the room for places starts, four bytes each
//  48  where the next place is written to
//  52  where the room ends
const ENTRY: usize = 64

/** Sets a text to search for. `pair` is where two bytes of it are: only where both match is the whole text compared. */
export function setText(index: usize, text: usize, length: u32, pair: usize): void {
  const entry = TEXTS + ENTRY * index
  v128.store(entry, i8x16.splat(load<i8>(text + pair)))
  v128.store(entry, i8x16.splat(load<i8>(text + pair, 1)), 16)
  store<u32>(entry, text as u32, 32)
  store<u32>(entry, length, 36)
  store<u32>(entry, pair as u32, 40)
}

/**
 * Finds the texts at the indexes from `first` on in one pass over the bytes. Writes the places where each stands, four bytes each and at
 * most `most` of each text: those of the first text to `places`, those of the next behind the room of the first. Reads up to 80 bytes
 * behind the end.
 */
export function findAll(first: usize, count: usize, from: usize, end: usize, places: usize, most: usize): void {
  const entries = TEXTS + ENTRY * first
  const entriesEnd = entries + ENTRY * count
  let room = places
  for (let entry = entries; entry < entriesEnd; entry += ENTRY, room += 4 * most) {
    store<u32>(entry, room as u32, 44)
    store<u32>(entry, room as u32, 48)
    store<u32>(entry, (room + 4 * most) as u32, 52)
  }
  let withRoom = most > 0 ? count : 0
  for (let at = from; at < end && withRoom > 0; at += AT_ONCE) {
    const a = v128.load(at)
    const afterA = v128.load(at, 1)
    const b = v128.load(at, 16)
    const afterB = v128.load(at, 17)
    const c = v128.load(at, 32)
    const afterC = v128.load(at, 33)
    const d = v128.load(at, 48)
    const afterD = v128.load(at, 49)
    for (let entry = entries; entry < entriesEnd; entry += ENTRY) {
      const first = v128.load(entry)
      const second = v128.load(entry, 16)
      const inA = v128.and(i8x16.eq(a, first), i8x16.eq(afterA, second))
      const inB = v128.and(i8x16.eq(b, first), i8x16.eq(afterB, second))
      const inC = v128.and(i8x16.eq(c, first), i8x16.eq(afterC, second))
      const inD = v128.and(i8x16.eq(d, first), i8x16.eq(afterD, second))
      if (!v128.any_true(v128.or(v128.or(inA, inB), v128.or(inC, inD)))) continue
      const pairs = maskOf(inA) | (maskOf(inB) << 16) | (maskOf(inC) << 32) | (maskOf(inD) << 48)
      if (notePlaces(entry, at, pairs, from, end)) withRoom -= 1
    }
  }
}

/** How many places of a text were found. */
export function placesOf(index: usize): u32 {
  const entry = TEXTS + ENTRY * index
  return (load<u32>(entry, 48) - load<u32>(entry, 44)) >> 2
}

/** Notes where the text stands around those pairs of bytes after `at`. Whether its room is full now. */
function notePlaces(entry: usize, at: usize, pairs: u64, from: usize, end: usize): bool {
  const room = load<u32>(entry, 52)
  let next = load<u32>(entry, 48)
  if (next === room) return false
  const text = load<u32>(entry, 32) as usize
  const length = load<u32>(entry, 36) as usize
  const first = at - (load<u32>(entry, 40) as usize)
  for (let left = pairs; left !== 0 && next < room; left &= left - 1) {
    const place = first + (ctz(left) as usize)
    if (place < from || place + length > end || !isSame(place, text, length)) continue
    store<u32>(next as usize, place as u32)
    next += 4
  }
  store<u32>(entry, next, 48)
  return next === room
}

function isSame(place: usize, text: usize, length: usize): bool {
  let at: usize = 0
  for (; at + 8 <= length; at += 8) if (load<u64>(place + at) !== load<u64>(text + at)) return false
  for (; at < length; at++) if (load<u8>(place + at) !== load<u8>(text + at)) return false
  return true
}

export function maskOf(bytes: v128): u64 {
  return (i8x16.bitmask(bytes) as u64) & 0xffff
}
