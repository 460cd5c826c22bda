import type { ByteReader } from './byte-reader.ts'
import type { ReportFault } from './inflate.ts'

/** A block holds at most 900,000 bytes, and takes at most this much compressed. Bytes. */
const MOST_IN_BLOCK = 2 * 2 ** 20
const BLOCK_MAGIC = 0x314159265359
const END_MAGIC = 0x177245385090
const LONGEST_CODE = 20

class Damaged extends Error {}

/** Bits of a block, the first one first. */
interface Bits {
  readonly bytes: Buffer
  /** In bits. */
  at: number
}

const bit = (bits: Bits): number => {
  const byte = bits.bytes[bits.at >> 3]
  if (byte === undefined) throw new Damaged('truncated')
  const value = (byte >> (7 - (bits.at & 7))) & 1
  bits.at += 1
  return value
}

const number = (bits: Bits, length: number): number => {
  let value = 0
  for (let index = 0; index < length; index += 1) value = value * 2 + bit(bits)
  return value
}

/** The contents of a bzip2 file, block by block. */
export async function* bunzipped(reader: ByteReader, report: ReportFault): AsyncGenerator<Buffer> {
  let offset = 0
  let isStart = true
  try {
    for (;;) {
      if (isStart) {
        const header = (await reader.peek(4)).toString('latin1')
        if (!/^BZh[1-9]$/.test(header)) {
          if (header !== '') report('the bytes after its bzip2 data are not bzip2')
          return
        }
        await reader.take(4)
      }
      const bits = { bytes: await reader.peek(MOST_IN_BLOCK), at: offset }
      const magic = number(bits, 48)
      if (magic === BLOCK_MAGIC) yield readBlock(bits)
      else if (magic !== END_MAGIC) throw new Damaged('damaged')
      else number(bits, 32)
      const isEnd = magic === END_MAGIC
      await reader.take(isEnd ? Math.ceil(bits.at / 8) : bits.at >> 3)
      offset = isEnd ? 0 : bits.at & 7
      isStart = isEnd
    }
  } catch (error) {
    if (!(error instanceof Damaged)) throw error
    report(`its bzip2 data is ${error.message}`)
  }
}

const readBlock = (bits: Bits): Buffer => {
  number(bits, 32)
  if (bit(bits) === 1) throw new Damaged('of a kind that is no longer written')
  const origin = number(bits, 24)
  const symbols = readSymbols(bits)
  const groups = number(bits, 3)
  const selectors = readSelectors(bits, groups)
  const tables = Array.from({ length: groups }, () => readTable(bits, symbols.length + 2))
  const last = readMoved(bits, symbols, selectors, tables)
  if (origin >= last.length) throw new Damaged('damaged')
  return withoutRuns(unsorted(last, origin))
}

/** The bytes that the block holds: a map of 16 parts with 16 bytes each. */
const readSymbols = (bits: Bits): number[] => {
  const parts = number(bits, 16)
  const symbols: number[] = []
  for (let part = 0; part < 16; part += 1) {
    if (((parts >> (15 - part)) & 1) === 0) continue
    const used = number(bits, 16)
    for (let index = 0; index < 16; index += 1) if ((used >> (15 - index)) & 1) symbols.push(part * 16 + index)
  }
  return symbols
}

/** Which table decodes each 50 symbols, moved to the front at each use. */
const readSelectors = (bits: Bits, groups: number): Uint8Array => {
  if (groups < 2 || groups > 6) throw new Damaged('damaged')
  const selectors = new Uint8Array(number(bits, 15))
  const order = Array.from({ length: groups }, (_, index) => index)
  for (let index = 0; index < selectors.length; index += 1) {
    let place = 0
    while (bit(bits) === 1) {
      place += 1
      if (place >= groups) throw new Damaged('damaged')
    }
    order.unshift(...order.splice(place, 1))
    selectors[index] = order[0] ?? 0
  }
  return selectors
}

/** A Huffman code, by the length of its words: the largest word, the first symbol's place, and the symbols in order. */
interface Table {
  readonly limits: Int32Array
  readonly bases: Int32Array
  readonly symbols: Uint16Array
}

