import { randomBytes } from 'node:crypto'
import { SECOND_MS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { type ActivityState, activityFold } from '../../investigation/analysis/activity-fold.ts'
import { notFollowed } from '../../investigation/analysis/chained-sessions.ts'
import type { TimeRange } from '../../investigation/question.ts'
import type { Asked, Gathered, Reading, RecordSource } from '../../investigation/source.ts'
import { principalName } from '../../investigation/source.ts'
import { tableNameIn } from '../../investigation/sources/athena/table-name.ts'
import { eventDataStoreIn } from '../../investigation/sources/lake/store.ts'
import { keepAnswer } from '../../investigation/sources/log-files/cache/kept-answers.ts'
import { type CachePlace, touch } from '../../investigation/sources/log-files/cache/segment-files.ts'
import { keepLogs } from '../../investigation/sources/log-files/keep-logs.ts'
import { type LogAnswer, type ScanProgress, scanLogs } from '../../investigation/sources/log-files/scan-logs.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import type { Host } from '../host.ts'
import { type BucketOptions, bucketLogs, isBucket } from './bucket-source.ts'
import { prepareCacheFolder } from './cache-folder.ts'

export interface SourceOptions extends BucketOptions {
  /** Files and folders, or one bucket. */
  readonly logs?: readonly string[]
  readonly threads?: number
  /** A folder in which what was read is kept, so that the next question need not read it again. */
  readonly cache?: string
  /** `database.table` of CloudTrail logs. */
  readonly athena?: string
  readonly athenaWorkgroup?: string
  readonly athenaOutput?: string
  /** The id or ARN of an event data store. */
  readonly lake?: string
  /** The most bytes that paid queries may read. */
  readonly maxBytes?: number
}

export interface OpenedSource extends RecordSource {
  /** Keeps what was read for the next question: best done when the answer has been given, because it takes longer than that. */
  keep?(range: TimeRange, progress: Reading<ActivityState>['progress']): Promise<void>
}

/** Whether AWS has to be asked: for the records, or because the responder has said as whom. Log files alone need nobody. */
export const needsAws = (options: SourceOptions): boolean => {
  const { logs, profile, assumeRole, endpointUrl } = options
  if (logs === undefined || isBucket(logs)) return true
  return [profile, assumeRole, endpointUrl].some((named) => named !== undefined)
}

/** Throws Failure usage when several sources were named. */
export const onlySource = (options: SourceOptions): void => {
  const named = (['logs', 'athena', 'lake'] as const).filter((name) => options[name] !== undefined)
  if (named.length < 2) return
  throw new Failure({ kind: 'usage', what: 'more than one source was named', remedy: 'name one: --logs, --athena or --lake' })
}

/** Opens the source that was asked for: log files, or AWS's event history when none was named. */
export const openSource = async (
  host: Host,
  options: SourceOptions,
  connection: AwsConnection | undefined,
): Promise<OpenedSource> => {
  const { logs, athena, lake } = options
  if (!connection || (logs && !isBucket(logs))) {
    if (options.cache !== undefined) await prepareCacheFolder(options.cache)
    return logFiles(host, logs ?? [], options)
  }
  if (logs?.[0]) return bucketLogs(connection, logs[0], options)
  if (athena !== undefined) return overAthena(connection, options, athena)
  if (lake !== undefined) return overLake(connection, options, lake)
  const { eventHistory } = await import('../../investigation/sources/event-history.ts')
  const { aws, clock, regions } = connection
  return eventHistory({ regions, cloudtrail: (region) => aws(region).cloudtrail, clock, make: activityFold })
}

const overAthena = async (connection: AwsConnection, options: SourceOptions, name: string): Promise<RecordSource> => {
  const table = tableNameIn(name)
  const { openAthena } = await import('../../aws/open-athena.ts')
  const { athenaSource } = await import('../../investigation/sources/athena/source.ts')
  const { clock, setting, way } = connection
  const { athenaWorkgroup, athenaOutput, maxBytes } = options
  return athenaSource({
    client: await openAthena(setting.region, way),
    table,
    clock,
    newToken: () => randomBytes(20).toString('hex'),
    ...(athenaWorkgroup === undefined ? {} : { workGroup: athenaWorkgroup }),
    ...(athenaOutput === undefined ? {} : { output: athenaOutput }),
    ...(maxBytes === undefined ? {} : { mostBytes: maxBytes }),
  })
}

const overLake = async (connection: AwsConnection, options: SourceOptions, name: string): Promise<RecordSource> => {
  const store = eventDataStoreIn(name)
  const { lakeSource } = await import('../../investigation/sources/lake/source.ts')
  const { aws, clock, setting } = connection
  const { maxBytes } = options
  return lakeSource({
    client: aws(setting.region).cloudtrail,
    store,
    clock,
    ...(maxBytes === undefined ? {} : { mostBytes: maxBytes }),
  })
}

/** CloudTrail's log files on this machine's disks. */
const logFiles = (host: Host, paths: readonly string[], options: SourceOptions): OpenedSource => {
  const place = { paths, threads: options.threads, cache: cachePlace(host, options) }
  let answer: LogAnswer<ActivityState> | undefined
  return {
    name: `log files in ${paths.join(', ')}`,
    read: async (asked, reading) => {
      answer = await scanLogFiles(place, asked, reading)
      return gatheredFrom(paths, asked, answer)
    },
    keep: (range, progress) => keepForNextTime(host, place, range, { answer, progress }),
  }
}

/** No more than this is kept of log files. Bytes. */
const MOST_KEPT = 4e9

const cachePlace = ({ version }: Host, { cache }: SourceOptions) =>
  cache === undefined ? undefined : { folder: cache, writer: `ir-cred ${version}`, most: MOST_KEPT }

interface LogPlace {
  readonly paths: readonly string[]
  readonly threads: number | undefined
  readonly cache: CachePlace | undefined
}

interface Keeping {
  readonly answer: LogAnswer<ActivityState> | undefined
  readonly progress: Reading<ActivityState>['progress']
}

const keepForNextTime = async (
  host: Host,
  { paths, threads, cache }: LogPlace,
  range: TimeRange,
  { answer, progress }: Keeping,
): Promise<void> => {
  if (!cache) return
  if (answer && answer.cached.files === answer.files) touch(answer.cached.used, host.clock())
  else
    await keepLogs({
      ...{ paths, range, cache, now: host.clock(), signal: host.signal },
      ...(threads === undefined ? {} : { threads }),
      onProgress: progressSince(performance.now(), progress),
    })
  // What could not be read may be readable next time.
  if (answer?.cached.name && answer.bad.length === 0) keepAnswer(cache, answer.cached.name, answer, host.clock())
}

/** Tells of the files that were read, with the rate and the time that is left. */
const progressSince =
  (begun: number, tell: Reading<ActivityState>['progress']) =>
  ({ files, ofFiles, bytes, events }: ScanProgress): void => {
    const seconds = (performance.now() - begun) / SECOND_MS
    const left = files > 0 ? { secondsLeft: ((ofFiles - files) * seconds) / files } : {}
    tell({ unit: 'file', done: files, of: ofFiles, events, bytes, seconds, ...left })
  }

const scanLogFiles = (
  { paths, threads, cache }: LogPlace,
  { questions, followChainedSessions, range }: Asked,
  reading: Reading<ActivityState>,
): Promise<LogAnswer<ActivityState>> =>
  scanLogs({
    ...{ paths, questions, followChainedSessions, range },
    fold: { name: 'activity', make: activityFold },
    signal: reading.signal,
    ...(threads === undefined ? {} : { threads }),
    ...(cache ? { cache } : {}),
    onProgress: progressSince(performance.now(), (progress) => reading.progress(progress)),
  })

const gatheredFrom = (
  paths: readonly string[],
  { questions }: Asked,
  answer: LogAnswer<ActivityState>,
): Gathered<ActivityState> => {
  if (answer.files === 0 && answer.bad.length === 0) throw nothingToRead(paths, answer.outOfRange)
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
      source: `log files in ${paths.join(', ')}`,
      incomplete: notFollowed(unfollowed, true),
      limits: [],
      badFiles: bad,
      calls: 0,
      files,
      events,
      bytes,
    },
  }
}

const nothingToRead = (paths: readonly string[], outOfRange: number): Failure =>
  new Failure({
    kind: 'usage',
    what: `there are no CloudTrail log files to read in ${paths.join(', ')}`,
    why:
      outOfRange > 0
        ? `${outOfRange} files are outside of the asked time by their names`
        : 'no file is there besides digests, Insights and hidden ones',
    remedy: 'name a folder or files; give another time with --since and --until',
  })
