import { type ActivityState, activityFold } from '../activity/analysis/activity-fold.ts'
import type { Asked, Gathered, Reading, RecordSource } from '../activity/source.ts'
import { principalName } from '../activity/source.ts'
import { scanLogs } from '../activity/sources/log-files/scan-logs.ts'
import { Failure } from '../incident/failure.ts'
import type { Host } from './host.ts'
import type { CommonOptions } from './options.ts'

export interface SourceOptions extends CommonOptions {
  /** Files and folders. */
  readonly logs?: readonly string[]
  readonly threads?: number
}

/** Opens the source that was asked for: log files, or AWS's event history when none was named. */
export const openSource = async (host: Host, options: SourceOptions): Promise<RecordSource> => {
  if (options.logs !== undefined) return logFiles(options.logs, options.threads)
  const { openLive } = await import('./live.ts')
  const { eventHistory } = await import('../activity/sources/event-history.ts')
  const edge = await openLive(host, options, { heard: () => {} })
  const { aws, clock, regions } = edge
  return eventHistory({ regions, cloudtrail: (region) => aws(region).cloudtrail, clock, make: activityFold })
}

/** CloudTrail's log files on this machine's disks. */
const logFiles = (paths: readonly string[], threads: number | undefined): RecordSource => ({
  name: `log files in ${paths.join(', ')}`,
  read: (asked, reading) => readLogFiles(paths, threads, asked, reading),
})

const readLogFiles = async (
  paths: readonly string[],
  threads: number | undefined,
  { questions, followChildren, range }: Asked,
  reading: Reading<ActivityState>,
): Promise<Gathered<ActivityState>> => {
  const begun = performance.now()
  const answer = await scanLogs({
    paths,
    questions,
    followChildren,
    range,
    fold: { name: 'activity', make: activityFold },
    signal: reading.signal,
    ...(threads === undefined ? {} : { threads }),
    onProgress: ({ files, ofFiles, bytes, events }) => {
      const seconds = (performance.now() - begun) / 1000
      const left = files > 0 ? { secondsLeft: ((ofFiles - files) * seconds) / files } : {}
      reading.progress({ unit: 'file', done: files, of: ofFiles, events, bytes, seconds, ...left })
    },
  })
  if (answer.files === 0 && answer.bad.length === 0) throw nothingToRead(paths, answer.outOfRange)
  const asked = questions.map(
    (question, index) => [principalName(question.principal), { question, state: answer.states[index] }] as const,
  )
  const children = [...answer.children].map(([name, state]) => [name, { question: questions[0], state }] as const)
  const states = new Map(
    [...asked, ...children].flatMap(([name, { question, state }]) => (question && state ? [[name, { question, state }]] : [])),
  )
  const { files, bytes, events, bad } = answer
  return {
    states,
    report: {
      source: `log files in ${paths.join(', ')}`,
      incomplete: [],
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
        : 'no file there ends in .json, .json.gz or .jsonl',
    remedy: 'name a folder or files; give another time with --since and --until',
  })
