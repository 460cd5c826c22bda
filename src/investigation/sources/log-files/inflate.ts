import { constants, createGunzip } from 'node:zlib'

/** Inflates a whole gzip file at once; undefined for anything that is not one honest, complete member that fits. */
export type Inflate = (gzip: Buffer, into: Buffer) => Buffer | undefined

/** What the writable side of node:zlib's engine looks like inside: stable since Node 11, though not documented. */
interface Engine {
  reset(): void
  readonly _handle?: {
    writeSync?(flush: number, from: Buffer, at: number, length: number, into: Buffer, intoAt: number, room: number): void
  }
  /** Bytes of room left, and bytes of input left, after a write. */
  readonly _writeState?: Uint32Array
}

/**
 * Inflates into a buffer that is used again and again. gunzipSync makes a new stream and a new buffer for each file, which
 * costs a third more and twice the memory. Where node:zlib looks different inside, `inflate` gives
 * undefined and the caller takes the documented way.
 */
export const reusableInflate = (): Inflate => {
  let engine = freshEngine()
  return (gzip, into) => {
    const size = sizeSaidBy(gzip)
    if (size >= into.length) return undefined
    const whole = inflateOnce(engine, gzip, into)
    if (!whole) {
      engine.close()
      engine = freshEngine()
    }
    return whole?.length === size ? whole : undefined
  }
}

/** The bytes that a gzip file says it unpacks to (modulo 4 GiB): the last four of its last member. */
export const sizeSaidBy = (gzip: Buffer): number => (gzip.length < 18 ? 0 : gzip.readUInt32LE(gzip.length - 4))

const SMALLEST_CHUNK = 64

const freshEngine = (): ReturnType<typeof createGunzip> => {
  const engine = createGunzip({ chunkSize: SMALLEST_CHUNK })
  // A damaged file ends the engine with an event that would otherwise be thrown; what it means is told by the careful way.
  engine.on('error', () => undefined)
  return engine
}

const inflateOnce = (gunzip: ReturnType<typeof createGunzip>, gzip: Buffer, into: Buffer): Buffer | undefined => {
  const engine = gunzip as unknown as Engine
  const { _handle: handle, _writeState: state } = engine
  if (!handle?.writeSync || !state) return undefined
  engine.reset()
  handle.writeSync(constants.Z_FINISH, gzip, 0, gzip.length, into, 0, into.length)
  const [room = into.length, left = gzip.length] = state
  return gunzip.destroyed || left > 0 ? undefined : into.subarray(0, into.length - room)
}
