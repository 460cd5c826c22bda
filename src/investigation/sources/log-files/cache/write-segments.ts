import { statSync } from 'node:fs'
import { fingerprint } from '../../../fingerprint.ts'
import { readRecord } from '../../../read-record.ts'
import { type ReadBuffers, readWhole } from '../decode/read-file.ts'
import { readRecords } from '../decode/read-records.ts'
import { absolutePath } from '../discover/files-on-disk.ts'
import { type LogCache, writeSegment } from './cache-files.ts'
import { addRecord, buildSegment, isFull, removeRecordsAfter, type SegmentBuilder, segmentBuilder } from './segment-builder.ts'

/** What a worker needs to write segments. */
export interface SegmentTask {
  readonly cache: LogCache
  /** The worker writes no more than this. Bytes. */
  readonly maxBytes: number
}

export interface SegmentHooks {
  /** The index of the next file; beyond the last one when the writing is aborted. */
  next(): number
  betweenFiles(): void | Promise<void>
  read(bytes: number, events: number): void
}

/** Reads all records of the files and writes them as segments. A large or damaged file is only noted: each scan reads it again. */
export const writeSegments = async (
  paths: readonly string[],
  { cache, maxBytes }: SegmentTask,
  buffers: ReadBuffers,
  hooks: SegmentHooks,
): Promise<void> => {
  let bytesLeft = maxBytes
  let builder = segmentBuilder()
  const flush = (): void => {
    const bytes = builder.files.length + builder.uncacheable.length > 0 ? buildSegment(builder, cache.writer) : Buffer.alloc(0)
    if (bytes.length > 0 && bytes.length <= bytesLeft) writeSegment(cache, segmentName(builder), bytes)
    bytesLeft -= bytes.length
    builder = segmentBuilder()
  }
  for (let path = paths[hooks.next()]; path !== undefined && bytesLeft > 0; path = paths[hooks.next()]) {
    const { bytes, events } = addFile(builder, path, buffers)
    hooks.read(bytes, events)
    if (isFull(builder)) flush()
    await hooks.betweenFiles()
  }
  if (bytesLeft > 0) flush()
}

const NOT_READ = { bytes: 0, events: 0 }

const NOTHING_NOTED = { first: '', last: '', hasDataEvents: false }

const addFile = (
  builder: SegmentBuilder,
  path: string,
  buffers: ReadBuffers,
): { readonly bytes: number; readonly events: number } => {
  const before = builder.count
  let noted = NOTHING_NOTED
  const restart = (): void => {
    removeRecordsAfter(builder, before)
    noted = NOTHING_NOTED
  }
  try {
    // Before the reading: a file that changes meanwhile then differs from its cached state.
    const { size, mtimeMs: modified } = statSync(path)
    const { bytes } = readWhole(path, buffers)
    let isWhole = true
    const take = (document: unknown): void => {
      const record = readRecord(document)
      // A record without a time is one that only a scan reports.
      isWhole &&= record !== undefined
      if (!record) return
      addRecord(builder, record)
      const { first, hasDataEvents } = noted
      noted = { first: first || record.at, last: record.at, hasDataEvents: hasDataEvents || record.category === 'data' }
    }
    const read = bytes && readRecords(bytes, undefined, buffers.positions, { take, restart })
    // A file without a record is named by each scan, so each scan has to read it.
    if (read && read.fault === undefined && read.events > 0 && isWhole) {
      builder.files.push({ path: absolutePath(path), size, modified, events: read.events, ...noted })
      return { bytes: size, events: read.events }
    }
    builder.uncacheable.push({ path: absolutePath(path), size, modified })
  } catch {
    // The scan reports what is wrong with the file.
  }
  restart()
  return NOT_READ
}

/** Named by its contents: when two processes write the same segment, one file remains. */
const segmentName = ({ files, uncacheable }: SegmentBuilder): string => fingerprint(JSON.stringify([files, uncacheable]))
