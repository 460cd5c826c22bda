import { availableParallelism } from 'node:os'
import { given } from '../../../incident/values/given.ts'
import type { Question, TimeRange } from '../../question.ts'
import type { readRecord } from '../../read-record.ts'
import { type BadFile, type CoverageReport, type FoldMaker, principalName } from '../../source.ts'
import { answerPath, type LogCache } from './cache/cache-files.ts'
import { type AskedOfLogs, askedOfLogs, cachedAnswer } from './cache/cached-answers.ts'
import { type CachedLogs, fileStates, openCachedLogs } from './cache/cached-logs.ts'
import { mayHoldRecordsOf, newestFirst } from './discover/file-names.ts'
import { isSmallJob } from './discover/files-on-disk.ts'
import { type BesideFiles, type FoundLogFiles, findLogFiles } from './discover/find-files.ts'
import { countUnfollowed, type Matchers, matchersFor } from './match/matchers.ts'
import { mergeSpan, type RecordSpan } from './match/record-span.ts'
import { emptyCoverage, runPasses } from './passes.ts'
import { collectNowWhenLarge, collectSoonerWhenLarge } from './workers/collect-sooner.ts'
import { mainThreadOnly, type ScanControl, type ScanTotal, type ScanWorkers, type WorkerReport } from './workers/scan-workers.ts'
import { startThreads, stopThreads, type WorkerThreads } from './workers/start-threads.ts'
import { allThreads } from './workers/threads.ts'

export interface ScanProgress extends ScanTotal {
  /** All files of the scan. */
  readonly ofFiles: number
}

export interface LogScan<State> {
  /** Folders and files. */
  readonly paths: readonly string[]
  /** What is in them, where that was looked up before. */
  readonly found?: FoundLogFiles
  readonly questions: readonly Question[]
  /** The fold, and the name by which a worker thread knows it. */
  readonly fold: { readonly name: string; readonly make: FoldMaker<State>; readonly read?: typeof readRecord }
  /** Counts for chained sessions too: sessions that a principal obtained in its scope, and sessions that those obtained. */
  readonly followChainedSessions?: boolean
  /** Records outside it are left out; files that hold none of it, by their names, are not opened. */
  readonly range?: TimeRange
  /** As many as there are processors when it is missing; 1 scans in the main thread. */
  readonly threads?: number
  /** Another program for the worker threads than `scan-worker.ts`. */
  readonly workerProgram?: URL
  /** Worker threads that run already, and that run on after the scan. */
  readonly started?: WorkerThreads
  /** Records that `fillCache` wrote are taken from here, unless their file has changed. */
  readonly cache?: LogCache
  readonly signal?: AbortSignal
  onProgress?(progress: ScanProgress): void
}

export interface LogAnswer<State> {
  /** In the order of the questions. */
  readonly states: readonly State[]
  /** For each chained session that was followed, by `principalName`. */
  readonly chainedSessions: ReadonlyMap<string, State>
  /** How many chained sessions were not followed, because there were too many. */
  readonly unfollowed: number
  readonly files: number
  /** How many files are outside the range, by their names. */
  readonly outOfRange: number
  readonly beside: BesideFiles
  /** The log files, newest first; they stay out of a cached answer. */
  readonly paths: readonly string[]
  readonly mentionedIn: readonly string[]
  readonly span: RecordSpan
  /** What the files cover, once that was read: a cached answer has it. */
  readonly coverage?: CoverageReport
  /** Bytes on disk and CloudTrail records, in the files that were read and those in the cache. */
  readonly bytes: number
  readonly events: number
  /** Files that could not be read whole. What was read of them is counted. */
  readonly bad: readonly BadFile[]
  /** What came from the cache. */
  readonly cached: {
    readonly files: number
    /** Paths of the segments and answers that were used: see `markUsed`. */
    readonly used: ReadonlySet<string>
    /** What this answers: see `cacheAnswer`. */
    readonly asked?: AskedOfLogs
  }
}

/**
 * Answers questions from CloudTrail log files: finds the files, takes from the cache what it has, and scans the others in
 * passes until every file was searched for every principal. Throws the signal's reason once it is aborted.
 */
