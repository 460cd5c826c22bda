import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { given } from '../../../../incident/values/given.ts'
import { noPositions, type RecordPositions } from './cut-records.ts'
import { type Inflate, isGzip, reusableInflate, statedSize } from './gunzip.ts'

/** A larger file, compressed or not, is read as a stream. Bytes. */
export const MOST_IN_MEMORY = 32 * 2 ** 20
const FIRST_SIZE = 2 ** 20

/** Buffers that one file after another is read into: the next file overwrites the last. */
export interface ReadBuffers {
  compressed: Buffer
  decompressed: Buffer
  readonly inflate: Inflate
  readonly positions: RecordPositions
}

export const readBuffers = (): ReadBuffers => ({
  compressed: Buffer.allocUnsafeSlow(FIRST_SIZE),
  decompressed: Buffer.allocUnsafeSlow(FIRST_SIZE),
  inflate: reusableInflate(),
  positions: noPositions(),
})

export interface WholeRead {
  /** Bytes on disk. */
  readonly size: number
  readonly isGzip: boolean
  /** The contents, decompressed. Missing: read the file as a stream, because it is large or because something is wrong with it. */
  readonly bytes?: Buffer
}

/** Reads and decompresses a log file at once, whatever its name. Throws the operating system's error. */
export const readWhole = (path: string, buffers: ReadBuffers): WholeRead => {
  const file = openSync(path, constants.O_RDONLY)
  try {
    const { size } = fstatSync(file)
    if (size > MOST_IN_MEMORY) return { size, isGzip: isGzip(fillFrom(file, buffers.compressed.subarray(0, 2))) }
    if (size >= buffers.compressed.length) buffers.compressed = bufferFor(size)
    const raw = fillFrom(file, buffers.compressed.subarray(0, size))
    const bytes = decompressWhole(raw, buffers)
    return { size: raw.length, isGzip: isGzip(raw), ...given({ bytes }) }
  } finally {
    closeSync(file)
  }
}

/** What a file's bytes hold, decompressed into the buffers. Undefined when it is large or something is wrong with it. */
export const decompressWhole = (raw: Buffer, buffers: ReadBuffers): Buffer | undefined => {
  if (!isGzip(raw)) return raw
  const size = statedSize(raw)
  if (size > MOST_IN_MEMORY) return undefined
  if (size >= buffers.decompressed.length) buffers.decompressed = bufferFor(size)
  return buffers.inflate(raw, buffers.decompressed)
}

const bufferFor = (size: number): Buffer => Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(size + 1)))

/** Fills the buffer from the file; gives the filled part, which is shorter when the file ends. */
const fillFrom = (file: number, buffer: Buffer): Buffer => {
  let filled = 0
  while (filled < buffer.length) {
    const read = readSync(file, buffer, filled, buffer.length - filled, null)
    if (read === 0) break
    filled += read
  }
  return buffer.subarray(0, filled)
}
