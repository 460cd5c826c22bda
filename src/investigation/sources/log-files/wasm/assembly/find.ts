const AT_ONCE: usize = 64

/**
 * Finds a text in the bytes from `from` on, and writes the places where it stands to `places`, four bytes each and at most `most`. Gives
 * how many. `first` and `second` are places of two bytes in the text: only where both match is the whole compared. Reads up to 64 bytes,
 * and the text's length, behind the end.
 */
export function find(
  text: usize,
  length: usize,
  first: usize,
  second: usize,
  from: usize,
  end: usize,
  places: usize,
  most: usize,
): usize {
  const firstByte = i8x16.splat(load<i8>(text + first))
  const secondByte = i8x16.splat(load<i8>(text + second))
  let found: usize = 0
  for (let at = from; at + length <= end; at += AT_ONCE) {
    const a = bothAt(at + first, firstByte, at + second, secondByte)
    const b = bothAt(at + first + 16, firstByte, at + second + 16, secondByte)
    const c = bothAt(at + first + 32, firstByte, at + second + 32, secondByte)
    const d = bothAt(at + first + 48, firstByte, at + second + 48, secondByte)
    if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue
    let matches = maskOf(a) | (maskOf(b) << 16) | (maskOf(c) << 32) | (maskOf(d) << 48)
    for (; matches !== 0; matches &= matches - 1) {
      const place = at + (ctz(matches) as usize)
      if (place + length > end) return found
      if (memory.compare(place, text, length) !== 0) continue
      store<u32>(places + 4 * found, place as u32)
      found += 1
      if (found === most) return found
    }
  }
  return found
}

function bothAt(first: usize, firstByte: v128, second: usize, secondByte: v128): v128 {
  return v128.and(i8x16.eq(v128.load(first), firstByte), i8x16.eq(v128.load(second), secondByte))
}

function maskOf(bytes: v128): u64 {
  return (i8x16.bitmask(bytes) as u64) & 0xffff
}
