import { Readable } from 'node:stream'
import type { AwsClock } from '../../../aws/clock.ts'
import { isText } from '../log-files/containers/file-kind.ts'
import type { ScannedFile } from '../log-files/count-matches.ts'
import { CHUNK } from '../log-files/decode/gzip-file.ts'
import { decompressWhole, type ReadBuffers } from '../log-files/decode/read-file.ts'
import { type ContentHasher, contentHasher, type FileHash } from '../log-files/digests/content-hash.ts'
import { type Matchers, type Target, targetName } from '../log-files/match/matchers.ts'
import { scanBytes } from '../log-files/scan-file.ts'
import { type ScannedStream, scanStream } from '../log-files/scan-parts.ts'
import { MOST_IN_MEMORY } from '../log-files/wasm/file-memory.ts'
import type { Bucket, LogObject } from './bucket.ts'
import { type Body, bytesIn, chunksIn, type Downloaded, download } from './download.ts'

/** What the objects of a bucket are read with: all of them share it. */
export interface ObjectReading<State> {
  readonly bucket: Bucket
  readonly clock: AwsClock
  readonly matchers: Matchers<State>
  readonly buffers: ReadBuffers
  /** All targets, in the order in which they were found. */
  readonly targets: Target[]
  /** Small objects of the first pass, by key, so that a later pass need not download them again. */
  readonly remembered: Map<string, Buffer>
  rememberedBytes: number
  /** The hashes of the objects' contents, by key, where they are compared with digests. */
  readonly hashes?: Map<string, FileHash>
  /** Settles when the current scan ends. Objects are scanned one at a time, so that targets of one are matched in the next. */
  scanning: Promise<unknown>
}

/** At most so many bytes of objects are remembered. */
const MOST_REMEMBERED = 64 * 2 ** 20

/** Downloads an object and scans it. `searched` in the result counts targets of the reading. */
export const readObject = <State>(reading: ObjectReading<State>, object: LogObject): Promise<Downloaded<ScannedFile>> =>
  object.size > MOST_IN_MEMORY ? readLarge(reading, object) : readSmall(reading, object)

/** Downloads the object whole while others are scanned, then scans it. */
const readSmall = async <State>(reading: ObjectReading<State>, object: LogObject): Promise<Downloaded<ScannedFile>> => {
  const { key } = object
  const remembered = reading.remembered.get(key)
  const fetched = remembered ? { taken: remembered } : await download(reading.bucket, object, reading.clock, bytesIn)
  if ('error' in fetched) return fetched
  const bytes = fetched.taken
  if (!remembered) await noteHash(reading, key, inChunks(bytes))
  remember(reading, key, bytes)
  return { taken: await scanInTurn(reading, () => scanObject(key, bytes, reading.buffers, reading.matchers)) }
}

const remember = <State>(reading: ObjectReading<State>, key: string, bytes: Buffer): void => {
  if (reading.remembered.has(key) || reading.rememberedBytes + bytes.length > MOST_REMEMBERED) return
  reading.remembered.set(key, bytes)
  reading.rememberedBytes += bytes.length
}

/** Scans the object as it is downloaded. A download that ends early starts again: a record that is read twice counts once. */
const readLarge = <State>(reading: ObjectReading<State>, object: LogObject): Promise<Downloaded<ScannedFile>> =>
  download(reading.bucket, object, reading.clock, async (body) => {
    const hashed = reading.hashes && contentHasher()
    const chunks = chunksOf(body, object, reading.bucket.signal, hashed)
    const { broken, ...scanned } = await scanInTurn(reading, () =>
      scanObjectStream(object.key, chunks, reading.buffers, reading.matchers),
    )
    if (broken !== undefined) throw broken
    if (hashed) reading.hashes?.set(object.key, await hashed.end())
    return scanned
  })

async function* chunksOf(
  body: Body | undefined,
  { size }: LogObject,
  signal: AbortSignal,
  hashed: ContentHasher | undefined,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunksIn(body, size)) {
    signal.throwIfAborted()
    await hashed?.write(chunk)
    yield chunk
  }
}

const noteHash = async <State>({ hashes }: ObjectReading<State>, key: string, chunks: Iterable<Buffer>): Promise<void> => {
  if (!hashes) return
  const hasher = contentHasher()
  for (const chunk of chunks) await hasher.write(chunk)
  hashes.set(key, await hasher.end())
}

/** Waits for the scan before, then scans. */
const scanInTurn = <State, Scanned extends ScannedFile>(
  reading: ObjectReading<State>,
  scan: () => Promise<Scanned>,
): Promise<Scanned> => {
  const scanned = reading.scanning.then(async () => {
    const before = reading.targets.length
    const file = await scan()
    for (const target of file.found)
      if (!reading.targets.some((known) => targetName(known) === targetName(target))) reading.targets.push(target)
    return { ...file, searched: file.searched === reading.matchers.targets.size ? reading.targets.length : before }
  })
  reading.scanning = scanned.catch(() => undefined)
  return scanned
}

/** Scans an object that was downloaded whole, as `scanFile` scans a file. */
export const scanObject = async <State>(
  key: string,
  raw: Buffer,
  buffers: ReadBuffers,
  matchers: Matchers<State>,
): Promise<ScannedFile> => {
  const bytes = decompressWhole(raw, buffers)
  return bytes && isText(bytes)
    ? scanBytes(bytes, raw.length, key, buffers, matchers)
    : scanStream(Readable.from(inChunks(raw)), { name: key }, buffers, matchers)
}

function* inChunks(raw: Buffer): Generator<Buffer> {
  for (let at = 0; at < raw.length; at += CHUNK) yield raw.subarray(at, at + CHUNK)
}

/** Scans a large object as it is downloaded. */
export const scanObjectStream = async <State>(
  key: string,
  body: AsyncIterable<Buffer>,
  buffers: ReadBuffers,
  matchers: Matchers<State>,
): Promise<ScannedStream> => scanStream(Readable.from(body), { name: key }, buffers, matchers)