const readTable = (bits: Bits, count: number): Table => {
  const lengths = new Uint8Array(count)
  let length = number(bits, 5)
  for (let symbol = 0; symbol < count; symbol += 1) {
    while (bit(bits) === 1) length += bit(bits) === 1 ? -1 : 1
    if (length < 1 || length > LONGEST_CODE) throw new Damaged('damaged')
    lengths[symbol] = length
  }
  return tableOf(lengths)
}

const tableOf = (lengths: Uint8Array): Table => {
  const limits = new Int32Array(LONGEST_CODE + 2).fill(-1)
  const bases = new Int32Array(LONGEST_CODE + 2)
  const symbols = new Uint16Array(lengths.length)
  let [code, place] = [0, 0]
  for (let length = 1; length <= LONGEST_CODE; length += 1) {
    bases[length] = place - code
    for (let symbol = 0; symbol < lengths.length; symbol += 1) {
      if (lengths[symbol] !== length) continue
      symbols[place] = symbol
      place += 1
      code += 1
      limits[length] = code - 1
    }
    code *= 2
  }
  return { limits, bases, symbols }
}

const decoded = (bits: Bits, { limits, bases, symbols }: Table): number => {
  let code = 0
  for (let length = 1; length <= LONGEST_CODE; length += 1) {
    code = code * 2 + bit(bits)
    if (code <= (limits[length] ?? -1)) return symbols[code + (bases[length] ?? 0)] ?? 0
  }
  throw new Damaged('damaged')
}

const MOST_BYTES = 900_000
const GROUP = 50

/** Undoes the codes, the runs of the first symbol, and the moves to the front. */
const readMoved = (bits: Bits, symbols: readonly number[], selectors: Uint8Array, tables: readonly Table[]): Uint8Array => {
  const order = [...symbols]
  const bytes = new Uint8Array(MOST_BYTES)
  const end = symbols.length + 1
  let [size, run, weight] = [0, 0, 1]
  const endRun = (): void => {
    if (size + run > MOST_BYTES) throw new Damaged('damaged')
    bytes.fill(order[0] ?? 0, size, size + run)
    size += run
    run = 0
    weight = 1
  }
  for (let index = 0; ; index += 1) {
    const table = tables[selectors[Math.floor(index / GROUP)] ?? -1]
    if (!table) throw new Damaged('damaged')
    const symbol = decoded(bits, table)
    if (symbol <= 1) {
      run += weight * (symbol + 1)
      weight *= 2
      if (run > MOST_BYTES) throw new Damaged('damaged')
      continue
    }
    endRun()
    if (symbol === end) return bytes.subarray(0, size)
    const [byte = 0] = order.splice(symbol - 1, 1)
    order.unshift(byte)
    if (size === MOST_BYTES) throw new Damaged('damaged')
    bytes[size] = byte
    size += 1
  }
}

/** Undoes the Burrows-Wheeler transform. */
const unsorted = (last: Uint8Array, origin: number): Uint8Array => {
  const starts = new Uint32Array(257)
  for (const byte of last) starts[byte + 1] = (starts[byte + 1] ?? 0) + 1
  for (let byte = 1; byte <= 256; byte += 1) starts[byte] = (starts[byte] ?? 0) + (starts[byte - 1] ?? 0)
  const next = new Uint32Array(last.length)
  for (let index = 0; index < last.length; index += 1) {
    const byte = last[index] ?? 0
    const place = starts[byte] ?? 0
    next[place] = index
    starts[byte] = place + 1
  }
  const bytes = new Uint8Array(last.length)
  let at = next[origin] ?? 0
  for (let index = 0; index < last.length; index += 1) {
    bytes[index] = last[at] ?? 0
    at = next[at] ?? 0
  }
  return bytes
}

const RUN = 4

/** Four equal bytes are followed by how many more there are. */
const withoutRuns = (bytes: Uint8Array): Buffer => {
  const parts: Buffer[] = []
  let [from, equal] = [0, 0]
  for (let at = 0; at < bytes.length; at += 1) {
    equal = at > from && bytes[at] === bytes[at - 1] ? equal + 1 : 1
    if (equal < RUN) continue
    parts.push(Buffer.from(bytes.subarray(from, at + 1)), Buffer.alloc(bytes[at + 1] ?? 0, bytes[at]))
    at += 1
    from = at + 1
    equal = 0
  }
  return Buffer.concat([...parts, Buffer.from(bytes.subarray(from))])
}
