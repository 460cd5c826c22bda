import { constants, createGunzip, type Gunzip } from 'node:zlib'

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
  // Without a listener, a damaged file throws here. `gunzipped` reports the error.
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
