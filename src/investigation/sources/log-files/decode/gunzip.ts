import type { Readable } from 'node:stream'
import { constants, createGunzip, type Gunzip } from 'node:zlib'
import { given } from '../../../../incident/values/given.ts'

/** Streams are read and decompressed in chunks of this size. Bytes. */
export const CHUNK = 2 ** 20

/** Gzip is detected by its first bytes, whatever the file's name. */
export const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** The size that a gzip file states for its last member, in its last four bytes. Bytes, modulo 4 GiB. */
export const statedSize = (gzip: Buffer): number => (gzip.length < 18 ? 0 : gzip.readUInt32LE(gzip.length - 4))

/** Decompresses a whole gzip file into a buffer. Undefined unless it is one complete, valid member that fits. */
export type Inflate = (gzip: Buffer, into: Buffer) => Buffer | undefined

/** The inside of a node:zlib stream: not documented, and unchanged since Node 11. */
interface Engine {
  reset(): void
  readonly _handle?: {
    writeSync?(flush: number, from: Buffer, at: number, length: number, into: Buffer, intoAt: number, size: number): void
  }
  /** After a write: the bytes still free in the output, and the bytes left of the input. */
  readonly _writeState?: Uint32Array
}

/**
 * Makes an `Inflate` that reuses one zlib stream. gunzipSync makes a stream and a buffer per file, which takes a third more
 * time and twice the memory. It gives undefined where node:zlib differs inside, and the caller uses the documented API.
 */
export const reusableInflate = (): Inflate => {
  let engine = newEngine()
  return (gzip, into) => {
    const size = statedSize(gzip)
    if (size >= into.length) return undefined
    const whole = inflateOnce(engine, gzip, into)
    if (!whole) {
      engine.close()
      engine = newEngine()
    }
    return whole?.length === size ? whole : undefined
  }
}

const SMALLEST_CHUNK = 64

const newEngine = (): Gunzip => {
  const engine = createGunzip({ chunkSize: SMALLEST_CHUNK })
  // Without a listener, a damaged file throws here. `readStream` reports the error.
  engine.on('error', () => undefined)
  return engine
}

const inflateOnce = (gunzip: Gunzip, gzip: Buffer, into: Buffer): Buffer | undefined => {
  const engine = gunzip as unknown as Engine
  const { _handle: handle, _writeState: state } = engine
  if (!handle?.writeSync || !state) return undefined
  engine.reset()
  handle.writeSync(constants.Z_FINISH, gzip, 0, gzip.length, into, 0, into.length)
  const [free = into.length, left = gzip.length] = state
  return gunzip.destroyed || left > 0 ? undefined : into.subarray(0, into.length - free)
}

/** Log files decompress to 5 to 20 times their size. A file that decompresses to far more is made to exhaust the memory. */
const MOST_EXPANSION = 300
/** Bytes of output from which on the expansion is checked. */
const EXPANSION_CHECKED_FROM = 64 * 2 ** 20

export interface StreamRead {
  /** Bytes that the stream gave. */
  readonly size: number
  /** Why it was not read to its end: a clause, such as "its gzip data is truncated". */
  readonly fault?: string
  /** The error that ended the stream before its end. */
  readonly broken?: unknown
}

/** Takes the next bytes, and may keep them. Gives a clause to stop the reading: that is then its fault. */
type TakeChunk = (chunk: Buffer) => string | undefined

/** Reads a stream of any length and decompresses it. Everything before damaged data is given to `take`. */
export const readStream = async (stream: Readable, isCompressed: boolean, take: TakeChunk): Promise<StreamRead> => {
  let size = 0
  const decoder = isCompressed ? gunzipDecoder(take) : copyDecoder(take)
  try {
    for await (const chunk of stream) {
      size += chunk.length
      const fault = await decoder.add(chunk)
      if (fault !== undefined) return { size, fault }
    }
  } catch (broken) {
    await decoder.end()
    return { size, broken }
  } finally {
    stream.destroy()
  }
  const fault = await decoder.end()
  return { size, ...given({ fault }) }
}

interface Decoder {
  add(chunk: Buffer): Promise<string | undefined>
  end(): Promise<string | undefined>
}

const copyDecoder = (take: TakeChunk): Decoder => ({ add: async (chunk) => take(chunk), end: async () => undefined })

const gunzipDecoder = (take: TakeChunk): Decoder => {
  const engine = createGunzip({ chunkSize: CHUNK })
  let [fed, decompressed] = [0, 0]
  let waiting: Buffer = Buffer.alloc(0)
  let fault: string | undefined
  engine.on('data', (chunk: Buffer) => {
    decompressed += chunk.length
    fault ??= isBomb(fed, decompressed) ? `it decompresses to more than ${MOST_EXPANSION} times its size` : take(chunk)
    if (fault !== undefined) engine.destroy()
  })
  const feed = async (bytes: Buffer): Promise<void> => {
    fed += bytes.length
    const error = await write(engine, bytes)
    if (error) fault ??= gzipFault(error)
  }
  const add = async (chunk: Buffer): Promise<string | undefined> => {
    waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk])
    for (let step = stepSize(fed); waiting.length >= step && fault === undefined; step = stepSize(fed)) {
      await feed(waiting.subarray(0, step))
      waiting = waiting.subarray(step)
    }
    return fault
  }
  const end = async (): Promise<string | undefined> => {
    if (waiting.length > 0 && fault === undefined) await feed(waiting)
    const error = fault === undefined ? await ended(engine) : undefined
    engine.destroy()
    return fault ?? (error && gzipFault(error))
  }
  return { add, end }
}

/** zlib gives nothing of a write that contains the damage, so writes are small; in a large file they are larger. */
const stepSize = (fed: number): number => Math.min(2 ** 16, Math.max(64, fed >> 9))

const write = (engine: Gunzip, bytes: Buffer): Promise<Error | undefined> =>
  new Promise((resolve) => {
    engine.once('error', resolve).once('close', resolve)
    engine.write(bytes, (error) => {
      engine.off('error', resolve).off('close', resolve)
      // The stream emits the error after it calls back.
      if (error) engine.on('error', () => undefined)
      resolve(error ?? undefined)
    })
  })

const ended = (engine: Gunzip): Promise<Error | undefined> =>
  new Promise((resolve) => {
    engine.once('error', resolve).once('close', resolve).once('end', resolve).end()
  })

const isBomb = (fed: number, decompressed: number): boolean =>
  decompressed > EXPANSION_CHECKED_FROM && decompressed > MOST_EXPANSION * fed

const gzipFault = (error: Error): string =>
  'code' in error && error.code === 'Z_BUF_ERROR' ? 'its gzip data is truncated' : `its gzip data is damaged (${error.message})`
