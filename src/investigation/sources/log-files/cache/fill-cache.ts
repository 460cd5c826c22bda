import { statSync } from 'node:fs'
import { fingerprint } from '../../../fingerprint.ts'
import { readRecord } from '../../../record.ts'
import { wholePath } from '../file-state.ts'
import { readEvents } from '../read-events.ts'
import { type ReadBuffers, readQuickly } from '../read-log.ts'
import { addRecord, buildSegment, isFull, type SegmentBuilder, segmentBuilder, takeBack } from './segment-builder.ts'
import { type CachePlace, writeSegment } from './segment-files.ts'

/** What a thread has to know that fills the cache. */
export interface Filling {
  readonly place: CachePlace
  /** No more is written. Bytes. */
  readonly room: number
}

export interface FillingSurroundings {
  /** The index of the next file; behind the last when the filling has been given up. */
  next(): number
  between(): void | Promise<void>
  read(bytes: number, events: number): void
}

/** Reads every record of the files into segments. A file that is large or damaged is only noted: it is scanned each time. */
export const fillCache = async (
  paths: readonly string[],
  { place, room: allowed }: Filling,
  buffers: ReadBuffers,
  surroundings: FillingSurroundings,
): Promise<void> => {
  let room = allowed
  let builder = segmentBuilder()
  const flush = (): void => {
    const bytes = builder.files.length + builder.unkept.length > 0 ? buildSegment(builder, place.writer) : Buffer.alloc(0)
    if (bytes.length > 0 && bytes.length <= room) writeSegment(place, segmentName(builder), bytes)
    room -= bytes.length
    builder = segmentBuilder()
  }
  for (let path = paths[surroundings.next()]; path !== undefined && room > 0; path = paths[surroundings.next()]) {
    const { bytes, events } = addFile(builder, path, buffers)
    surroundings.read(bytes, events)
    if (isFull(builder)) flush()
    await surroundings.between()
  }
  if (room > 0) flush()
}

const NOT_READ = { bytes: 0, events: 0 }

const addFile = (
  builder: SegmentBuilder,
  path: string,
  buffers: ReadBuffers,
): { readonly bytes: number; readonly events: number } => {
  const before = builder.count
  const again = (): void => takeBack(builder, before)
  try {
    // Before it is read: a file that changes meanwhile is then another one.
    const { size, mtimeMs: changed } = statSync(path)
    const { bytes } = readQuickly(path, buffers)
    let isWhole = true
    const take = (document: unknown): void => {
      isWhole = addDocument(builder, document) && isWhole
    }
    const read = bytes && readEvents(bytes, undefined, buffers.records, { take, again })
    if (read && read.fault === undefined && isWhole) {
      builder.files.push({ path: wholePath(path), size, changed, events: read.events })
      return { bytes: size, events: read.events }
    }
    builder.unkept.push({ path: wholePath(path), size, changed })
  } catch {
    // A scan will tell what is wrong with it.
  }
  again()
  return NOT_READ
}

/** False for an event without a time: only a scan tells of it. */
const addDocument = (builder: SegmentBuilder, document: unknown): boolean => {
  const record = readRecord(document)
  if (record) addRecord(builder, record)
  return record !== undefined
}

/** By what is in it, so that two processes that write the same do no harm. */
const segmentName = ({ files, unkept }: SegmentBuilder): string => fingerprint(JSON.stringify([files, unkept]))
