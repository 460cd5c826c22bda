import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { given } from '../../../../incident/values/given.ts'
import { type FileMemory, fileMemory, MOST_IN_MEMORY } from '../wasm/file-memory.ts'
import { noPositions, type RecordPositions } from './cut-records.ts'
import { isGzip } from './gzip-file.ts'

/** What one file after another is read into: the next file overwrites the last. */
export interface ReadBuffers {
  readonly memory: FileMemory
  readonly positions: RecordPositions
}

export const readBuffers = (): ReadBuffers => {
  memory ??= fileMemory()
  return { memory, positions: noPositions() }
}

/** One for all that read files in this thread: a file's contents are searched without a pause, before the next file is read. */
let memory: FileMemory | undefined

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
    if (size > MOST_IN_MEMORY) return { size, isGzip: isGzip(fillFrom(file, buffers.memory.room(2))) }
    const raw = fillFrom(file, buffers.memory.room(size))
    const bytes = decompressWhole(raw, buffers)
    return { size: raw.length, isGzip: isGzip(raw), ...given({ bytes }) }
  } finally {
    closeSync(file)
  }
}

/** What a file's bytes hold, decompressed. Undefined when it is large or something is wrong with it. */
export const decompressWhole = (raw: Buffer, { memory }: ReadBuffers): Buffer | undefined =>
  isGzip(raw) ? memory.gunzip(raw) : raw

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
