import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reusableInflate } from '../../../../src/investigation/sources/log-files/inflate.ts'

const ROOM = 1000
const packed = gzipSync('hello '.repeat(50))

describe('inflating into a buffer that is used again', () => {
  const inflate = reusableInflate()
  const room = Buffer.alloc(ROOM)

  it('gives what was packed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: ROOM - 1 }), (bytes) => {
        expect(inflate(gzipSync(bytes), room)).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it.each([
    ['what breaks off', packed.subarray(0, 20)],
    ['what is damaged', Buffer.from(packed).fill(0x55, 12, 20)],
    ['what fails its checksum', Buffer.from(packed).fill(0, packed.length - 8, packed.length - 4)],
    ['what is not gzip', Buffer.from('no gzip at all, but long enough')],
    ['nothing', Buffer.alloc(0)],
    ['two members', Buffer.concat([packed, packed])],
    ['something behind the end', Buffer.concat([packed, Buffer.from('tail')])],
    ['what does not fit', gzipSync(Buffer.alloc(ROOM))],
    ['what says that it is smaller than it is', Buffer.concat([gzipSync(Buffer.alloc(ROOM)).subarray(0, -4), Buffer.alloc(4)])],
  ])('leaves %s to the careful way, and goes on', (_, bytes) => {
    expect(inflate(bytes, room)).toBeUndefined()
    expect(inflate(packed, room)?.toString()).toBe('hello '.repeat(50))
  })
})
