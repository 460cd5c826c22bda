import { setMaxListeners } from 'node:events'
import type { AwsClock } from '../../aws/clock.ts'
import { DAY_SECONDS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { epochOf, later, plus, secondsBetween } from '../../incident/values/instant.ts'
import { notFollowed } from '../analysis/chained-sessions.ts'
import type { TimeRange } from '../question.ts'
import { type readRecord, readWholeRecord } from '../read-record.ts'
import {
  type BadFile,
  type CoverageReport,
  type FoldMaker,
  handingOn,
  MOST_RESOURCE_NAMES,
  type ReadHooks,
  type ReadRequest,
  type ReadResult,
  type RecordSource,
  recordsOnly,
  type SourceProgress,
  type SourceReport,
  searchedOnly,
} from '../source.ts'
import type { ReadPublicKeys } from './log-files/digests/digest-signatures.ts'
import { accountsAndRegions } from './log-files/discover/named-coverage.ts'
import { spanned } from './log-files/files-coverage.ts'
import { countUnfollowed, matchersFor } from './log-files/match/matchers.ts'
import { type OpenS3, openBucket } from './s3/bucket.ts'
import { addressOf, type BucketAddress, parseBucketAddress } from './s3/bucket-address.ts'
import { type BucketRun, beginBucketRun, readFirst, readMissed, remedyFor } from './s3/bucket-run.ts'
import { findObjects, type Search, type Wanted } from './s3/find-objects.ts'
import type { InFlight } from './s3/in-parallel.ts'
import type { ObjectError } from './s3/object-error.ts'

export interface S3LogsOptions<State> extends Wanted {
  /** `s3://bucket/prefix`: the prefix before AWSLogs, or any one below it. */
  readonly address: string
  /** The Region to try first. The bucket's own Region is found. */
  readonly region: string
  readonly s3: OpenS3
  readonly clock: AwsClock
  readonly make: FoldMaker<State>
  /** What was counted tells of the coverage: changes of trails by others. */
  readonly noted?: (states: readonly State[]) => CoverageReport
  /** Makes a record of a JSON object. */
  readonly readDocument?: typeof readRecord
  /** How much may be downloaded and not scanned yet. */
  readonly inFlight?: InFlight
  /** Compares the log files with the trail's digest files, with CloudTrail's public keys where it can be asked for them. */
  readonly validate?: { readonly publicKeys?: ReadPublicKeys }
}

/** A request takes some 80 ms and log files are small: with so many in flight, one thread always has a file to scan. */
const IN_FLIGHT: InFlight = { items: 32, bytes: 64 * 2 ** 20 }

const LIMITS = [
  'CloudTrail delivers log files about every 5 minutes, and some records later: the last 15 minutes may be missing.',
  'A bucket holds what its trail records: check which Regions, and whether data events.',
]

/**
 * CloudTrail's log files in an S3 bucket ("Finding your CloudTrail log files"), of one account or an organization. Lists only
 * the accounts, Regions and days that can matter; downloads and scans files at the same time, and stores none. Throws Failure
 * `usage` at once when the address is not valid.
 */
export const s3Logs = <State>(options: S3LogsOptions<State>): RecordSource<State> => {
  const address = parseBucketAddress(options.address)
  return {
    name: addressOf(address),
    resourceQuestions: { most: MOST_RESOURCE_NAMES },
    read: (asked, reading) => readBucket(address, options, asked, reading),
    readRecords: async (asked, range, reading, take) => {
      const questions = recordsOnly(asked)
      const { validate: _, noted: __, ...rest } = options
      const again = { ...rest, make: handingOn(questions, take), readDocument: readWholeRecord }
      const search = { questions: searchedOnly(questions), followChainedSessions: false, range }
      const { report } = await readBucket(address, again, search, reading)
      return report
    },
  }
}

const readBucket = async <State>(
  address: BucketAddress,
  options: S3LogsOptions<State>,
  asked: ReadRequest,
  reading: ReadHooks<State>,
): Promise<ReadResult<State>> => {
  const { clock, make, accounts, regions, validate } = options
  // Each request in flight adds a listener.
  setMaxListeners(0, reading.signal)
  const bucket = await openBucket(address, options.s3, options.region, reading.signal)
  const matchers = matchersFor(asked, make, options.readDocument)
  const started = clock.now()
  // Who changed a resource is asked after a first reading, which has compared the files.
  const isFirst = asked.questions.some(({ principal }) => principal.kind !== 'resource')
  const validated = isFirst ? validate : undefined
  const hashes = validated && new Map()
  const inFlight = options.inFlight ?? IN_FLIGHT
  const run = beginBucketRun({ bucket, clock, matchers, inFlight, ...given({ hashes }) }, () => report())
  const left = leftOut(options)
  const report = (): void => reading.progress(progressOf(run, secondsBetween(started, clock.now())))
  const range = rangeOf(asked)
  const search = { range, now: started, ...given({ accounts, regions }) }
  await readFirst(run, findObjects(bucket, search))
  if (run.objects.length === 0 && range.from === undefined && range.until === undefined) throw nothingThere(address)
  if (run.events === 0 && run.files > 0 && run.errorCounts.size === 0) throw noRecordsThere(address, run.bad)
  await readMissed(run)
  report()
  const { incomplete, coverage, ...rest } = reportOf(run)
  const noted = isFirst ? options.noted?.([...matchers.states.values()].map(({ state }) => state)) : undefined
  const digests = validated ? await digestsOf(run, search, validated.publicKeys) : {}
  return {
    states: matchers.states,
    report: { ...rest, coverage: { ...coverage, ...noted, ...digests }, incomplete: [...left, ...incomplete] },
  }
}

/** Loaded on use. */
const digestsOf = async <State>(
  run: BucketRun<State>,
  search: Search,
  publicKeys: ReadPublicKeys | undefined,
): Promise<CoverageReport> => {
  const { validateBucket } = await import('./s3/bucket-digests.ts')
  const { digests, ...found } = await validateBucket(run, search, publicKeys)
  return { ...found, beside: { digest: digests, insight: 0, aggregated: 0 } }
}

/** What was not asked for is not known: a session that was obtained in another Region is recorded there. */
const leftOut = ({ accounts, regions }: Wanted): readonly string[] => [
  ...(regions
    ? [
        `only files of ${regions.join(', ')} were read (--region): calls that other Regions recorded, such as an AssumeRole there, are not known`,
      ]
    : []),
  ...(accounts
    ? [`only files of account ${accounts.join(', ')} were read (--account): what other accounts recorded is not known`]
    : []),
]

/** The range that can matter: the scope and the baseline before it; everything for a question about the whole account. */
const rangeOf = ({ range, questions }: ReadRequest): TimeRange => {
  const begins = questions.map(({ scope, baselineDays, wholeAccount }) =>
    scope.from && !wholeAccount ? plus(scope.from, -baselineDays * DAY_SECONDS) : undefined,
  )
  const from = begins.reduce((a, b) => (a && b ? (epochOf(a) < epochOf(b) ? a : b) : undefined))
  const begin = range.from && from ? later(range.from, from) : (range.from ?? from)
  return given({ from: begin, until: range.until })
}

const progressOf = <State>(run: BucketRun<State>, seconds: number): SourceProgress => {
  const { done, bytes, events, objects, listedBytes, isListed } = run
  const rate = seconds > 0 ? bytes / seconds : 0
  const left = done === objects.length ? 0 : Math.max(0, listedBytes - bytes) / rate
  return {
    ...{ unit: 'file', done, events, bytes, seconds },
    ...given({ of: isListed ? objects.length : undefined, secondsLeft: isListed && Number.isFinite(left) ? left : undefined }),
  }
}

const nothingThere = (address: BucketAddress): Failure =>
  new Failure({
    kind: 'usage',
    what: `there are no log files below ${addressOf(address)}`,
    remedy: 'give the prefix that stands before AWSLogs: the trail names it, and `aws s3 ls` lists what is there',
  })

const noRecordsThere = (address: BucketAddress, [bad]: readonly BadFile[]): Failure =>
  new Failure({
    kind: 'usage',
    what: `there is no CloudTrail record below ${addressOf(address)}`,
    ...given({ why: bad && `${bad.path}: ${bad.why}` }),
    remedy: 'give the prefix that stands before AWSLogs, and a time range in which there were calls',
  })

const reportOf = <State>(run: BucketRun<State>): SourceReport => {
  const { bucket, objects, bad, files, bytes, events } = run
  return {
    source: addressOf(bucket.address),
    incomplete: incompleteOf(run),
    limits: LIMITS,
    badFiles: bad.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    coverage: {
      ...accountsAndRegions(objects.map(({ key }) => key)),
      ...spanned(run.matchers.span),
      mentionedIn: run.mentionedIn.toSorted(),
    },
    ...{ calls: bucket.calls, files, events, bytes },
  }
}

const ERROR_TEXTS: Readonly<Partial<Record<ObjectError['kind'], string>>> = {
  denied: 's3:GetObject is denied',
  'key-denied': 'kms:Decrypt is denied on the key of the trail',
  key: 'the KMS key of the trail cannot be used',
  archived: 'they are archived',
  later: 'their download failed',
}

const incompleteOf = <State>({ errorCounts, bucket, objects, matchers }: BucketRun<State>): string[] => [
  ...notFollowed(countUnfollowed([matchers.unfollowed], matchers.states), true),
  ...(objects.length === 0 ? [`there are no log files of this time range below ${addressOf(bucket.address)}`] : []),
  ...[...errorCounts].flatMap(([kind, count]) =>
    ERROR_TEXTS[kind] ? [`${count} log files could not be read: ${ERROR_TEXTS[kind]}; ${remedyFor(bucket.address, kind)}`] : [],
  ),
]
