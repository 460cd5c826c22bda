import { Readable } from 'node:stream'
import { isGzip, PIECE, quickBytes, type ReadBuffers } from '../log-files/read-log.ts'
import { type FileRead, scanBytes } from '../log-files/scan-bytes.ts'
import { type PiecesRead, scanPieces } from '../log-files/scan-pieces.ts'
import type { Seekers } from '../log-files/seekers.ts'

/** Counts the records of a log file that the questions need, as `scanFile` does. `buffers` is room to work in. */
export const scanObject = async <State>(
  key: string,
  packed: Buffer,
  buffers: ReadBuffers,
  seekers: Seekers<State>,
): Promise<FileRead> => {
  const named = { name: key, isGzip: isGzip(packed) }
  const bytes = quickBytes(packed, buffers)
  return bytes
    ? scanBytes(bytes, packed.length, named, buffers, seekers)
    : scanPieces(Readable.from(piecesOf(packed)), named, buffers, seekers)
}

/** The same for a file that is too large to be in memory whole. */
export const scanStream = async <State>(
  key: string,
  body: AsyncIterable<Buffer>,
  buffers: ReadBuffers,
  seekers: Seekers<State>,
): Promise<PiecesRead> => {
  const pieces = body[Symbol.asyncIterator]()
  const { value } = await pieces.next()
  const first: Buffer = value ?? Buffer.alloc(0)
  async function* whole(): AsyncGenerator<Buffer> {
    if (first.length > 0) yield first
    yield* { [Symbol.asyncIterator]: () => pieces }
  }
  return scanPieces(Readable.from(whole()), { name: key, isGzip: isGzip(first) }, buffers, seekers)
}

function* piecesOf(packed: Buffer): Generator<Buffer> {
  for (let at = 0; at < packed.length; at += PIECE) yield packed.subarray(at, at + PIECE)
}
