import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reusableInflate } from '../../../../src/investigation/sources/log-files/decode/gunzip.ts'

const SIZE = 1000
const compressed = gzipSync('hello '.repeat(50))

describe('inflate with a reused buffer', () => {
  const inflate = reusableInflate()
  const buffer = Buffer.alloc(SIZE)

  it('gives what was compressed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: SIZE - 1 }), (bytes) => {
        expect(inflate(gzipSync(bytes), buffer)).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it.each([
    ['truncated data', compressed.subarray(0, 20)],
    ['damaged data', Buffer.from(compressed).fill(0x55, 12, 20)],
    ['a wrong checksum', Buffer.from(compressed).fill(0, compressed.length - 8, compressed.length - 4)],
    ['data that is not gzip', Buffer.from('no gzip at all, but long enough')],
    ['empty data', Buffer.alloc(0)],
    ['two members', Buffer.concat([compressed, compressed])],
    ['data after the end', Buffer.concat([compressed, Buffer.from('tail')])],
    ['data that does not fit', gzipSync(Buffer.alloc(SIZE))],
    ['data that states a smaller size', Buffer.concat([gzipSync(Buffer.alloc(SIZE)).subarray(0, -4), Buffer.alloc(4)])],
  ])('gives undefined for %s, and works again for the next file', (_, bytes) => {
    expect(inflate(bytes, buffer)).toBeUndefined()
    expect(inflate(compressed, buffer)?.toString()).toBe('hello '.repeat(50))
  })
})
