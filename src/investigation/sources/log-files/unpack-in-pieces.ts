import type { Readable } from 'node:stream'
import { createGunzip, type Gunzip } from 'node:zlib'
import { PIECE } from './read-log.ts'

/** Log files unpack to 5 to 20 times their size; what unpacks to far more is made to fill the memory. */
const MOST_TIMES = 300
const HARMLESS = 64 * 2 ** 20

export interface Unpacking {
  /** Bytes that came out of the stream. */
  readonly read: number
  /** Why it was not read to its end: a clause, such as "its gzip data breaks off". */
  readonly fault?: string
  /** What ended the stream itself before its end. */
  readonly broken?: unknown
}

type Take = (piece: Buffer) => string | undefined

/**
 * Reads a stream of any length, unpacked; all that comes before a damage is given, in whatever pieces the stream comes. `take`
 * may keep a piece. When it gives a clause, that is the fault and the reading ends.
 */
export const unpackInPieces = async (stream: Readable, isGzip: boolean, take: Take): Promise<Unpacking> => {
  let read = 0
  const unpacker = isGzip ? gunzip(take) : asItIs(take)
  try {
    for await (const piece of stream) {
      read += piece.length
      const fault = await unpacker.add(piece)
      if (fault !== undefined) return { read, fault }
    }
  } catch (broken) {
    await unpacker.end()
    return { read, broken }
  } finally {
    stream.destroy()
  }
  const fault = await unpacker.end()
  return { read, ...(fault === undefined ? {} : { fault }) }
}

interface Unpacker {
  add(piece: Buffer): Promise<string | undefined>
  end(): Promise<string | undefined>
}

const asItIs = (take: Take): Unpacker => ({ add: async (piece) => take(piece), end: async () => undefined })

const gunzip = (take: Take): Unpacker => {
  const engine = createGunzip({ chunkSize: PIECE })
  let [fed, unpacked] = [0, 0]
  let held: Buffer = Buffer.alloc(0)
  let fault: string | undefined
  engine.on('data', (piece: Buffer) => {
    unpacked += piece.length
    fault ??= isBomb(fed, unpacked) ? `it unpacks to more than ${MOST_TIMES} times its size` : take(piece)
    if (fault !== undefined) engine.destroy()
  })
  const feed = async (piece: Buffer): Promise<void> => {
    fed += piece.length
    const problem = await write(engine, piece)
    if (problem) fault ??= gzipFault(problem)
  }
  const add = async (piece: Buffer): Promise<string | undefined> => {
    held = held.length === 0 ? piece : Buffer.concat([held, piece])
    for (let size = bite(fed); held.length >= size && fault === undefined; size = bite(fed)) {
      await feed(held.subarray(0, size))
      held = held.subarray(size)
    }
    return fault
  }
  const end = async (): Promise<string | undefined> => {
    if (held.length > 0 && fault === undefined) await feed(held)
    const problem = fault === undefined ? await ended(engine) : undefined
    engine.destroy()
    return fault ?? (problem && gzipFault(problem))
  }
  return { add, end }
}

/** What would come of the bytes with the damage among them is lost: so few are unpacked together, more in a large file. */
const bite = (fed: number): number => Math.min(2 ** 16, Math.max(64, fed >> 9))

const write = (engine: Gunzip, piece: Buffer): Promise<Error | undefined> =>
  new Promise((resolve) => {
    engine.once('error', resolve).once('close', resolve)
    engine.write(piece, (error) => {
      engine.off('error', resolve).off('close', resolve)
      // A stream that fails says so after the write did.
      if (error) engine.on('error', () => undefined)
      resolve(error ?? undefined)
    })
  })

const ended = (engine: Gunzip): Promise<Error | undefined> =>
  new Promise((resolve) => {
    engine.once('error', resolve).once('close', resolve).once('end', resolve).end()
  })

const isBomb = (fed: number, unpacked: number): boolean => unpacked > HARMLESS && unpacked > MOST_TIMES * fed

const gzipFault = (error: Error): string =>
  'code' in error && error.code === 'Z_BUF_ERROR' ? 'its gzip data breaks off' : `its gzip data is damaged (${error.message})`
