import zlib, { createInflateRaw, type InflateRaw } from 'node:zlib'
import { CHUNK, COMMENT, EXTRA, HEADER, HEADER_CHECK, isGzip, NAME, TRAILER } from '../decode/gzip-file.ts'
import type { ByteReader } from './byte-reader.ts'

/** Takes a clause about what could not be decompressed. */
export type ReportFault = (fault: string) => void

/** Log files decompress to 5 to 20 times their size. A file that decompresses to far more is made to exhaust the memory. */
const MOST_EXPANSION = 300
/** Bytes of output from which on the expansion is checked. */
const EXPANSION_CHECKED_FROM = 64 * 2 ** 20

/** Decompressed bytes, up to the limit of what a log file can expand to. `fed` gives the bytes that were compressed. */
export async function* withoutBombs(
  chunks: AsyncIterable<Buffer>,
  fed: () => number,
  report: ReportFault,
): AsyncGenerator<Buffer> {
  let decompressed = 0
  for await (const chunk of chunks) {
    decompressed += chunk.length
    if (decompressed > EXPANSION_CHECKED_FROM && decompressed > MOST_EXPANSION * fed()) {
      report(`it decompresses to more than ${MOST_EXPANSION} times its size`)
      return
    }
    yield chunk
  }
}

/** The contents of all members of a gzip file (RFC 1952); behind a damaged member, reading goes on with the next one. */
export async function* gunzipped(reader: ByteReader, report: ReportFault): AsyncGenerator<Buffer> {
  const begun = reader.taken()
  yield* withoutBombs(members(reader, report), () => reader.taken() - begun, report)
}

async function* members(reader: ByteReader, report: ReportFault): AsyncGenerator<Buffer> {
  while (isGzip(await reader.peek(2))) {
    const state = { fault: undefined as string | undefined }
    await skipHeader(reader)
    const checked = checksum()
    for await (const chunk of inflated(reader, (fault) => (state.fault = fault))) {
      checked.add(chunk)
      yield chunk
    }
    if (state.fault === undefined) state.fault = trailerFault(await reader.take(TRAILER), checked.value())
    if (state.fault === undefined) continue
    report(`its gzip data is ${state.fault}`)
    if (!(await findMember(reader))) return
  }
  const rest = await reader.peek(2 ** 16)
  if (rest.some((byte) => byte !== 0))
    report(`${rest.length === 2 ** 16 ? 'the' : rest.length} bytes after its gzip data are not gzip`)
}

const skipHeader = async (reader: ByteReader): Promise<void> => {
  const flags = (await reader.take(HEADER))[3] ?? 0
  if (flags & EXTRA) await reader.take((await reader.take(2)).readUInt16LE(0))
  if (flags & NAME) await skipText(reader)
  if (flags & COMMENT) await skipText(reader)
  if (flags & HEADER_CHECK) await reader.take(2)
}

/** A text ends with a zero byte. Its length is whatever somebody wrote. */
const skipText = async (reader: ByteReader): Promise<void> => {
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
    const end = chunk.indexOf(0)
    if (end < 0) continue
    reader.unread(chunk.subarray(end + 1))
    return
  }
}

/** node:zlib's crc32 came with Node 20.15 and 22.2. */
const checksum = () => {
  let value = 0
  const { crc32 } = zlib as { readonly crc32?: typeof zlib.crc32 }
  return {
    add: (chunk: Buffer): void => {
      if (crc32) value = crc32(chunk, value)
    },
    value: (): number | undefined => (crc32 ? value : undefined),
  }
}

const trailerFault = (trailer: Buffer, sum: number | undefined): string | undefined => {
  if (trailer.length < TRAILER) return 'truncated'
  return sum === undefined || trailer.readUInt32LE(0) === sum ? undefined : 'damaged (incorrect data check)'
}

const MEMBER = Buffer.from([0x1f, 0x8b, 0x08])

/** Goes to the next member behind damage. */
const findMember = async (reader: ByteReader): Promise<boolean> => {
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
    const at = chunk.indexOf(MEMBER)
    if (at >= 0) {
      reader.unread(chunk.subarray(at))
      return true
    }
    const tail = chunk.subarray(-(MEMBER.length - 1))
    const more = await reader.next()
    if (more === undefined) return false
    reader.unread(Buffer.concat([tail, more]))
  }
  return false
}

/** The contents of deflate data (RFC 1951). What follows the data stays in the reader. */
export async function* inflated(reader: ByteReader, report: ReportFault): AsyncGenerator<Buffer> {
  const engine = createInflateRaw({ chunkSize: CHUNK })
  const output: Buffer[] = []
  let [fed, hasEnded] = [0, false]
  engine.on('data', (chunk: Buffer) => output.push(chunk)).on('end', () => (hasEnded = true))
  try {
    while (!hasEnded) {
      const bytes = await reader.take(stepSize(fed))
      if (bytes.length === 0) return report('truncated')
      const before = engine.bytesWritten
      const error = await write(engine, bytes)
      yield* output.splice(0)
      if (error) return report(`damaged (${error.message})`)
      fed += bytes.length
      const used = engine.bytesWritten - before
      if (used < bytes.length) {
        reader.unread(bytes.subarray(used))
        return
      }
    }
  } finally {
    engine.destroy()
  }
}

/** zlib gives nothing of a write that contains the damage, so writes are small; in a large file they are larger. */
const stepSize = (fed: number): number => Math.min(2 ** 16, Math.max(64, fed >> 9))

const write = (engine: InflateRaw, bytes: Buffer): Promise<Error | undefined> =>
  new Promise((resolve) => {
    engine.once('error', resolve).once('close', resolve)
    engine.write(bytes, (error) => {
      engine.off('error', resolve).off('close', resolve)
      // The stream emits the error after it calls back.
      if (error) engine.on('error', () => undefined)
      resolve(error ?? undefined)
    })
  })
