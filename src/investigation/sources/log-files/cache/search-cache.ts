import { Failure } from '../../../../incident/values/failure.ts'
import { epochOf } from '../../../../incident/values/instant.ts'
import { untrusted } from '../../../../incident/values/untrusted.ts'
import { type CallIdentity, isCallOf, type PrincipalRef, type TimeRange } from '../../../question.ts'
import { eachHit, needlesFor } from '../needles.ts'
import type { Covered, Round } from '../rounds.ts'
import { countRecord, lookForOnly, type Seekers, type Target } from '../seekers.ts'
import { ROW } from './segment.ts'
import {
  callerOf,
  readingOf,
  readingRoom,
  readRows,
  recordAt,
  rowsOf,
  type Segment,
  type SegmentRead,
  sectionOf,
} from './segment-reader.ts'

/** A segment, and which of its files are asked for. */
export interface Searched {
  readonly segment: Segment
  /** For each of its files 1 when its records count. */
  readonly wanted: Uint8Array
}

/** Counts the records in segments that the questions need. Throws Failure `blocked` for a segment that is damaged inside. */
export const searchCache = <State>(searched: readonly Searched[], seekers: Seekers<State>, round: Round): readonly Covered[] => {
  lookForOnly(seekers, round.targets, round.isFirst)
  const covered: Covered[] = []
  const room = readingRoom()
  for (const file of round.files) {
    const one = searched[file]
    if (one) orDamaged(() => searchUntilKnown(readingOf(one.segment, room), one.wanted, seekers))
    covered.push({ targets: [...seekers.targets.values()], files: [file] })
  }
  return covered
}

const orDamaged = (search: () => void): void => {
  try {
    search()
  } catch (error) {
    throw new Failure({
      kind: 'blocked',
      what: 'What was kept of the log files is damaged',
      why: error instanceof Error ? error.message : String(error),
      remedy: 'Remove the folder of the cache, or ask without it.',
      cause: error,
    })
  }
}

/** Whoever is found is looked for at once. */
const searchUntilKnown = <State>(reading: SegmentRead, wanted: Uint8Array, seekers: Seekers<State>): void => {
  let targets: readonly Target[] = [...seekers.targets.values()]
  while (targets.length > 0) targets = searchFor(reading, wanted, seekers, targets)
}

const searchFor = <State>(
  reading: SegmentRead,
  wanted: Uint8Array,
  seekers: Seekers<State>,
  targets: readonly Target[],
): Target[] => {
  const principals = targets.map(({ principal }) => principal)
  const isNear = within(seekers.asked.range)
  const found: Target[] = []
  for (const callers of runsOf(seekers.everybody ? everyCaller(reading) : callersFor(reading, principals)))
    eachRow(reading, callers, (caller, rows, start) => {
      if (wanted[rows.readUInt32LE(start + ROW.file)] === 1 && isNear(rows.readDoubleLE(start + ROW.at)))
        found.push(...countRecord(seekers, recordAt(reading, caller, rows, start)))
    })
  return found
}

/** Whether a moment (milliseconds since the epoch) is in the range: most rows need not be put together to know that. */
const within = ({ from, until }: TimeRange): ((at: number) => boolean) => {
  const first = from === undefined ? Number.NEGATIVE_INFINITY : epochOf(from)
  const end = until === undefined ? Number.POSITIVE_INFINITY : epochOf(until)
  return (at) => at >= first && at < end
}

/** Callers that follow each other, together: their rows do, too. */
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
  reading: SegmentRead,
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

const everyCaller = ({ segment }: SegmentRead): readonly number[] =>
  Array.from({ length: segment.header.callers }, (_, index) => index)

/** The callers that are one of the principals. By its address a principal may be any caller. */
const callersFor = (reading: SegmentRead, principals: readonly PrincipalRef[]): readonly number[] => {
  if (principals.some(({ kind }) => kind === 'ip')) return everyCaller(reading)
  return candidates(reading, principals).filter((caller) => {
    const called = { ...callerOf(reading, caller), source: untrusted('') } as unknown as CallIdentity
    return principals.some((principal) => isCallOf(principal, called))
  })
}

/** Callers in whose text a needle stands. */
const candidates = (reading: SegmentRead, principals: readonly PrincipalRef[]): readonly number[] => {
  const needles = needlesFor(principals)
  if (!needles) return everyCaller(reading)
  const texts = sectionOf(reading, 'callers')
  const starts = sectionOf(reading, 'callerStarts')
  const found = new Set<number>()
  eachHit(texts, needles, (at) => {
    const caller = lineAt(starts, at)
    found.add(caller)
    return starts.readUInt32LE(4 * caller + 4)
  })
  return [...found].sort((a, b) => a - b)
}

/** The last line that starts at the place or before. */
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
