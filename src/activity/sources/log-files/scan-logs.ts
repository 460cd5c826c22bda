import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Question, TimeRange } from '../../question.ts'
import type { BadFile } from '../../source.ts'
import { type FoldMaker, principalName } from '../../source.ts'
import { type Crew, crewOfOne, type Overseer, type Total } from './crew.ts'
import { crewOfThreads } from './crew-of-threads.ts'
import { findLogs } from './find-logs.ts'
import { mayHold, newestFirst } from './log-name.ts'
import { emptyLedger, enter, nextRound } from './rounds.ts'
import { seekersFor } from './seekers.ts'

export interface Progress extends Total {
  readonly ofFiles: number
}

export interface LogScan<State> {
  /** Folders and files. */
  readonly paths: readonly string[]
  readonly questions: readonly Question[]
  /** The fold, and the name by which a thread knows it. */
  readonly fold: { readonly name: string; readonly make: FoldMaker<State> }
  /** Answers the same for the sessions that the principals obtained in their scope, and for those that these obtained. */
  readonly followChildren?: boolean
  /** Records outside are left out, and files whose names say that they hold none are not opened. */
  readonly range?: TimeRange
  /** As many as there are processors when it is left out; 1 scans in this thread. */
  readonly threads?: number
  /** The program of a thread, made from `log-thread.ts`. */
  readonly threadProgram?: URL
  readonly signal?: AbortSignal
  onProgress?(progress: Progress): void
}

export interface LogAnswer<State> {
  /** In the order of the questions. */
  readonly states: readonly State[]
  /** Of the sessions that were followed, by `principalName`. */
  readonly children: ReadonlyMap<string, State>
  readonly files: number
  /** Files whose names say that they are older or younger than the range. */
  readonly outOfRange: number
  /** Digests and Insights. */
  readonly others: number
  /** Bytes on the disk, and CloudTrail records, that were gone through. */
  readonly bytes: number
  readonly events: number
  /** Files that could not be read to their end; what they still showed is counted. */
  readonly bad: readonly BadFile[]
}

/** Scans CloudTrail log files for the records that answer the questions. Throws the signal's reason when it is given. */
export const scanLogs = async <State>(scan: LogScan<State>): Promise<LogAnswer<State>> => {
  const found = findLogs(scan.paths)
  const range = scan.range ?? {}
  const paths = newestFirst(found.paths.filter((path) => mayHold(path, range)))
  const bad = [...found.bad]
  const signal = scan.signal ?? new AbortController().signal
  const crew = crewFor(scan, paths, { signal, bad: (file) => bad.push(file) })
  const states = await scanWith(crew, paths, signal, (total) => scan.onProgress?.({ ...total, ofFiles: paths.length }))
  const { bytes, events } = crew.total()
  return {
    ...answerOf(scan, merged(scan, states)),
    ...{ files: paths.length, bytes, events },
    outOfRange: found.paths.length - paths.length,
    others: found.others,
    bad: bad.sort((a, b) => (a.path < b.path ? -1 : 1)),
  }
}

/** So much is scanned before another thread has started. Bytes on the disk, files. */
const LITTLE = 8 * 2 ** 20
const FEW = 200

const crewFor = <State>(scan: LogScan<State>, paths: readonly string[], overseer: Overseer): Crew<State> => {
  const { questions, followChildren = false, range = {}, fold, threads = availableParallelism() } = scan
  const seekers = seekersFor({ questions, followChildren, range }, fold.make)
  if (threads < 2 || isLittle(paths)) return crewOfOne(paths, seekers, overseer)
  const program = scan.threadProgram ?? new URL('./log-thread.js', import.meta.url)
  return crewOfThreads({ program, threads: Math.min(threads, paths.length), paths, fold: fold.name }, seekers, overseer)
}

const isLittle = (paths: readonly string[]): boolean => {
  if (paths.length < 2) return true
  if (paths.length > FEW) return false
  let bytes = 0
  for (const path of paths) bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0
  return bytes < LITTLE
}

/** How often progress is told. Milliseconds. */
const TELL_EVERY = 200

const scanWith = async <State>(
  crew: Crew<State>,
  paths: readonly string[],
  signal: AbortSignal,
  tell: (total: Total) => void,
) => {
  const ledger = emptyLedger(paths)
  const telling = setInterval(() => tell(crew.total()), TELL_EVERY)
  try {
    enter(ledger, await crew.scan())
    for (let round = nextRound(ledger); round && !signal.aborted; round = nextRound(ledger)) enter(ledger, await crew.scan(round))
    signal.throwIfAborted()
    tell(crew.total())
    return await crew.states()
  } finally {
    clearInterval(telling)
    await crew.dismiss()
  }
}

const merged = <State>(
  { questions, fold }: LogScan<State>,
  states: readonly (readonly [string, State])[],
): ReadonlyMap<string, State> => {
  const byName = new Map<string, State>()
  const [first] = questions
  for (const [name, state] of states) {
    const before = byName.get(name)
    if (before === undefined) byName.set(name, state)
    else if (first) fold.make(first).merge(before, state)
  }
  return byName
}

const answerOf = <State>({ questions, fold }: LogScan<State>, states: ReadonlyMap<string, State>) => {
  const names = questions.map(({ principal }) => principalName(principal))
  const asked = questions.map((question, index) => states.get(names[index] ?? '') ?? fold.make(question).empty())
  return { states: asked, children: new Map([...states].filter(([name]) => !names.includes(name))) }
}
