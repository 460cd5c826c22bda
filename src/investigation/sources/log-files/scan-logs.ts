import { availableParallelism } from 'node:os'
import type { Question, TimeRange } from '../../question.ts'
import { type BadFile, type FoldMaker, principalName, type ReadRequest } from '../../source.ts'
import { type CachedLogs, fileStates, openCachedLogs } from './cache/cached-logs.ts'
import { answerName, keptAnswer } from './cache/kept-answers.ts'
import { answerPath, type CachePlace } from './cache/segment-files.ts'
import { type Crew, type CrewReport, crewOfOne, type Overseer, type Total } from './crew.ts'
import { crewOfThreads, dismissThreads, startThreads, type ThreadPlan, type Threads } from './crew-of-threads.ts'
import { areFew } from './few-files.ts'
import { isFolder } from './file-state.ts'
import { findLogs } from './find-logs.ts'
import { mayHold, newestFirst } from './log-name.ts'
import { noCoverage, searchAll } from './rounds.ts'
import { countUnfollowed, type Seekers, seekersFor } from './seekers.ts'
import { THREAD_PROGRAM } from './thread-program.ts'

export interface ScanProgress extends Total {
  readonly ofFiles: number
}

export interface LogScan<State> {
  /** Folders and files. */
  readonly paths: readonly string[]
  readonly questions: readonly Question[]
  /** The fold, and the name by which a thread knows it. */
  readonly fold: { readonly name: string; readonly make: FoldMaker<State> }
  /** Answers the same for the sessions that the principals obtained in their scope, and for those that these obtained. */
  readonly followChainedSessions?: boolean
  /** Records outside are left out, and files whose names say that they hold none are not opened. */
  readonly range?: TimeRange
  /** As many as there are processors when it is left out; 1 scans in this thread. */
  readonly threads?: number
  /** The program of a thread, made from `log-thread.ts`. */
  readonly threadProgram?: URL
  /** What `keepLogs` keeps is taken from here, as long as the files are the same. */
  readonly cache?: CachePlace
  readonly signal?: AbortSignal
  onProgress?(progress: ScanProgress): void
}

export interface LogAnswer<State> {
  /** In the order of the questions. */
  readonly states: readonly State[]
  /** Of the sessions that were followed, by `principalName`. */
  readonly chainedSessions: ReadonlyMap<string, State>
  /** Sessions that were not followed, because too many were. */
  readonly unfollowed: number
  readonly files: number
  /** Files whose names say that they are older or younger than the range. */
  readonly outOfRange: number
  /** Digests and Insights. */
  readonly others: number
  /** Bytes on the disk, and CloudTrail records, that were gone through or are in the cache. */
  readonly bytes: number
  readonly events: number
  /** Files that could not be read to their end; what they still showed is counted. */
  readonly bad: readonly BadFile[]
  /** Of the files, those whose records were taken from the cache. */
  readonly cached: {
    readonly files: number
    /** Files of the cache that were of use: `touch`. */
    readonly used: ReadonlySet<string>
    /** Under which this answer may be kept: `keepAnswer`. */
    readonly name?: string
  }
}

/** Scans CloudTrail log files for the records that answer the questions. Throws the signal's reason when it is given. */
export const scanLogs = async <State>(scan: LogScan<State>): Promise<LogAnswer<State>> => {
  const { questions, followChainedSessions = false, range = {}, signal = new AbortController().signal } = scan
  const asked = { questions, followChainedSessions, range }
  const early = mayBeMany(scan) ? startThreads(planOf(scan, asked)) : undefined
  const found = findLogs(scan.paths, scan.cache?.folder)
  const paths = newestFirst(found.paths.filter((path) => mayHold(path, range)))
  const bad = [...found.bad]
  const besides = { outOfRange: found.paths.length - paths.length, others: found.others }
  const states = scan.cache && fileStates(paths)
  const name = scan.cache && states && answerName(asked, scan.fold.name, { ...besides, bad }, states, scan.cache)
  const kept = scan.cache && name && keptAnswer<LogAnswer<State>>(scan.cache, name)
  if (kept) return { ...kept, cached: { files: kept.files, used: new Set([...kept.cached.used, answerPath(scan.cache, name)]) } }
  const cached = scan.cache && states && openCachedLogs(scan.cache, states)
  try {
    const rest = cached ? paths.filter((path) => !cached.holds(path)) : paths
    const seekers = seekersFor(asked, scan.fold.make)
    const crew = crewFor(scan, rest, seekers, { signal, bad: (file) => bad.push(file) }, early)
    const total = (): Total => sum(cached?.total, crew.total())
    const counted = await search(seekers, crew, rest, {
      cached,
      signal,
      tell: () => scan.onProgress?.({ ...total(), ofFiles: paths.length }),
    })
    return {
      ...answerOf(scan, counted),
      ...{ ...total(), files: paths.length },
      ...besides,
      bad: bad.sort((a, b) => (a.path < b.path ? -1 : 1)),
      cached: { files: cached?.total.files ?? 0, used: cached?.segments ?? new Set(), ...(name ? { name } : {}) },
    }
  } finally {
    cached?.close()
    if (early) await dismissThreads(early)
  }
}

/** A folder may hold many files; of what is in a cache few are left. Threads start while the files are looked for. */
const mayBeMany = <State>({ paths, cache, threads = availableParallelism() }: LogScan<State>): boolean =>
  cache === undefined && threads > 1 && threads <= availableParallelism() && paths.some(isFolder)

const planOf = <State>(
  { fold, threads = availableParallelism(), threadProgram = THREAD_PROGRAM }: LogScan<State>,
  asked: ReadRequest,
): ThreadPlan => ({ program: threadProgram, threads, task: { asked, fold: fold.name } })

const sum = (a: Total | undefined, b: Total): Total => ({
  files: b.files + (a?.files ?? 0),
  bytes: b.bytes + (a?.bytes ?? 0),
  events: b.events + (a?.events ?? 0),
})

const crewFor = <State>(
  scan: LogScan<State>,
  paths: readonly string[],
  seekers: Seekers<State>,
  overseer: Overseer,
  early: Threads | undefined,
): Crew<State> => {
  const plan = planOf(scan, seekers.asked)
  if (plan.threads < 2 || areFew(paths)) return crewOfOne(paths, seekers, overseer)
  const threads = early ?? startThreads({ ...plan, threads: Math.min(plan.threads, paths.length) })
  return crewOfThreads(threads, paths, seekers, overseer)
}

interface Search {
  readonly cached: CachedLogs | undefined
  readonly signal: AbortSignal
  tell(): void
}

/** How often progress is told. Milliseconds. */
const TELL_EVERY = 200

const search = async <State>(
  seekers: Seekers<State>,
  crew: Crew<State>,
  paths: readonly string[],
  { cached, signal, tell }: Search,
) => {
  const files = { coverage: noCoverage(paths, seekers.targets.values()), scan: crew.scan }
  const telling = setInterval(tell, TELL_EVERY)
  try {
    await searchAll(cached ? [cached.shelfFor(seekers), files] : [files], signal)
    tell()
    return await crew.report()
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

const answerOf = <State>(scan: LogScan<State>, report: CrewReport<State>) => {
  const { questions, fold } = scan
  const states = merged(scan, report.states)
  const names = questions.map(({ principal }) => principalName(principal))
  const asked = questions.map((question, index) => states.get(names[index] ?? '') ?? fold.make(question).empty())
  const chainedSessions = new Map([...states].filter(([name]) => !names.includes(name)))
  return { states: asked, chainedSessions, unfollowed: countUnfollowed(report.unfollowed, states) }
}
