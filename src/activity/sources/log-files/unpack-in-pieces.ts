import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { whyUnreadable } from './file-trouble.ts'

const PIECE = 2 ** 20

/** Log files unpack to 5 to 20 times their size; what unpacks to far more is made to fill the memory. */
const MOST_TIMES = 300
const HARMLESS = 64 * 2 ** 20

export interface Unpacking {
  /** Bytes read from the disk. */
  readonly read: number
  readonly unpacked: number
  /** Why it was not read to its end: a clause, such as "its gzip data breaks off". */
  readonly fault?: string
}

/**
 * Reads a file of any size in pieces of at most a megabyte, unpacked; all that comes before a damage is given. `take` may
 * keep a piece. When it gives a clause, that is the fault and the reading ends.
 */
export const unpackInPieces = (path: string, isGzip: boolean, take: (piece: Buffer) => string | undefined): Promise<Unpacking> =>
  new Promise((resolve) => {
    const file = createReadStream(path, { highWaterMark: PIECE })
    const pieces: Readable = isGzip ? file.pipe(createGunzip({ chunkSize: PIECE })) : file
    let unpacked = 0
    const end = (fault?: string): void => {
      file.destroy()
      pieces.destroy()
      resolve({ read: file.bytesRead, unpacked, ...(fault ? { fault } : {}) })
    }
    pieces.on('data', (piece: Buffer) => {
      unpacked += piece.length
      const fault =
        isGzip && isBomb(file.bytesRead, unpacked) ? `it unpacks to more than ${MOST_TIMES} times its size` : take(piece)
      if (fault) end(fault)
    })
    pieces.on('end', () => end())
    pieces.on('error', (error) => end(isGzip ? gzipFault(error) : whyUnreadable(error)))
    if (isGzip) file.on('error', (error) => end(whyUnreadable(error)))
  })

const isBomb = (read: number, unpacked: number): boolean => unpacked > HARMLESS && unpacked > MOST_TIMES * read

const gzipFault = (error: Error): string =>
  'code' in error && error.code === 'Z_BUF_ERROR' ? 'its gzip data breaks off' : `its gzip data is damaged (${error.message})`
