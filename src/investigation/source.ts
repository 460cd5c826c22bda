import { duration } from '../incident/values/duration.ts'
import type { Instant } from '../incident/values/instant.ts'
import type { ActivityState } from './analysis/activity-fold.ts'
import type { Fold } from './analysis/fold.ts'
import type { PrincipalRef, Question, TimeRange } from './question.ts'

/** What a source is asked, all at once, because reading is what takes long. */
export interface ReadRequest {
  readonly questions: readonly Question[]
  /** Sessions that the principals obtained, and those that these obtained, are asked about too. */
  readonly followChainedSessions: boolean
  /** Records outside of the range are left out. */
  readonly range: TimeRange
}

/** Makes the fold that counts for a question: `activityFold`, or a test's. */
export type FoldMaker<State> = (question: Question) => Fold<State, Question, unknown>

/** How far a source has come. */
export interface SourceProgress {
  /** What is counted: LookupEvents' pages, or log files. */
  readonly unit: 'page' | 'file'
  readonly done: number
  /** All that there are, as far as that is known yet. */
  readonly of?: number
  /** Records met, duplicates among them. */
  readonly events: number
  /** Bytes read, where the source reads bytes. */
  readonly bytes?: number
  /** Seconds since the beginning. */
  readonly seconds: number
  /** Seconds that are left, estimated from what was read so far. */
  readonly secondsLeft?: number
}

/** How a reading is followed and ended. */
export interface ReadHooks<State> {
  /** Ends the reading: it rejects with the signal's reason. */
  readonly signal: AbortSignal
  progress(progress: SourceProgress): void
  /** Heard once, of a source that reads slowly: the first records of the first question, counted in a state of their own. */
  firstRecords?(question: Question, state: State): void
}

/** A file that could not be read, or not to its end. */
export interface BadFile {
  readonly path: string
  /** A sentence. */
  readonly why: string
}

/** What a source read, and what it did not. */
export interface SourceReport {
  /** The source's name. */
  readonly source: string
  /** What was asked for and could not be read, a sentence each. */
  readonly incomplete: readonly string[]
  /** What the source cannot show to anybody, a sentence each. */
  readonly limits: readonly string[]
  readonly badFiles: readonly BadFile[]
  /** The earliest and the latest moment of which it could have shown a record, where that is known. */
  readonly coveredFrom?: Instant
  readonly coveredUntil?: Instant
  /** API calls made. */
  readonly calls: number
  /** Files read. */
  readonly files: number
  /** Records met, duplicates among them. */
  readonly events: number
  /** Bytes read. */
  readonly bytes: number
}

/** What was counted for each question, by the name of its principal, and for each session that was followed. */
export interface ReadResult<State> {
  readonly states: ReadonlyMap<string, { readonly question: Question; readonly state: State }>
  readonly report: SourceReport
}

/**
 * A place where CloudTrail records come from. All of them count into the same state, each record once, so that the same
 * records give the same answers wherever they were found.
 */
export interface RecordSource<State = ActivityState> {
  /** As the report names it: `CloudTrail event history of us-east-1`, `s3://bucket/prefix`. */
  readonly name: string
  /** Throws Failure when nothing at all could be read; a part that could not be is named in the report. */
  read(asked: ReadRequest, reading: ReadHooks<State>): Promise<ReadResult<State>>
  /** Caches what was read, for the next question. It takes longer than an answer, so it is called after one. */
  fillCache?(range: TimeRange, reading: Pick<ReadHooks<State>, 'signal' | 'progress'>): Promise<void>
}

/** A principal's name in `Gathered.states`. */
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
