import { Failure } from '../../../../incident/values/failure.ts'
import { epochOf } from '../../../../incident/values/instant.ts'
import { untrusted } from '../../../../incident/values/untrusted.ts'
import { type CallIdentity, isCallOf, type PrincipalRef, type TimeRange } from '../../../question.ts'
import { deliveredAt } from '../discover/file-names.ts'
import { absolutePath, type FileState, fileState } from '../discover/files-on-disk.ts'
import { countRecord, type Matchers, setTargets, type Target } from '../match/matchers.ts'
import { emptySpan, mergeSpan, type RecordSpan } from '../match/record-span.ts'
import { eachMatch, searchTermsFor } from '../match/search-terms.ts'
import { type CoveredFiles, emptyCoverage, type FileGroup, type Pass } from '../passes.ts'
import { type LogCache, segmentPaths } from './cache-files.ts'
import { isFoundByCaller, mayBeContext, mayBeInRequest } from './context-rows.ts'
import { type CachedFile, type KnownFile, ROW } from './segment-layout.ts'
import {
  callerOf,
  closeSegment,
  openSegment,
  readRows,
  recordAt,
  rowsOf,
  type Segment,
  type SegmentReading,
  sectionOf,
  segmentBuffers,
  startReading,
} from './segment-reader.ts'

/** The log files whose records are in the cache. */
export interface CachedLogs {
  holds(path: string): boolean
  /** Whether the file is in the cache, or is known to be one that cannot be cached. */
  knows(path: string): boolean
  /** Paths of the segments that hold or know them. */
  readonly segments: ReadonlySet<string>
  readonly total: { readonly files: number; readonly bytes: number; readonly events: number }
  /** The time that their records span. */
  readonly span: RecordSpan
  /** The segments as a group of files to search in passes. */
  groupFor<State>(matchers: Matchers<State>): FileGroup
  close(): void
}

/** The files as they are now, by absolute path; undefined for a file that does not exist. */
export type FileStates = ReadonlyMap<string, FileState | undefined>

export const fileStates = (paths: readonly string[]): FileStates =>
  new Map(paths.map((path) => [absolutePath(path), fileState(path)]))

/** Opens the segments that hold records of the files, where a file has not changed since. */
export const openCachedLogs = (cache: LogCache, states: FileStates): CachedLogs => {
  const held = new Map<string, CachedFile>()
  const uncacheable = new Set<string>()
  const opened: Searched[] = []
  const used = new Set<string>()
  for (const path of segmentPaths(cache)) {
    const segment = openSegment(path, cache.writer)
    if (!segment) continue
    const wanted = wantedOf(segment, states, held)
    const known = segment.header.uncacheable.filter((file) => isUnchanged(file, states))
    for (const file of known) uncacheable.add(file.path)
    if (known.length > 0 || wanted.includes(1)) used.add(path)
    if (wanted.includes(1)) opened.push({ segment, wanted })
    else closeSegment(segment)
  }
  const searched = opened.sort((a, b) => compare(newest(b), newest(a)))
  return {
    holds: (path) => held.has(absolutePath(path)),
    knows: (path) => held.has(absolutePath(path)) || uncacheable.has(absolutePath(path)),
    segments: used,
    total: totalOf([...held.values()]),
    span: spanOf(held.values()),
    groupFor: (matchers) => ({
      coverage: emptyCoverage(
        // A segment's path says nothing about when its files were delivered, so a number stands for it.
        searched.map((_, index) => String(index)),
        matchers.targets.values(),
      ),
      scan: async (pass) => searchSegments(searched, matchers, pass),
    }),
    close: () => {
      for (const { segment } of searched) closeSegment(segment)
    },
  }
}

/** When a segment's first file was delivered, which is its newest: recent calls show early which other principals to match. */
const newest = ({ segment }: Searched): string => deliveredAt(segment.header.files[0]?.path ?? '') ?? ''

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const isUnchanged = ({ path, size, modified }: KnownFile, states: FileStates): boolean => {
  const now = states.get(path)
  return now?.size === size && now.modified === modified
}

/** Which files of a segment are wanted: unchanged, and not in a segment that was opened before. */
const wantedOf = ({ header }: Segment, states: FileStates, held: Map<string, CachedFile>): Uint8Array => {
  const wanted = new Uint8Array(header.files.length)
  header.files.forEach((file, index) => {
    if (held.has(file.path) || !isUnchanged(file, states)) return
    held.set(file.path, file)
    wanted[index] = 1
  })
  return wanted
}

const spanOf = (files: Iterable<CachedFile>): RecordSpan => {
  const span = emptySpan()
  for (const { first, last, hasDataEvents } of files) mergeSpan(span, { ...span, first, last, hasDataEvents })
  return span
}

const totalOf = (files: readonly CachedFile[]) => ({
  files: files.length,
  bytes: files.reduce((sum, { size }) => sum + size, 0),
  events: files.reduce((sum, { events }) => sum + events, 0),
})

interface Searched {
  readonly segment: Segment
  /** A byte per file of the segment: 1 when its records count. */
  readonly wanted: Uint8Array
}

