import { setMaxListeners } from 'node:events'
import type { AwsClients } from '../../aws/clients.ts'
import type { AwsClock } from '../../aws/clock.ts'
import { failureOf } from '../../aws/failure.ts'
import { MINUTE_SECONDS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { type Instant, isBefore, plus, secondsBetween } from '../../incident/values/instant.ts'
import { globalRegions } from '../../incident/values/partition.ts'
import { notFollowed } from '../analysis/chained-sessions.ts'
import { foldAll } from '../analysis/fold.ts'
import { isCallOf } from '../question.ts'
import { type readRecord, readWholeRecord } from '../read-record.ts'
import type { CloudTrailRecord } from '../record.ts'
import {
  type FoldMaker,
  handingOn,
  type ReadHooks,
  type ReadRequest,
  type ReadResult,
  type RecordSource,
  recordsOnly,
  type SourceReport,
} from '../source.ts'
import { type HistoryCursor, readCursor } from './event-history/cursor.ts'
import { beginHistoryRun, firstSeenOf, type HistoryRun, lookupCursors, readJobs, takePage } from './event-history/history-run.ts'
import { causeTargets, type Job, nextJobs } from './event-history/lookup-plan.ts'
import { gapsOf, type RegionLookup } from './event-history/region-lookup.ts'
import { type RawEvents, type RegionReader, regionReader, secondsLeft } from './event-history/region-reader.ts'
import { countUnfollowed, matchersFor } from './log-files/match/matchers.ts'
import { EVENT_HISTORY_SECONDS } from './lookup-events.ts'

/** A page of event history, to be kept: with the cursor, so that another reading can go on behind it. */
export interface HistoryPage {
  /** The records as CloudTrail answered them, JSON texts. They hold session tokens until they are redacted. */
  readonly events: RawEvents
  readonly cursor: HistoryCursor
}

export interface EventHistoryOptions<State> {
  /** At least one. The Region in which global services are recorded is added. */
  readonly regions: readonly string[]
  /** Why the account may use other Regions too, in a sentence. */
  readonly regionsNote?: string
  readonly cloudtrail: (region: string) => AwsClients['cloudtrail']
  readonly clock: Pick<AwsClock, 'now' | 'sleep'>
  readonly make: FoldMaker<State>
  /** Makes a record of an event. */
  readonly readDocument?: typeof readRecord
  /** So many calls a Region may be spent on what is only to be compared with. Two are made in a second. */
  readonly baselineCalls?: number
  /** So many names of instances, roles, users and keys are looked up for what was done to them. */
  readonly causeNames?: number
  /** Hears each page; the reading goes on when it resolves. */
  readonly page?: (page: HistoryPage) => void | Promise<void>
  /** Where an earlier reading of the same questions ended, and the events that it had read. */
  readonly resume?: { readonly cursor: unknown; readonly events: Iterable<string> }
}

/** CloudTrail delivers within about 5 minutes on average, and hardly ever later than this. Seconds. */
const LAG = 15 * MINUTE_SECONDS
const BASELINE_CALLS = 120

const LIMITS = [
  'Event history holds management events only: reads of S3 objects and other data events are not in it.',
  'Events reach it about 5 minutes after the call, some only after 15.',
]

/** Each name is a lookup in each Region, and two calls are made in a second; so many of each round and Region are spent on it. */
const MOST_CAUSE_NAMES = 10
const CAUSE_CALLS = 40

const CONTEXT =
  'Event history is searched for what was done to the instance, the role, the user and the key by the resources that CloudTrail lists with an event: a change that lists none is not found. It cannot be searched by address: read the log files with --logs for who else called from there.'

/** Each name is a lookup in each Region, and two are made in a second. */
const MOST_NAMES_LOOKED_UP = 30

const NAMED_ONLY =
  'event history finds what others undid by the resources that CloudTrail lists with an event: a change that lists none is not found'

/**
 * CloudTrail's event history ("Viewing CloudTrail events"): LookupEvents in all Regions at once, for all that is asked, and
 * for the principals that this leads to. One attribute is all that a lookup may have, so the most selective one is asked first.
 */
export const eventHistory = <State>(options: EventHistoryOptions<State>): RecordSource<State> => {
  const regions = [...new Set([...options.regions, ...globalRegions(options.regions[0] ?? '')])]
  const name = `CloudTrail event history of ${regions.join(', ')}`
  return {
    name,
    resourceQuestions: { most: MOST_NAMES_LOOKED_UP, limit: NAMED_ONLY },
    read: (asked, reading) => readHistory(name, regions, options, asked, reading),
    readRecords: async (asked, range, reading, take) => {
      const questions = recordsOnly(asked)
      const { resume: _, page: __, ...rest } = options
      const again = { ...rest, make: handingOn(questions, take), readDocument: readWholeRecord, baselineCalls: 0, causeNames: 0 }
      const { report } = await readHistory(name, regions, again, { questions, followChainedSessions: false, range }, reading)
      return report
    },
  }
}

const readHistory = async <State>(
  name: string,
  regions: readonly string[],
  options: EventHistoryOptions<State>,
  asked: ReadRequest,
  reading: ReadHooks<State>,
): Promise<ReadResult<State>> => {
  const { clock, resume } = options
  const begun = readCursor(resume?.cursor, nameOfAsked(asked))
  const now = begun?.begun ?? clock.now()
  // Whoever reads by attributes has not read the whole account.
  const questions = asked.questions.map((question) => ({ ...question, wholeAccount: false }))
  const oldest = plus(now, -EVENT_HISTORY_SECONDS)
  const run = beginHistoryRun(matchersFor({ ...asked, questions }, options.make, options.readDocument), oldest, begun)
  if (begun && resume) takePage(run, [...resume.events])
  // Every call of every Region listens to it.
  setMaxListeners(0, reading.signal)
  const readers: RegionReader[] = []
  const onPage = pageHandler({ options, asked, reading, run, readers, now, started: clock.now() })
  for (const region of regions)
    readers.push(regionReader({ region, client: options.cloudtrail(region), clock, signal: reading.signal, page: onPage }))
  const causeNames = options.causeNames ?? MOST_CAUSE_NAMES
  await readAll(run, readers, { asked: asked.range, oldest, now, causeNames }, options.baselineCalls ?? BASELINE_CALLS)
  return {
    states: run.matchers.states,
    report: reportOf(name, run, readers, { asked, oldest, now, causeNames, ...given({ regionsNote: options.regionsNote }) }),
  }
}

/** What a cursor is good for: the very same questions. */
const nameOfAsked = ({ questions, followChainedSessions, range }: ReadRequest): string =>
  JSON.stringify([questions, followChainedSessions, range])

const readAll = async <State>(
  run: HistoryRun<State>,
  readers: readonly RegionReader[],
  outlook: { readonly asked: ReadRequest['range']; readonly oldest: Instant; readonly now: Instant; readonly causeNames: number },
  baselineCalls: number,
): Promise<void> => {
  const planned = new Set<string>()
  const plan = () => nextJobs(run.matchers, planned, { ...outlook, firstSeen: firstSeenOf(run) })
  for (let jobs = plan(); jobs.length > 0; jobs = plan()) await readJobs(run, readers, jobs, callsFor(jobs, baselineCalls))
  const trouble = readers.map((reader) => reader.trouble()).find((each) => each !== undefined)
  if (trouble && readers.every((reader) => reader.answers() === 0))
    throw failureOf(trouble.error, 'read CloudTrail’s event history')
}

/** Jobs come with one reason at a time, or with those who are asked about. */
const callsFor = (jobs: readonly Job[], baselineCalls: number): number => {
  if (jobs.every(({ reason }) => reason === 'cause')) return CAUSE_CALLS
  return jobs.every(({ reason }) => reason === 'sibling' || reason === 'baseline') ? baselineCalls : Number.POSITIVE_INFINITY
}

interface PageHandling<State> {
  readonly options: EventHistoryOptions<State>
  readonly asked: ReadRequest
  readonly reading: ReadHooks<State>
  readonly run: HistoryRun<State>
  readonly readers: readonly RegionReader[]
  /** AWS's time, at the first beginning and at this one. */
  readonly now: Instant
  readonly started: Instant
}

/** Pages that tell how many are left. A few tell only how busy somebody was last, which is mostly the attacker: that is no measure. */
const PAGES_BEFORE_ESTIMATE = 10

/** What happens with each page: it is counted, shown, and handed on to be kept. */
const pageHandler = <State>({ options, asked, reading, run, readers, now, started }: PageHandling<State>) => {
  let isEarly = true
  const reportEarly = (records: readonly CloudTrailRecord[]): void => {
    const [question] = run.matchers.asked.questions
    if (!isEarly || !question || !records.some((record) => isCallOf(question.principal, record))) return
    isEarly = false
    reading.firstRecords?.(question, foldAll(options.make(question), records))
  }
  return async (events: RawEvents): Promise<void> => {
    reportEarly(takePage(run, events))
    const seconds = secondsBetween(started, options.clock.now())
    const done = callsOf(readers)
    const left = done < PAGES_BEFORE_ESTIMATE ? {} : { secondsLeft: secondsLeft([...run.lookups.values()], readers, seconds) }
    reading.progress({ unit: 'page', done, events: run.events, seconds, ...left })
    const cursor: HistoryCursor = { version: 1, begun: now, asked: nameOfAsked(asked), lookups: lookupCursors(run) }
    await options.page?.({ events, cursor })
  }
}

const callsOf = (readers: readonly RegionReader[]): number => readers.reduce((sum, reader) => sum + reader.calls(), 0)

interface Span {
  readonly regionsNote?: string
  readonly asked: ReadRequest
  readonly oldest: Instant
  readonly now: Instant
  readonly causeNames: number
}

const reportOf = <State>(source: string, run: HistoryRun<State>, readers: readonly RegionReader[], span: Span): SourceReport => ({
  source,
  incomplete: [...new Set(incompleteOf(run, readers, span))],
  limits: LIMITS,
  contextNotRead: CONTEXT,
  badFiles: [],
  coveredFrom: span.oldest,
  coveredUntil: plus(span.now, -LAG),
  calls: callsOf(readers),
  files: 0,
  events: run.events,
  bytes: 0,
})

const incompleteOf = <State>(
  run: HistoryRun<State>,
  readers: readonly RegionReader[],
  { asked, oldest, causeNames, regionsNote }: Span,
): string[] => {
  const unreadable = readers.filter((reader) => reader.trouble() !== undefined)
  const isUnreadable = ({ region }: RegionLookup) => unreadable.some((reader) => reader.region === region)
  const isBegun = ({ windows }: RegionLookup) => windows.some(({ pages }) => pages > 0)
  const { questions, range } = asked
  const unnamed = causeNames === 0 ? 0 : Math.max(0, causeTargets(run.matchers).length - causeNames)
  const isOlder = [range.from, ...questions.map(({ scope }) => scope.from)].some((from) => from && isBefore(from, oldest))
  return [
    ...(regionsNote ? [regionsNote] : []),
    ...unreadable.map((reader) => `CloudTrail in ${reader.region} could not be read: ${reader.trouble()?.why}`),
    ...[...run.lookups.values()].filter((lookup) => isBegun(lookup) || !isUnreadable(lookup)).flatMap(gapsOf),
    ...notFollowed(countUnfollowed([run.matchers.unfollowed], run.matchers.states), true),
    ...run.sessions.leftOut(),
    ...(unnamed > 0 ? [`what was done to ${unnamed} more instances, roles, users and keys was not looked up`] : []),
    ...(run.unreadable > 0 ? [`${run.unreadable} events of the history could not be read: they are not valid records`] : []),
    ...(isOlder ? [`event history goes back 90 days: calls before ${oldest} are not in it`] : []),
    ...(questions.some(({ wholeAccount }) => wholeAccount)
      ? ['event history is read by key and by session: what is new for the whole account cannot be known from it']
      : []),
  ]
}
