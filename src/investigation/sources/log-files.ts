import type { DigestCheck } from '../../incident/facts/coverage.ts'
import { SECOND_MS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { type ActivityState, activityFold } from '../analysis/activity-fold.ts'
import { notFollowed } from '../analysis/chained-sessions.ts'
import type { Question, TimeRange } from '../question.ts'
import { readWholeRecord } from '../read-record.ts'
import {
  handingOn,
  MOST_RESOURCE_NAMES,
  principalName,
  type ReadHooks,
  type ReadRequest,
  type ReadResult,
  type RecordSource,
  type RecordsReport,
  recordsOnly,
  searchedOnly,
  type TakeRecord,
} from '../source.ts'
import { type LogCache, markUsed } from './log-files/cache/cache-files.ts'
import { cacheAnswer } from './log-files/cache/cached-answers.ts'
import { fillCache } from './log-files/cache/fill-cache.ts'
import type { ReadPublicKeys } from './log-files/digests/digest-signatures.ts'
import { type FoundLogFiles, findLogFiles } from './log-files/discover/find-files.ts'
import { coverageOf } from './log-files/files-coverage.ts'
import { type LogAnswer, type ScanProgress, scanLogs } from './log-files/scan-logs.ts'
import type { WorkerThreads } from './log-files/workers/start-threads.ts'

export interface LogFilesOptions {
  /** Files and folders. */
  readonly paths: readonly string[]
  /** As many as there are processors when it is missing. */
  readonly threads?: number
  /** Worker threads that run already: every reading uses them, and whoever started them stops them. */
  readonly started?: WorkerThreads
  readonly cache?: LogCache
  /** Compares the log files with the digest files beside them, with CloudTrail's public keys where it can be asked for them. */
  readonly validate?: { readonly publicKeys?: ReadPublicKeys }
  /** The time of this machine: how long reading takes, and when the cache was used. */
  readonly clock: () => Date
}

/** CloudTrail's log files on this machine's disks ("CloudTrail log file examples"), in any form that people have them in. */
export const logFiles = (options: LogFilesOptions): RecordSource => {
  const name = `log files in ${options.paths.join(', ')}`
  const answers: LogAnswer<ActivityState>[] = []
  let found: FoundLogFiles | undefined
  const inFolders = (): FoundLogFiles => {
    found ??= findLogFiles(options.paths, options.cache?.folder)
    return found
  }
  return {
    name,
    resourceQuestions: { most: MOST_RESOURCE_NAMES },
    read: async (asked, reading) => {
      const answer = await scan(options, inFolders(), asked, reading)
      const read = gatheredFrom(name, options, asked, answer)
      // Who changed a resource is asked after a first reading, which knows what the files cover.
      const isAboutResources = asked.questions.every(({ principal }) => principal.kind === 'resource')
      const coverage = isAboutResources
        ? undefined
        : (answer.coverage ?? (await coverageOf(answer, read.states.values(), reading.signal)))
      answers.push({ ...answer, ...given({ coverage }) })
      if (coverage === undefined) return read
      const digestCheck = await validated(options, answer, asked.range, reading.signal)
      return { ...read, report: { ...read.report, coverage: { ...coverage, ...given({ digestCheck }) } } }
    },
    readRecords: (questions, range, reading, take) => readAgain(options, inFolders(), { questions, range }, reading, take),
    fillCache: (range, reading) => cacheForNextQuestion(options, range, answers, reading),
  }
}

const scan = (
  { paths, threads, started, cache, clock }: LogFilesOptions,
  found: FoundLogFiles,
  { questions, followChainedSessions, range }: ReadRequest,
  reading: ReadHooks<ActivityState>,
): Promise<LogAnswer<ActivityState>> =>
  scanLogs({
    ...{ paths, found, questions, followChainedSessions, range },
    fold: { name: 'activity', make: activityFold },
    signal: reading.signal,
    ...given({ threads, started, cache }),
    onProgress: progressSince(clock, (progress) => reading.progress(progress)),
  })

/** Loaded on use. */
const validated = async (
  { validate }: LogFilesOptions,
  { beside, paths }: LogAnswer<ActivityState>,
  range: TimeRange,
  signal: AbortSignal,
): Promise<DigestCheck | undefined> => {
  if (!validate) return undefined
  const { checkDigests } = await import('./log-files/digests/check-digests.ts')
  const { digestOnDisk, hashOnDisk } = await import('./log-files/digests/digests-on-disk.ts')
  const digests = beside.digests.map(digestOnDisk)
  return checkDigests({ digests, logs: paths, hashOf: hashOnDisk, range, hasSignatures: false }, validate.publicKeys, signal)
}

/** Reads the files again, in this thread: records are handed on one by one, and a cache does not have the whole of them. */
const readAgain = async (
  { paths, clock }: LogFilesOptions,
  found: FoundLogFiles,
  { questions: asked, range }: { readonly questions: readonly Question[]; readonly range: TimeRange },
  { signal, progress }: Pick<ReadHooks<ActivityState>, 'signal' | 'progress'>,
  take: TakeRecord,
): Promise<RecordsReport> => {
  const questions = recordsOnly(asked)
  const { bad } = await scanLogs({
    ...{ paths, found, questions: searchedOnly(questions), followChainedSessions: false, range, threads: 1, signal },
    fold: { name: 'records', make: handingOn(questions, take), read: readWholeRecord },
    onProgress: progressSince(clock, progress),
  })
  return { incomplete: [], badFiles: bad }
}

const cacheForNextQuestion = async (
  { paths, threads, cache, clock }: LogFilesOptions,
  range: TimeRange,
  answers: readonly LogAnswer<ActivityState>[],
  { signal, progress }: Pick<ReadHooks<ActivityState>, 'signal' | 'progress'>,
): Promise<void> => {
  if (!cache) return
  if (answers.every(({ cached, files }) => cached.files === files))
    for (const { cached } of answers) markUsed(cached.used, clock())
  else
    await fillCache({
      ...{ paths, range, cache, now: clock(), signal },
      ...given({ threads }),
      onProgress: progressSince(clock, progress),
    })
  // A file that could not be read may be readable next time: an answer without it is not cached.
  for (const answer of answers)
    if (answer.cached.asked && answer.bad.length === 0) cacheAnswer(cache, answer.cached.asked, { ...answer, paths: [] }, clock())
}

/** Adds the seconds since now, and an estimate of those that are left. */
const progressSince = (clock: () => Date, report: ReadHooks<ActivityState>['progress']) => {
  const begun = clock().getTime()
  return ({ files, ofFiles, bytes, events }: ScanProgress): void => {
    const seconds = (clock().getTime() - begun) / SECOND_MS
    const left = files > 0 ? { secondsLeft: ((ofFiles - files) * seconds) / files } : {}
    report({ unit: 'file', done: files, of: ofFiles, events, bytes, seconds, ...left })
  }
}

const gatheredFrom = (
  source: string,
  { paths }: LogFilesOptions,
  { questions }: ReadRequest,
  answer: LogAnswer<ActivityState>,
): ReadResult<ActivityState> => {
  if (answer.files === 0 && answer.bad.length === 0) throw nothingToRead(paths, answer.outOfRange)
  if (answer.events === 0) throw noRecords(paths, answer)
  const asked = questions.map(
    (question, index) => [principalName(question.principal), { question, state: answer.states[index] }] as const,
  )
  const chainedSessions = [...answer.chainedSessions].map(([name, state]) => [name, { question: questions[0], state }] as const)
  const states = new Map(
    [...asked, ...chainedSessions].flatMap(([name, { question, state }]) =>
      question && state ? [[name, { question, state }]] : [],
    ),
  )
  const { files, bytes, events, bad, unfollowed } = answer
  return {
    states,
    report: {
      ...{ source, incomplete: notFollowed(unfollowed, true), limits: [], badFiles: bad },
      ...{ calls: 0, files, events, bytes },
    },
  }
}

const nothingToRead = (paths: readonly string[], outOfRange: number): Failure =>
  new Failure({
    kind: 'usage',
    what: `there are no CloudTrail log files to read in ${paths.join(', ')}`,
    why:
      outOfRange > 0
        ? `${outOfRange} files are outside the time range, by their names`
        : 'there are no files besides digests, Insights events and hidden files',
    remedy: 'name a folder or files; give another time range with --since and --until',
  })

const FEW = 3

/** A wrong folder is no answer: nothing was read, so nothing can be said of the principal. */
const noRecords = (paths: readonly string[], { files, bad }: Pick<LogAnswer<unknown>, 'files' | 'bad'>): Failure => {
  const named = bad.slice(0, FEW).map(({ path, why }) => `${path}: ${why}`)
  const more = bad.length > FEW ? [`${bad.length - FEW} more files are alike.`] : []
  return new Failure({
    kind: 'usage',
    what: `there is no CloudTrail record in ${paths.join(', ')}`,
    why:
      named.length > 0
        ? [...named, ...more].join(' ')
        : files === 1
          ? 'one file was read, and it holds no record'
          : `${files} files were read, and they hold no record`,
    remedy:
      'name the folder or bucket that holds the log files of a trail, or an export of CloudTrail records; for a GuardDuty finding use --finding',
  })
}