/** Counts the matching records of the segments. Throws Failure `blocked` for a segment that is damaged inside. */
const searchSegments = <State>(searched: readonly Searched[], matchers: Matchers<State>, pass: Pass): readonly CoveredFiles[] => {
  setTargets(matchers, pass.targets, pass.isFirst)
  const covered: CoveredFiles[] = []
  const buffers = segmentBuffers()
  for (const file of pass.files) {
    const one = searched[file]
    if (one) failWhenDamaged(() => searchForAllTargets(startReading(one.segment, buffers), one.wanted, matchers))
    covered.push({ targets: [...matchers.targets.values()], files: [file] })
  }
  return covered
}

const failWhenDamaged = (search: () => void): void => {
  try {
    search()
  } catch (error) {
    throw new Failure({
      kind: 'blocked',
      what: 'the cache of the log files is damaged',
      why: error instanceof Error ? error.message : String(error),
      remedy: 'remove the cache folder, or run the command without --cache',
      cause: error,
    })
  }
}

/** New targets are searched for at once. */
const searchForAllTargets = <State>(reading: SegmentReading, wanted: Uint8Array, matchers: Matchers<State>): void => {
  let targets: readonly Target[] = [...matchers.targets.values()]
  while (targets.length > 0) targets = searchFor(reading, wanted, matchers, targets)
}

const searchFor = <State>(
  reading: SegmentReading,
  wanted: Uint8Array,
  matchers: Matchers<State>,
  targets: readonly Target[],
): Target[] => {
  const isInRange = isWithinRange(matchers.asked.range)
  const found: Target[] = []
  const countRows = (callers: readonly number[], mayCount: (rows: Buffer, start: number) => boolean): void => {
    for (const run of runsOf(callers))
      eachRow(reading, run, (caller, rows, start) => {
        const isWanted = wanted[rows.readUInt32LE(start + ROW.file)] === 1 && isInRange(rows.readDoubleLE(start + ROW.at))
        if (isWanted && mayCount(rows, start)) found.push(...countRecord(matchers, recordAt(reading, caller, rows, start)))
      })
  }
  if (matchers.isEveryRecordCounted) {
    countRows(everyCaller(reading), () => true)
    return found
  }
  const about = targets.filter(({ isContext }) => isContext).map(({ principal }) => principal)
  const principals = targets.filter(({ isContext }) => !isContext).map(({ principal }) => principal)
  const callers = principals.filter(isFoundByCaller)
  const named = principals.filter((principal) => !isFoundByCaller(principal))
  if (callers.length > 0) countRows(callersFor(reading, callers), () => true)
  if (named.length > 0) countRows(everyCaller(reading), mayBeInRequest(reading, named))
  if (about.length > 0) countRows(everyCaller(reading), mayBeContext(reading, about))
  return found
}

/** Tests a time, in milliseconds since 1970, before the rest of its record is read. */
const isWithinRange = ({ from, until }: TimeRange): ((at: number) => boolean) => {
  const first = from === undefined ? Number.NEGATIVE_INFINITY : epochOf(from)
  const end = until === undefined ? Number.POSITIVE_INFINITY : epochOf(until)
  return (at) => at >= first && at < end
}

/** Groups callers with consecutive numbers, because their rows are consecutive. */
const runsOf = (callers: readonly number[]): readonly (readonly number[])[] => {
  const runs: number[][] = []
  for (const caller of callers) {
    const last = runs.at(-1)
    if (last && last.at(-1) === caller - 1 && last.length < LONGEST_RUN) last.push(caller)
    else runs.push([caller])
  }
  return runs
}

const LONGEST_RUN = 1024

const eachRow = (
  reading: SegmentReading,
  callers: readonly number[],
  take: (caller: number, rows: Buffer, start: number) => void,
): void => {
  const [begin] = rowsOf(reading, callers[0] ?? 0)
  const rows = readRows(reading, begin, rowsOf(reading, callers.at(-1) ?? 0)[1])
  for (const caller of callers) {
    const [first, end] = rowsOf(reading, caller)
    for (let row = first; row < end; row += 1) take(caller, rows, (row - begin) * ROW.length)
  }
}

const everyCaller = ({ segment }: SegmentReading): readonly number[] =>
  Array.from({ length: segment.header.callers }, (_, index) => index)

/** The callers that are one of the principals. An IP address may belong to any caller. */
const callersFor = (reading: SegmentReading, principals: readonly PrincipalRef[]): readonly number[] => {
  if (principals.some(({ kind }) => kind === 'ip')) return everyCaller(reading)
  return candidates(reading, principals).filter((caller) => {
    const called = { ...callerOf(reading, caller), source: untrusted('') } as unknown as CallIdentity
    return principals.some((principal) => isCallOf(principal, called))
  })
}

/** The callers whose text contains a search term. */
const candidates = (reading: SegmentReading, principals: readonly PrincipalRef[]): readonly number[] => {
  const searchTerms = searchTermsFor(principals)
  if (!searchTerms) return everyCaller(reading)
  const texts = sectionOf(reading, 'callers')
  const starts = sectionOf(reading, 'callerStarts')
  const found = new Set<number>()
  eachMatch(texts, searchTerms, (at) => {
    const caller = lineAt(starts, at)
    found.add(caller)
    return starts.readUInt32LE(4 * caller + 4)
  })
  return [...found].sort((a, b) => a - b)
}

/** The last line that starts at the position or before it. */
const lineAt = (starts: Buffer, at: number): number => {
  let low = 0
  let high = starts.length / 4 - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (starts.readUInt32LE(4 * middle) <= at) low = middle
    else high = middle
  }
  return low
}
