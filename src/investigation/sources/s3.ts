import { setMaxListeners } from 'node:events'
import type { AwsClock } from '../../aws/clock.ts'
import { DAY_SECONDS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { epochOf, type Instant, later, plus, secondsBetween } from '../../incident/values/instant.ts'
import { notFollowed } from '../analysis/chained-sessions.ts'
import type { TimeRange } from '../question.ts'
import type { FoldMaker, ReadHooks, ReadRequest, ReadResult, RecordSource, SourceProgress, SourceReport } from '../source.ts'
import { deliveredAt } from './log-files/log-name.ts'
import { countUnfollowed, seekersFor } from './log-files/seekers.ts'
import { type OpenS3, openBucket } from './s3/bucket.ts'
import { addressOf, type BucketAddress, parseBucketAddress } from './s3/bucket-address.ts'
import { type BucketRun, beginBucketRun, readFirst, readMissed, remedyFor } from './s3/bucket-run.ts'
import { findObjects } from './s3/find-objects.ts'
import type { Room } from './s3/in-parallel.ts'
import type { Wanted } from './s3/layout.ts'
import type { ObjectTrouble } from './s3/object-trouble.ts'

export interface S3LogsOptions<State> extends Wanted {
  /** `s3://bucket/prefix`, before AWSLogs or anywhere below it. */
  readonly address: string
  /** The Region to ask first; the bucket's own is found. */
  readonly region: string
  readonly s3: OpenS3
  readonly clock: AwsClock
  readonly make: FoldMaker<State>
  /** What may be in memory together, of what was fetched and not scanned yet. */
  readonly room?: Room
}

/** Log files are small, and an answer takes some 80 ms: so many together are as fast as one thread can scan. */
const ROOM: Room = { items: 32, bytes: 64 * 2 ** 20 }

const LIMITS = [
  'A trail writes its files about every 5 minutes, some records later: the last quarter of an hour may not be in them.',
  'A bucket shows what its trail was told to record: which Regions, and whether data events.',
]

/**
 * CloudTrail's log files in a bucket ("Finding your CloudTrail log files"), of one account or of an organization. Only the
 * accounts, Regions and days are listed that can matter; files are fetched and scanned at the same time, and none is kept.
 * Throws Failure usage at once for what is no address of a bucket.
 */
export const s3Logs = <State>(options: S3LogsOptions<State>): RecordSource<State> => {
  const address = parseBucketAddress(options.address)
  return { name: addressOf(address), read: (asked, reading) => readBucket(address, options, asked, reading) }
}

const readBucket = async <State>(
  address: BucketAddress,
  options: S3LogsOptions<State>,
  asked: ReadRequest,
  reading: ReadHooks<State>,
): Promise<ReadResult<State>> => {
  const { clock, make, accounts, regions } = options
  // Every call that is on its way listens to it.
  setMaxListeners(0, reading.signal)
  const bucket = await openBucket(address, options.s3, options.region, reading.signal)
  const seekers = seekersFor(asked, make)
  const started = clock.now()
  const run = beginBucketRun({ bucket, clock, seekers, room: options.room ?? ROOM }, () => tell())
  const tell = (): void => reading.progress(progressOf(run, secondsBetween(started, clock.now())))
  const range = rangeOf(asked)
  const search = { range, now: started, ...(accounts ? { accounts } : {}), ...(regions ? { regions } : {}) }
  await readFirst(run, findObjects(bucket, search))
  if (run.objects.length === 0 && range.from === undefined && range.until === undefined) throw nothingThere(address)
  await readMissed(run)
  tell()
  return { states: seekers.states, report: reportOf(run) }
}

/**
 * What of the bucket can matter. Whoever asks about the scope asks about the baseline before it too, and a question about
 * the whole account about everything.
 */
const rangeOf = ({ range, questions }: ReadRequest): TimeRange => {
  const begins = questions.map(({ scope, baselineDays, wholeAccount }) =>
    scope.from && !wholeAccount ? plus(scope.from, -baselineDays * DAY_SECONDS) : undefined,
  )
  const from = begins.reduce((a, b) => (a && b ? (epochOf(a) < epochOf(b) ? a : b) : undefined))
  const begin = range.from && from ? later(range.from, from) : (range.from ?? from)
  return { ...(begin ? { from: begin } : {}), ...(range.until ? { until: range.until } : {}) }
}

const progressOf = <State>(run: BucketRun<State>, seconds: number): SourceProgress => {
  const { done, bytes, events, objects, listedBytes, isListed } = run
  const rate = seconds > 0 ? bytes / seconds : 0
  const left = done === objects.length ? 0 : Math.max(0, listedBytes - bytes) / rate
  return {
    ...{ unit: 'file', done, events, bytes, seconds },
    ...(isListed ? { of: objects.length } : {}),
    ...(isListed && Number.isFinite(left) ? { secondsLeft: left } : {}),
  }
}

const nothingThere = (address: BucketAddress): Failure =>
  new Failure({
    kind: 'usage',
    what: `no log file lies below ${addressOf(address)}`,
    remedy: 'give the prefix as it lies before AWSLogs; CloudTrail shows it with the trail, and `aws s3 ls` what is there',
  })

const reportOf = <State>(run: BucketRun<State>): SourceReport => {
  const { bucket, objects, bad, files, bytes, events } = run
  const [first, last] = extent(objects.map(({ key }) => deliveredAt(key)).filter((at) => at !== undefined))
  return {
    source: addressOf(bucket.address),
    incomplete: incompleteOf(run),
    limits: LIMITS,
    badFiles: bad.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    ...(first ? { coveredFrom: first } : {}),
    ...(last ? { coveredUntil: last } : {}),
    ...{ calls: bucket.calls, files, events, bytes },
  }
}

const extent = (instants: readonly Instant[]): readonly [first: Instant | undefined, last: Instant | undefined] => {
  let [first, last] = [instants[0], instants[0]]
  for (const each of instants) {
    if (first && each < first) first = each
    if (last && each > last) last = each
  }
  return [first, last]
}

const SAID: Readonly<Partial<Record<ObjectTrouble['kind'], string>>> = {
  denied: 's3:GetObject is denied',
  'key-denied': 'kms:Decrypt is denied on the key of the trail',
  key: 'the KMS key of the trail cannot be used',
  archived: 'they are archived',
  later: 'their download failed',
}

const incompleteOf = <State>({ troubles, bucket, objects, seekers }: BucketRun<State>): string[] => [
  ...notFollowed(countUnfollowed(seekers.unfollowed, seekers.states), true),
  ...(objects.length === 0 ? [`no log file of this range lies below ${addressOf(bucket.address)}`] : []),
  ...[...troubles].flatMap(([kind, count]) =>
    SAID[kind] ? [`${count} log files could not be read: ${SAID[kind]}; ${remedyFor(bucket.address, kind)}`] : [],
  ),
]
