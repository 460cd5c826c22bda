import { constants, crc32, deflateRawSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { findText, findTexts, searchText } from '../../../../src/investigation/sources/log-files/match/byte-search.ts'
import { fileMemory, MOST_IN_MEMORY } from '../../../../src/investigation/sources/log-files/wasm/file-memory.ts'
import { whileFound } from '../../../../src/investigation/sources/log-files/wasm/search-memory.ts'
import { delivered, stolenCall } from './logs.ts'
import { withoutWasm } from './without-wasm.ts'

const compressed = gzipSync('hello '.repeat(50))

/** Texts as log files hold them: much is repeated, near and far. */
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 20 }), fc.array(fc.nat(1000), { maxLength: 3000 }))
    .map(([words, order]) => Buffer.from(order.map((index) => words[index % words.length]).join(''))),
  fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 20_000 })).map(([byte, length]) => Buffer.alloc(length, byte)),
  fc.integer({ min: 1, max: 60 }).map((records) => Buffer.from(delivered(Array.from({ length: records }, () => stolenCall())))),
)

const strategies = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FIXED,
  constants.Z_FILTERED,
]
const options = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(...strategies),
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
})

const trailerOf = (bytes: Buffer): Buffer => {
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc32(bytes), 0)
  trailer.writeUInt32LE(bytes.length, 4)
  return trailer
}

