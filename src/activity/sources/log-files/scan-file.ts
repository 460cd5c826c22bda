import { readRecord } from '../../record.ts'
import { isLines } from './json-lines.ts'
import { readEvents } from './read-events.ts'
import { type Desk, readQuickly } from './read-log.ts'
import { needlesOf, type Seekers, type Target, take } from './seekers.ts'
import { unpackInPieces } from './unpack-in-pieces.ts'

/** What became of one file. */
export interface FileRead {
  /** Bytes on the disk. */
  readonly bytes: number
  /** CloudTrail records in it. */
  readonly events: number
  /** Why not all of it could be read: a sentence. */
  readonly why?: string
  /** Whom else its records tell to look for. */
  readonly found: readonly Target[]
  /** What was found was looked for in all of the file, too. */
  readonly isComplete: boolean
}

/** A large file is taken in pieces of this size, cut between lines. Bytes. */
const PIECE = 32 * 2 ** 20
/** A file that is one JSON value has to be in memory whole. */
const MOST = 256 * 2 ** 20

/** Counts the records of a file that the questions need. Throws what the operating system says. */
export const scanFile = async <State>(path: string, desk: Desk, seekers: Seekers<State>): Promise<FileRead> => {
  const { size, isGzip, bytes } = readQuickly(path, desk)
  if (!bytes) return scanInPieces(path, isGzip, desk, seekers)
  const { found, events } = scanUntilKnown(bytes, desk, seekers)
  const fault = fileFault(path, isGzip, events.fault)
  return {
    bytes: size,
    events: events.events,
    found,
    isComplete: true,
    ...(fault ? { why: sentence(fault, events.events) } : {}),
  }
}

/** Whoever is found in the bytes is looked for in them at once. */
const scanUntilKnown = <State>(bytes: Buffer, desk: Desk, seekers: Seekers<State>) => {
  const found: Target[] = []
  for (;;) {
    const before = found.length
    const events = readEvents(bytes, needlesOf(seekers), desk.records, {
      // Taken again, a record counts once.
      take: (document) => {
        const record = readRecord(document)
        if (record) found.push(...take(seekers, record))
      },
    })
    if (found.length === before) return { events, found }
  }
}

const scanInPieces = async <State>(path: string, isGzip: boolean, desk: Desk, seekers: Seekers<State>): Promise<FileRead> => {
  const found: Target[] = []
  let rest: Buffer[] = []
  let length = 0
  let enough = PIECE
  let total = 0
  const faults: string[] = []
  let cuts = 0
  const scan = (bytes: Buffer): void => {
    const scanned = scanUntilKnown(bytes, desk, seekers)
    found.push(...scanned.found)
    total += scanned.events.events
    if (scanned.events.fault) faults.push(scanned.events.fault)
  }
  const { read, fault } = await unpackInPieces(path, isGzip, (piece) => {
    rest.push(piece)
    length += piece.length
    if (length < enough) return undefined
    const bytes = Buffer.concat(rest)
    const end = cuts > 0 || isLines(bytes) ? bytes.lastIndexOf(0x0a) + 1 : 0
    if (end > 0) {
      scan(bytes.subarray(0, end))
      cuts += 1
    }
    rest = [bytes.subarray(end)]
    length = bytes.length - end
    enough = Math.max(PIECE, Math.min(2 * length, MOST + 1))
    return length > MOST ? `it holds more than ${MOST / 2 ** 20} MB that are not one event a line` : undefined
  })
  if (length > 0 || total === 0) scan(Buffer.concat(rest))
  const problem = fault ?? fileFault(path, isGzip, faults[0])
  return {
    bytes: read,
    events: total,
    found,
    isComplete: cuts === 0 || found.length === 0,
    ...(problem ? { why: sentence(problem, total) } : {}),
  }
}

const fileFault = (path: string, isGzip: boolean, fault: string | undefined): string | undefined =>
  fault === 'it is not JSON' && !isGzip && path.endsWith('.gz') ? 'it is neither gzip nor JSON' : fault

const sentence = (fault: string, events: number): string =>
  `${fault.charAt(0).toUpperCase()}${fault.slice(1)}.${events > 0 ? ` The ${events} events that it still shows were read.` : ''}`
