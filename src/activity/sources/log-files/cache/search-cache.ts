import { untrusted } from '../../../../incident/untrusted.ts'
import { type Called, isCallOf, type Principal } from '../../../question.ts'
import { eachHit, needlesFor } from '../needles.ts'
import type { Covered, Round } from '../rounds.ts'
import { lookForOnly, type Seekers, type Target, take } from '../seekers.ts'
import { ROW } from './segment.ts'
import { callerOf, readRows, recordAt, rowsOf, type Segment, sectionOf } from './segment-reader.ts'

/** A segment, and which of its files are asked for. */
export interface Searched {
  readonly segment: Segment
  /** For each of its files 1 when its records count. */
  readonly wanted: Uint8Array
}

/** Counts the records in segments that the questions need. */
export const searchCache = <State>(searched: readonly Searched[], seekers: Seekers<State>, round: Round): readonly Covered[] => {
  lookForOnly(seekers, round.targets, round.isFirst)
  const covered: Covered[] = []
  for (const file of round.files) {
    const one = searched[file]
    if (one) searchUntilKnown(one, seekers)
    covered.push({ targets: [...seekers.targets.values()], files: [file] })
  }
  return covered
}

/** Whoever is found is looked for at once. */
const searchUntilKnown = <State>(searched: Searched, seekers: Seekers<State>): void => {
  let targets: readonly Target[] = [...seekers.targets.values()]
  while (targets.length > 0) targets = searchFor(searched, seekers, targets)
}

const searchFor = <State>({ segment, wanted }: Searched, seekers: Seekers<State>, targets: readonly Target[]): Target[] => {
  const principals = targets.map(({ principal }) => principal)
  const found: Target[] = []
  for (const callers of runsOf(seekers.everybody ? everyCaller(segment) : callersFor(segment, principals)))
    eachRow(segment, callers, (caller, rows, start) => {
      if (wanted[rows.readUInt32LE(start + ROW.file)] === 1) found.push(...take(seekers, recordAt(segment, caller, rows, start)))
    })
  return found
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
  segment: Segment,
  callers: readonly number[],
  take: (caller: number, rows: Buffer, start: number) => void,
): void => {
  const [begin] = rowsOf(segment, callers[0] ?? 0)
  const rows = readRows(segment, begin, rowsOf(segment, callers.at(-1) ?? 0)[1])
  for (const caller of callers) {
    const [first, end] = rowsOf(segment, caller)
    for (let row = first; row < end; row += 1) take(caller, rows, (row - begin) * ROW.length)
  }
}

const everyCaller = ({ header }: Segment): readonly number[] => Array.from({ length: header.callers }, (_, index) => index)

/** The callers that are one of the principals. By its address a principal may be any caller. */
const callersFor = (segment: Segment, principals: readonly Principal[]): readonly number[] => {
  if (principals.some(({ kind }) => kind === 'ip')) return everyCaller(segment)
  return candidates(segment, principals).filter((caller) => {
    const called = { ...callerOf(segment, caller), source: untrusted('') } as unknown as Called
    return principals.some((principal) => isCallOf(principal, called))
  })
}

/** Callers in whose text a needle stands. */
const candidates = (segment: Segment, principals: readonly Principal[]): readonly number[] => {
  const needles = needlesFor(principals)
  if (!needles) return everyCaller(segment)
  const texts = sectionOf(segment, 'callers')
  const starts = sectionOf(segment, 'callerStarts')
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
