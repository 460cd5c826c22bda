import type { SourceCoverage, TrailChange } from '../incident/facts/coverage.ts'
import { duration } from '../incident/values/duration.ts'
import type { Instant } from '../incident/values/instant.ts'
import type { ActivityState } from './analysis/activity-fold.ts'
import type { Fold } from './analysis/fold.ts'
import { isCallOf, isWithin, type PrincipalRef, type Question, type TimeRange } from './question.ts'
import type { CloudTrailRecord } from './record.ts'

/** What a source is asked. All questions are read at once, because reading takes the time. */
export interface ReadRequest {
  readonly questions: readonly Question[]
  /** Count for chained sessions too: sessions that the principals obtained, and sessions that those obtained. */
  readonly followChainedSessions: boolean
  /** Records outside the range are left out. */
  readonly range: TimeRange
}

/** Makes the fold that counts for a question, such as `activityFold`. */
export type FoldMaker<State> = (question: Question) => Fold<State, Question, unknown>

/** How much a source has read. */
export interface SourceProgress {
  /** What `done` counts: pages of LookupEvents, or log files. */
  readonly unit: 'page' | 'file'
  readonly done: number
  /** How many there are in all, once that is known. */
  readonly of?: number
  /** Records read, duplicates among them. */
  readonly events: number
  /** Bytes read, where the source reads files. */
  readonly bytes?: number
  /** Seconds since the start. */
  readonly seconds: number
  /** Seconds left, estimated from what was read so far. */
  readonly secondsLeft?: number
}

/** How the caller follows and ends a reading. */
export interface ReadHooks<State> {
  /** Ends the reading, which then rejects with the signal's reason. */
  readonly signal: AbortSignal
  progress(progress: SourceProgress): void
  /** Called once by a slow source, with the first records of the first question counted in a state of their own. */
  firstRecords?(question: Question, state: State): void
}

/** A file that could not be read, or not whole. */
export interface BadFile {
  readonly path: string
  /** A sentence. */
  readonly why: string
}

/** What the records cover, as far as the source can tell, and changes of trails by anybody. */
export type CoverageReport = Partial<Omit<SourceCoverage, 'gaps'>> & { readonly trailChanges?: readonly TrailChange[] }

/** What a source read, and what it did not. */
export interface SourceReport {
  /** The source's name. */
  readonly source: string
  /** What was asked for and could not be read: sentences. */
  readonly incomplete: readonly string[]
  /** What the source never shows: sentences. */
  readonly limits: readonly string[]
  readonly badFiles: readonly BadFile[]
  /** Why records of others were not looked for, a sentence; missing where they were. */
  readonly contextNotRead?: string
  /** The earliest and latest time of which the source could have shown a record, where that is known. */
  readonly coveredFrom?: Instant
  readonly coveredUntil?: Instant
  readonly coverage?: CoverageReport
  /** API calls made. */
  readonly calls: number
  /** Files read. */
  readonly files: number
  /** Records read, duplicates among them. */
  readonly events: number
  /** Bytes read. */
  readonly bytes: number
}

/** What was counted for each question and each chained session, by the name of its principal. */
export interface ReadResult<State> {
  readonly states: ReadonlyMap<string, { readonly question: Question; readonly state: State }>
  readonly report: SourceReport
}

/**
 * A source of CloudTrail records: event history, log files, a bucket, Athena or CloudTrail Lake. Every source counts each record
 * once, into states of one form, so that the same records give the same answers from any source.
 */
export interface RecordSource<State = ActivityState> {
  /** The name in the report: `CloudTrail event history of us-east-1`, `s3://bucket/prefix`. */
  readonly name: string
  /** How it answers questions of kind `resource`; missing where it cannot. */
  readonly resourceQuestions?: ResourceQuestions
  /** Throws Failure when nothing could be read. The report names parts that could not be read. */
  read(asked: ReadRequest, reading: ReadHooks<State>): Promise<ReadResult<State>>
  /**
   * Reads once more, and gives each record of the questions to `take`, with the whole document of it: in no order, and some of
   * them several times. Chained sessions are not followed: they are questions of their own.
   */
  readRecords?(
    questions: readonly Question[],
    range: TimeRange,
    reading: Pick<ReadHooks<State>, 'signal' | 'progress'>,
    take: TakeRecord,
  ): Promise<RecordsReport>
  /** Caches what was read, for the next question. It takes longer than an answer: call it after one. */
  fillCache?(range: TimeRange, reading: Pick<ReadHooks<State>, 'signal' | 'progress'>): Promise<void>
}

/** What a source can say of changes of a resource by anybody. */
export interface ResourceQuestions {
  /** So many names are asked for at most: each of them costs. */
  readonly most: number
  /** Which changes it cannot show: a sentence. */
  readonly limit?: string
}

/** So many names are searched for in records that are read whole: each is one more text to search for. */
export const MOST_RESOURCE_NAMES = 100

/** Hears of one record, of the question with this number. */
export type TakeRecord = (record: CloudTrailRecord, question: number) => void

/** What a second reading gave, besides the records. */
export type RecordsReport = Pick<SourceReport, 'incomplete' | 'badFiles'>

/** A fold that counts nothing and hands each record of a question's principal and scope on. */
export const handingOn =
  (questions: readonly Question[], take: TakeRecord): FoldMaker<Record<string, never>> =>
  (question) => {
    const number = questions.findIndex(({ principal }) => principalName(principal) === principalName(question.principal))
    const { principal, scope } = questions[number] ?? question
    return {
      empty: () => ({}),
      add: (_, record) => {
        if (isCallOf(principal, record) && isWithin(scope, record.at)) take(record, number)
      },
      merge: () => undefined,
      finish: () => undefined,
    }
  }

/** The questions for a second reading: their principals are known, so that nothing is looked for to compare with. */
export const recordsOnly = (questions: readonly Question[]): readonly Question[] =>
  questions.map((question) => ({ ...question, wholeAccount: false, baselinePrincipal: question.principal, baselineDays: 0 }))

/**
 * Questions as log files are searched for them once more: with a scope that no call is in, no call leads to the records of others,
 * for which every file would be read again.
 */
export const searchedOnly = (questions: readonly Question[]): readonly Question[] =>
  questions.map((question) => ({ ...question, scope: { ...question.scope, until: question.scope.from ?? FIRST_MOMENT } }))

const FIRST_MOMENT = '0001-01-01T00:00:00Z' as Instant

/** A principal's name in `ReadResult.states`. */
export const principalName = ({ kind, value }: PrincipalRef): string => `${kind} ${value}`

const MEGABYTE = 1e6

const grouped = (number: number): string => Math.round(number).toLocaleString('en-US')

const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(bytes < 10 * MEGABYTE ? 1 : 0)} MB`

/** `412 of 1,288 files, 73 MB, 96,400 events, 21 MB/s, 35 s left`. */
export const progressText = ({ unit, done, of, events, bytes, seconds, secondsLeft }: SourceProgress): string => {
  const count = of === undefined ? grouped(done) : `${grouped(done)} of ${grouped(of)}`
  const rate = bytes === undefined ? `${grouped(events / seconds)} events/s` : `${megabytes(bytes / seconds)}/s`
  return [
    `${count} ${unit}${(of ?? done) === 1 ? '' : 's'}`,
    ...(bytes === undefined ? [] : [megabytes(bytes)]),
    `${grouped(events)} events`,
    ...(seconds >= 1 ? [rate] : []),
    ...(secondsLeft === undefined ? [] : [`about ${duration(secondsLeft)} left`]),
  ].join(', ')
}
