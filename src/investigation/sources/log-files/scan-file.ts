import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { given } from '../../../incident/values/given.ts'
import { searchTermOf } from '../../question.ts'
import { readRecord } from '../../record.ts'
import { CHUNK, readStream } from './decode/gunzip.ts'
import { startsWithJsonLine } from './decode/json-records.ts'
import { type ReadBuffers, readWhole } from './decode/read-file.ts'
import { type RecordsRead, readRecords } from './decode/read-records.ts'
import { fileError } from './discover/files-on-disk.ts'
import { countRecord, type Matchers, searchTermsOf, type Target } from './match/matchers.ts'

/** What the scan of one log file found. */
export interface ScannedFile {
  /** Size as stored: on disk or in the bucket, compressed. */
  readonly bytes: number
  /** CloudTrail records in it. */
  readonly events: number
  /** Why some of it could not be read: a sentence. */
  readonly why?: string
  /** New targets that its records lead to. */
  readonly found: readonly Target[]
  /** The whole file was searched for so many of the matchers' targets, from the first on. */
  readonly searched: number
}

interface NamedFile {
  readonly name: string
  readonly isGzip: boolean
}

/**
 * Scans one log file: reads and decompresses it, finds its records and counts those that match. A small, intact file is read
 * at once; any other one as a stream. Throws the operating system's error when the file cannot be opened.
 */
export const scanFile = async <State>(path: string, buffers: ReadBuffers, matchers: Matchers<State>): Promise<ScannedFile> => {
  const { size, isGzip, bytes } = readWhole(path, buffers)
  const file = { name: path, isGzip }
  if (bytes) return scanBytes(bytes, size, file, buffers, matchers)
  const { broken, ...scanned } = await scanStream(createReadStream(path, { highWaterMark: CHUNK }), file, buffers, matchers)
  return broken === undefined ? scanned : { ...scanned, why: `${fileError(broken, path)}${eventsRead(scanned.events)}` }
}

/** Scans the decompressed bytes of a log file. `size` is its size as stored. */
export const scanBytes = <State>(
  bytes: Buffer,
  size: number,
  file: NamedFile,
  buffers: ReadBuffers,
  matchers: Matchers<State>,
): ScannedFile => {
  const { read, found, undated } = countMatches(bytes, buffers, matchers)
  return {
    ...{ bytes: size, events: read.events, found, searched: matchers.targets.size },
    ...sentencesFor(faultOf(file, read.fault), read.events, undated),
  }
}

interface CountedMatches {
  readonly read: RecordsRead
  readonly found: readonly Target[]
  /** Records of a target without a valid time. */
  readonly undated: number
}

/** Counts the records that match. When they lead to new targets, the bytes are searched again for all of them. */
const countMatches = <State>(bytes: Buffer, buffers: ReadBuffers, matchers: Matchers<State>): CountedMatches => {
  const found: Target[] = []
  for (;;) {
    const before = found.length
    let undated = 0
    const read = readRecords(bytes, searchTermsOf(matchers), buffers.positions, {
      // A record that is taken again counts once: folds know records by their ids.
      take: (document) => {
        const record = readRecord(document)
        if (record) found.push(...countRecord(matchers, record))
        else if (namesTarget(matchers, document)) undated += 1
      },
    })
    if (found.length === before) return { read, found, undated }
  }
}

const namesTarget = <State>({ isEveryRecordCounted, targets }: Matchers<State>, document: unknown): boolean => {
  if (isEveryRecordCounted) return true
  const text = JSON.stringify(document)
  return [...targets.values()].some(({ principal }) => text.includes(searchTermOf(principal)))
}

const NEW_LINE = 0x0a

/** A stream of lines is scanned in blocks of this size, cut between lines. Bytes. */
const BLOCK = 32 * 2 ** 20
/** A stream that is one JSON value has to be in memory whole. */
const MOST_BUFFERED = 256 * 2 ** 20

export interface ScannedStream extends ScannedFile {
  /** The error that ended the stream before its end. */
  readonly broken?: unknown
}

/** Scans a log file that is large or damaged, as it comes out of a stream. */
export const scanStream = async <State>(
  stream: Readable,
  file: NamedFile,
  buffers: ReadBuffers,
  matchers: Matchers<State>,
): Promise<ScannedStream> => {
  const found: Target[] = []
  let waiting: Buffer[] = []
  let length = 0
  let enough = BLOCK
  let events = 0
  let undated = 0
  let scannedUpTo = 0
  let firstFault: string | undefined
  let searched: number | undefined
  const scan = (bytes: Buffer): void => {
    const counted = countMatches(bytes, buffers, matchers)
    found.push(...counted.found)
    events += counted.read.events
    undated += counted.undated
    const { fault } = counted.read
    firstFault ??= fault && scannedUpTo > 0 ? `${fault}, counted from byte ${scannedUpTo}` : fault
    scannedUpTo += bytes.length
    // Targets that are found later, here or by another worker, were not searched for in this block.
    searched ??= matchers.targets.size
  }
  const { size, fault, broken } = await readStream(stream, file.isGzip, (chunk) => {
    waiting.push(chunk)
    length += chunk.length
    if (length < enough) return undefined
    const bytes = Buffer.concat(waiting)
    const isLines = searched !== undefined || startsWithJsonLine(bytes) || startsWithJsonLine(bytes, bytes.indexOf(NEW_LINE) + 1)
    const end = isLines ? bytes.lastIndexOf(NEW_LINE) + 1 : 0
    if (end > 0) scan(bytes.subarray(0, end))
    waiting = [bytes.subarray(end)]
    length = bytes.length - end
    enough = Math.max(BLOCK, Math.min(2 * length, MOST_BUFFERED + 1))
    return length > MOST_BUFFERED ? `it has more than ${MOST_BUFFERED / 2 ** 20} MB that are not one event per line` : undefined
  })
  if (length > 0 || searched === undefined) scan(Buffer.concat(waiting))
  return {
    ...{ bytes: size, events, found, searched: searched ?? 0 },
    ...sentencesFor(fault ?? faultOf(file, firstFault), events, undated),
    ...given({ broken }),
  }
}

const faultOf = ({ name, isGzip }: NamedFile, fault: string | undefined): string | undefined =>
  fault === 'it is not JSON' && !isGzip && name.endsWith('.gz') ? 'it is neither gzip nor JSON' : fault

/** Sentences about a file that was not read whole, or has records without a time. */
const sentencesFor = (fault: string | undefined, events: number, undated: number): { readonly why?: string } => {
  const sentences = [
    ...(fault === undefined ? [] : [`${fault.charAt(0).toUpperCase()}${fault.slice(1)}.${eventsRead(events)}`]),
    ...(undated === 0 ? [] : [undatedEvents(undated)]),
  ]
  return sentences.length === 0 ? {} : { why: sentences.join(' ') }
}

const undatedEvents = (count: number): string =>
  count === 1
    ? 'One event that may belong to the principal has no valid time and is not counted.'
    : `${count} events that may belong to the principal have no valid time and are not counted.`

const eventsRead = (events: number): string => {
  if (events === 0) return ''
  return events === 1 ? ' One event in it was read.' : ` ${events} events in it were read.`
}
