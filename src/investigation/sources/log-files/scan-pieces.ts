import type { Readable } from 'node:stream'
import { isLines } from './json-lines.ts'
import type { ReadBuffers } from './read-log.ts'
import { type FileRead, faultOf, type NamedFile, scanUntilKnown, whyOf } from './scan-bytes.ts'
import type { Seekers, Target } from './seekers.ts'
import { unpackInPieces } from './unpack-in-pieces.ts'

const NEW_LINE = 0x0a

/** A large file is taken in pieces of this size, cut between lines. Bytes. */
const PIECE = 32 * 2 ** 20
/** A file that is one JSON value has to be in memory whole. */
const MOST = 256 * 2 ** 20

export interface PiecesRead extends FileRead {
  /** What ended the stream before its end. */
  readonly broken?: unknown
}

/** Counts the records of a file that is large, or that something is wrong with, as it comes out of the stream. */
export const scanPieces = async <State>(
  stream: Readable,
  named: NamedFile,
  buffers: ReadBuffers,
  seekers: Seekers<State>,
): Promise<PiecesRead> => {
  const found: Target[] = []
  let rest: Buffer[] = []
  let length = 0
  let enough = PIECE
  let events = 0
  let undated = 0
  let scannedUpTo = 0
  let first: string | undefined
  let searched: number | undefined
  const scan = (bytes: Buffer): void => {
    const scanned = scanUntilKnown(bytes, buffers, seekers)
    found.push(...scanned.found)
    events += scanned.events.events
    undated += scanned.undated
    const { fault } = scanned.events
    first ??= fault && scannedUpTo > 0 ? `${fault}, counted from byte ${scannedUpTo}` : fault
    scannedUpTo += bytes.length
    // Whoever is found later, here or elsewhere, was not looked for in what has gone by.
    searched ??= seekers.targets.size
  }
  const { read, fault, broken } = await unpackInPieces(stream, named.isGzip, (piece) => {
    rest.push(piece)
    length += piece.length
    if (length < enough) return undefined
    const bytes = Buffer.concat(rest)
    const isCut = searched !== undefined || isLines(bytes) || isLines(bytes, bytes.indexOf(NEW_LINE) + 1)
    const end = isCut ? bytes.lastIndexOf(NEW_LINE) + 1 : 0
    if (end > 0) scan(bytes.subarray(0, end))
    rest = [bytes.subarray(end)]
    length = bytes.length - end
    enough = Math.max(PIECE, Math.min(2 * length, MOST + 1))
    return length > MOST ? `it holds more than ${MOST / 2 ** 20} MB that are not one event a line` : undefined
  })
  if (length > 0 || searched === undefined) scan(Buffer.concat(rest))
  return {
    ...{ bytes: read, events, found, searched: searched ?? 0 },
    ...whyOf(fault ?? faultOf(named, first), events, undated),
    ...(broken === undefined ? {} : { broken }),
  }
}
