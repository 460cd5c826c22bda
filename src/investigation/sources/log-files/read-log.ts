import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { noRecords, type Records } from './cut-records.ts'
import { type Inflate, reusableInflate, sizeSaidBy } from './inflate.ts'

/** Larger files, packed or unpacked, are read in pieces. Bytes. */
export const AT_ONCE = 64 * 2 ** 20
const FIRST_ROOM = 2 ** 20

/** What is read in pieces is read in pieces of this size. Bytes. */
export const PIECE = 2 ** 20

/** Buffers that are used for one file after the other: what is read is gone with the next file. */
export interface ReadBuffers {
  packed: Buffer
  unpacked: Buffer
  readonly inflate: Inflate
  readonly records: Records
}

export const buffers = (): ReadBuffers => ({
  packed: Buffer.allocUnsafeSlow(FIRST_ROOM),
  unpacked: Buffer.allocUnsafeSlow(FIRST_ROOM),
  inflate: reusableInflate(),
  records: noRecords(),
})

export interface QuickRead {
  /** Of the file on the disk. */
  readonly size: number
  readonly isGzip: boolean
  /** What is in it, unpacked. Missing: it has to be read in pieces, because it is large, or to find out what is wrong with it. */
  readonly bytes?: Buffer
}

/** Reads a log file at once, whatever it is called: gzip is known by its first bytes. Throws what the operating system says. */
export const readQuickly = (path: string, buffers: ReadBuffers): QuickRead => {
  const file = openSync(path, constants.O_RDONLY)
  try {
    const { size } = fstatSync(file)
    if (size > AT_ONCE) return { size, isGzip: isGzip(readUpTo(file, buffers.packed.subarray(0, 2))) }
    if (size >= buffers.packed.length) buffers.packed = roomFor(size)
    const packed = readUpTo(file, buffers.packed.subarray(0, size))
    const bytes = quickBytes(packed, buffers)
    return { size: packed.length, isGzip: isGzip(packed), ...(bytes ? { bytes } : {}) }
  } finally {
    closeSync(file)
  }
}

/** Gzip is known by its first bytes, whatever a file is called. */
export const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

const roomFor = (size: number): Buffer => Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(size + 1)))

/** What a file holds, unpacked in the buffers's room; undefined when it is large, or something is wrong with it. */
export const quickBytes = (packed: Buffer, buffers: ReadBuffers): Buffer | undefined => {
  if (!isGzip(packed)) return packed
  const said = sizeSaidBy(packed)
  if (said > AT_ONCE) return undefined
  if (said >= buffers.unpacked.length) buffers.unpacked = roomFor(said)
  return buffers.inflate(packed, buffers.unpacked)
}

/** Fills the room, or less when the file ends before. */
const readUpTo = (file: number, room: Buffer): Buffer => {
  let filled = 0
  while (filled < room.length) {
    const read = readSync(file, room, filled, room.length - filled, null)
    if (read === 0) break
    filled += read
  }
  return room.subarray(0, filled)
}