describe.each([
  ['with WebAssembly', fileMemory()],
  ['without it', withoutWasm(fileMemory)],
])('a file in memory, %s', (_, memory) => {
  it('is unpacked to what was compressed, however that was done', () => {
    fc.assert(
      fc.property(contents, options, (bytes, how) => {
        expect(memory.gunzip(gzipSync(bytes, how))?.equals(bytes)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('is never unpacked to something else: damaged data give nothing, or what they held', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(contents, options, damage, (bytes, how, changes) => {
        const gzip = gzipSync(bytes, how)
        for (const [at, value] of changes) gzip[10 + (at % Math.max(1, gzip.length - 18))] = value
        expect(memory.gunzip(gzip)?.equals(bytes) ?? true).toBe(true)
      }),
      { numRuns: 500 },
    )
    expect(memory.gunzip(compressed)?.toString()).toBe('hello '.repeat(50))
  })

  it('may have a name, a comment, more fields and a checksum in its header', () => {
    const more = Buffer.from([3, 0, 1, 2, 3])
    const header = Buffer.concat([
      Buffer.from([0x1f, 0x8b, 8, 2 + 4 + 8 + 16, 0, 0, 0, 0, 0, 3]),
      more,
      Buffer.from('name\0why\0'),
    ])
    const check = Buffer.alloc(2)
    check.writeUInt16LE(crc32(header) & 0xffff)
    const bytes = Buffer.from('hello')
    expect(memory.gunzip(Buffer.concat([header, check, deflateRawSync(bytes), trailerOf(bytes)]))).toEqual(bytes)
  })

  it.each([
    ['truncated data', compressed.subarray(0, 20)],
    ['data without an end', Buffer.concat([compressed.subarray(0, -9), compressed.subarray(-8)])],
    ['a wrong checksum', Buffer.from(compressed).fill(0, compressed.length - 8, compressed.length - 4)],
    ['data that are not gzip', Buffer.from('no gzip at all, but long enough')],
    ['a header without an end', Buffer.from([0x1f, 0x8b, 8, 8, ...Buffer.alloc(30, 1)])],
    ['a method that is not deflate', Buffer.from(compressed).fill(9, 2, 3)],
    ['empty data', Buffer.alloc(0)],
    ['two members', Buffer.concat([compressed, compressed])],
    ['data after the end', Buffer.concat([compressed, Buffer.from('tail')])],
    ['more than fits', gzipSync(Buffer.alloc(MOST_IN_MEMORY + 1))],
    ['data that state a smaller size', Buffer.concat([gzipSync(Buffer.alloc(1000)).subarray(0, -4), Buffer.from([1, 0, 0, 0])])],
    ['data that state a larger size', Buffer.concat([gzipSync(Buffer.alloc(1000)).subarray(0, -4), Buffer.from([0, 4, 0, 0])])],
    [
      'empty blocks without an end',
      Buffer.concat([compressed.subarray(0, 10), Buffer.alloc(5000, 0x02), compressed.subarray(-8)]),
    ],
  ])('gives nothing for %s, and the next file is read again', (_what, bytes) => {
    expect(memory.gunzip(bytes)).toBeUndefined()
    expect(memory.gunzip(compressed)?.toString()).toBe('hello '.repeat(50))
  })

  it('may be as large as the memory', () => {
    const bytes = Buffer.alloc(MOST_IN_MEMORY, 'records ')
    expect(memory.gunzip(gzipSync(bytes))?.equals(bytes)).toBe(true)
  })
})

describe('a search in memory', () => {
  const memory = fileMemory()
  const inMemory = (bytes: Buffer): Buffer => {
    const room = memory.room(bytes.length)
    bytes.copy(room)
    return room
  }
  const few = fc.string({ unit: fc.constantFrom('A', 'S', 'I', '0', '-', 'e', '"'), minLength: 1, maxLength: 12 })
  const pieces = fc.tuple(fc.array(few, { maxLength: 40 }), few, fc.nat(90))

  afterEach(() => inMemory(Buffer.alloc(5000)))

  it('finds the same positions as Buffer.indexOf', () => {
    fc.assert(
      fc.property(pieces, ([parts, text, from]) => {
        const bytes = Buffer.from(parts.join(text).concat(...parts))
        expect(findText(inMemory(bytes), searchText(text), from)).toBe(from > bytes.length ? -1 : bytes.indexOf(text, from))
      }),
      { numRuns: 500 },
    )
  })

  it('finds all positions, and as many as there is room for', () => {
    fc.assert(
      fc.property(pieces, fc.nat(20), ([parts, text], room) => {
        const bytes = Buffer.from(parts.join(text).concat(...parts))
        const expected: number[] = []
        for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) expected.push(at)
        for (const searched of [inMemory(bytes), bytes]) {
          const into = new Int32Array(2 + room)
          const count = findTexts(searched, searchText(text), 0, into, 2)
          expect([...into.subarray(2, 2 + count)]).toEqual(expected.slice(0, room))
        }
      }),
      { numRuns: 500 },
    )
  })

  const positionsOf = (bytes: Buffer, text: string, from: number): number[] => {
    const into = new Int32Array(20_000)
    return [...into.subarray(0, findTexts(bytes, searchText(text), from, into, 0))]
  }

  it('finds the same when several texts are found ahead in one pass, in any part of the bytes', () => {
    const texts = fc.uniqueArray(few, { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(fc.array(few, { maxLength: 60 }), texts, fc.nat(40), fc.nat(40), (parts, ahead, from, cut) => {
        const bytes = inMemory(Buffer.from(parts.join(ahead[0]).concat(...ahead, ...parts)))
        const part = bytes.subarray(cut % bytes.length, bytes.length - (cut % 3))
        const searches = ahead.map((text) => searchText(text))
        const into = new Int32Array(2 * bytes.length)
        const found = (): number[][] =>
          searches.flatMap((search) =>
            [bytes, part].map((where) => [
              ...into.subarray(0, findTexts(where, search, from, into, 0)),
              findText(where, search, from),
            ]),
          )
        expect(whileFound(bytes, searches, found)).toEqual(found())
        expect(whileFound(part, searches, found)).toEqual(found())
      }),
      { numRuns: 500 },
    )
  })

  it('finds what stands in more places than are noted ahead', () => {
    const many = searchText('AS')
    const bytes = inMemory(Buffer.from('AS-'.repeat(9000)))
    const into = new Int32Array(10_000)
    expect(whileFound(bytes, [many], () => findTexts(bytes, many, 0, into, 0))).toBe(8192)
    expect(whileFound(bytes, [many], () => findTexts(bytes, many, 3 * 8192, into, 0))).toBe(808)
    expect(whileFound(bytes, [many], () => findText(bytes, many, 3 * 8999))).toBe(3 * 8999)
  })

  it('forgets what it found ahead when the bytes may have changed', () => {
    const search = searchText('ASIA')
    expect(whileFound(inMemory(Buffer.from('the first file: ASIA')), [search], () => 'read')).toBe('read')
    expect(findText(inMemory(Buffer.from('ASIA is in the next')), search, 0)).toBe(0)
    expect(() =>
      whileFound(inMemory(Buffer.from('a file with ASIA')), [search], () => {
        throw new Error('a record that cannot be read')
      }),
    ).toThrow(/cannot be read/)
    expect(positionsOf(inMemory(Buffer.from('ASIA again')), 'ASIA', 0)).toEqual([0])
  })

  it('finds nothing that an earlier, larger file left behind the end', () => {
    inMemory(Buffer.from('an earlier file names ASIASTOLENKEY0000001'))
    const bytes = inMemory(Buffer.from('an earlier file names ASIASTOLEN'))
    expect(findText(bytes, searchText('ASIASTOLENKEY0000001'), 0)).toBe(-1)
  })

  it('finds long texts too', () => {
    const long = 'x'.repeat(5000)
    expect(findText(inMemory(Buffer.from(`begin ${long} end`)), searchText(long), 0)).toBe(6)
  })
})