export const scanLogs = async <State>(scan: LogScan<State>): Promise<LogAnswer<State>> => {
  const { questions, followChainedSessions = false, range = {}, signal = new AbortController().signal } = scan
  const asked = { questions, followChainedSessions, range }
  const threads = threadsOf(scan)
  const found = scan.found ?? findLogFiles(scan.paths, scan.cache?.folder)
  const paths = newestFirst(found.paths.filter((path) => mayHoldRecordsOf(path, range)))
  const bad = [...found.bad]
  const mentionedIn: string[] = []
  const leftOut = { outOfRange: found.paths.length - paths.length, beside: found.beside }
  const states = scan.cache && fileStates(paths)
  const wanted = scan.cache && states && askedOfLogs(asked, scan.fold.name, { ...leftOut, bad }, states, scan.cache)
  const known = scan.cache && wanted && cachedAnswer<LogAnswer<State>>(scan.cache, wanted)
  if (known)
    return {
      ...known,
      paths,
      cached: { files: known.files, used: new Set([...known.cached.used, answerPath(scan.cache, wanted.name)]) },
    }
  const cached = scan.cache && states && openCachedLogs(scan.cache, states)
  try {
    const rest = cached ? paths.filter((path) => !cached.holds(path)) : paths
    const matchers = matchersFor(asked, scan.fold.make, scan.fold.read)
    const workers = workersFor(
      scan,
      rest,
      matchers,
      { signal, bad: (file) => bad.push(file), mentioned: (path) => mentionedIn.push(path) },
      threads,
    )
    const total = (): ScanTotal => sum(cached?.total, workers.total())
    const counted = await search(matchers, workers, rest, {
      cached,
      signal,
      progress: () => scan.onProgress?.({ ...total(), ofFiles: paths.length }),
    })
    if (cached) mergeSpan(counted.span, cached.span)
    return {
      ...answerOf(scan, counted),
      ...{ ...total(), files: paths.length, paths },
      ...leftOut,
      bad: bad.sort((a, b) => (a.path < b.path ? -1 : 1)),
      mentionedIn: mentionedIn.sort(),
      cached: { files: cached?.total.files ?? 0, used: cached?.segments ?? new Set(), ...given({ asked: wanted || undefined }) },
    }
  } finally {
    cached?.close()
    await threads.end()
  }
}

/** The worker threads of a scan: those that run already, or its own, which end with it. */
interface ThreadsOfScan {
  forFiles(files: number): WorkerThreads
  end(): Promise<void>
}

const threadsOf = <State>(scan: LogScan<State>): ThreadsOfScan => {
  const { threads = availableParallelism(), workerProgram, started } = scan
  let own: WorkerThreads | undefined
  return {
    forFiles: (files) => {
      if (started) return started
      own ??= startThreads(Math.min(threads, files), workerProgram)
      return own
    },
    end: async () => {
      if (own) await stopThreads(own)
    },
  }
}

const sum = (a: ScanTotal | undefined, b: ScanTotal): ScanTotal => ({
  files: b.files + (a?.files ?? 0),
  bytes: b.bytes + (a?.bytes ?? 0),
  events: b.events + (a?.events ?? 0),
})

const workersFor = <State>(
  scan: LogScan<State>,
  paths: readonly string[],
  matchers: Matchers<State>,
  control: ScanControl,
  threads: ThreadsOfScan,
): ScanWorkers<State> => {
  const isAlone = scan.started?.haveScanned ? paths.length < 2 : isSmallJob(paths)
  const { threads: count = availableParallelism() } = scan
  if (count < 2 || isAlone) return mainThreadOnly(paths, matchers, control)
  return allThreads(threads.forFiles(paths.length), { asked: matchers.asked, fold: scan.fold.name }, paths, matchers, control)
}

interface Search {
  readonly cached: CachedLogs | undefined
  readonly signal: AbortSignal
  progress(): void
}

/** How often progress is reported. Milliseconds. */
const PROGRESS_INTERVAL = 200

const search = async <State>(
  matchers: Matchers<State>,
  workers: ScanWorkers<State>,
  paths: readonly string[],
  { cached, signal, progress }: Search,
) => {
  const files = { coverage: emptyCoverage(paths, matchers.targets.values()), scan: workers.scan }
  const timer = setInterval(() => {
    collectSoonerWhenLarge()
    progress()
  }, PROGRESS_INTERVAL)
  try {
    await runPasses(cached ? [cached.groupFor(matchers), files] : [files], signal)
    progress()
    return await workers.report()
  } finally {
    clearInterval(timer)
    await workers.stop()
  }
}

/** The states by question, those of several workers merged. Each is let go once it is merged: together they are large. */
const merged = <State>({ questions, fold }: LogScan<State>, report: WorkerReport<State>): ReadonlyMap<string, State> => {
  const byName = new Map<string, State>()
  const [first] = questions
  const states = report.states.splice(0).reverse()
  const all = states.length
  for (let each = states.pop(); each; each = states.pop()) {
    const [name, state] = each
    const before = byName.get(name)
    if (before === undefined) byName.set(name, state)
    else if (first) fold.make(first).merge(before, state)
  }
  if (all > byName.size) collectNowWhenLarge()
  return byName
}

const answerOf = <State>(scan: LogScan<State>, report: WorkerReport<State>) => {
  const { questions, fold } = scan
  const states = merged(scan, report)
  const names = questions.map(({ principal }) => principalName(principal))
  const asked = questions.map((question, index) => states.get(names[index] ?? '') ?? fold.make(question).empty())
  const chainedSessions = new Map([...states].filter(([name]) => !names.includes(name)))
  return { states: asked, chainedSessions, span: report.span, unfollowed: countUnfollowed(report.unfollowed, states) }
}
