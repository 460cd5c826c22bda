import { LONGEST_ROLE_SESSION_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, later, plus } from '../../../incident/values/instant.ts'
import { isCallOf, type Question } from '../../question.ts'
import type { readRecord } from '../../read-record.ts'
import type { CloudTrailRecord } from '../../record.ts'
import { principalName } from '../../source.ts'
import { countRecord, type Matchers } from '../log-files/match/matchers.ts'
import type { HistoryCursor } from './cursor.ts'
import type { Job } from './lookup-plan.ts'
import { asResource, type LookupBy, type RoleSessions, roleSessions, waysToFind } from './lookups.ts'
import {
  beginLookup,
  continueLookup,
  type LookupCursor,
  type LookupRange,
  lookupCursorOf,
  lookupKeyOf,
  type RegionLookup,
} from './region-lookup.ts'
import type { RawEvents, RegionReader } from './region-reader.ts'

/** What was looked up in the course of one reading, and what is known of who to look up. */
export interface LookupResults {
  /** By Region, attribute and range. */
  readonly lookups: Map<string, RegionLookup>
  readonly sessions: RoleSessions
  readonly firstSeen: Map<string, Instant>
  readonly resumed: Readonly<Record<string, LookupCursor>>
  /** The history goes back to here. */
  readonly oldest: Instant
}

export interface HistoryRun<State> extends LookupResults {
  readonly matchers: Matchers<State>
  events: number
  /** Events whose JSON text could not be read. */
  unreadable: number
}

export const beginHistoryRun = <State>(
  matchers: Matchers<State>,
  oldest: Instant,
  cursor: HistoryCursor | undefined,
): HistoryRun<State> => {
  const sessions = roleSessions()
  for (const { principal } of matchers.targets.values()) sessions.follow(principal)
  return {
    ...{ matchers, sessions, lookups: new Map(), firstSeen: new Map() },
    ...{ oldest, resumed: cursor?.lookups ?? {}, events: 0, unreadable: 0 },
  }
}

/** Counts a page's events; gives them as records. */
export const takePage = <State>(run: HistoryRun<State>, events: RawEvents): readonly CloudTrailRecord[] => {
  const records = events.map((text) => recordIn(text, run.matchers.read)).filter((record) => record !== undefined)
  run.events += events.length
  run.unreadable += events.length - records.length
  for (const record of records) takeRecord(run, record)
  return records
}

const recordIn = (text: string, read: typeof readRecord): CloudTrailRecord | undefined => {
  try {
    return read(JSON.parse(text))
  } catch {
    return undefined
  }
}

const takeRecord = <State>({ matchers, sessions, firstSeen }: HistoryRun<State>, record: CloudTrailRecord): void => {
  for (const { principal, isContext } of countRecord(matchers, record)) if (!isContext) sessions.follow(principal)
  sessions.note(record)
  for (const { principal } of matchers.asked.questions) {
    const name = principalName(principal)
    const before = firstSeen.get(name)
    if (isCallOf(principal, record) && !(before && isBefore(before, record.at))) firstSeen.set(name, record.at)
  }
}

/** How far each lookup has come; those that are done have no windows left. */
export const lookupCursors = ({ lookups, resumed }: LookupResults): HistoryCursor['lookups'] => ({
  ...resumed,
  ...Object.fromEntries([...lookups].map(([key, lookup]) => [key, lookupCursorOf(lookup)])),
})

/** Looks the jobs up in all Regions together, with so many calls a Region at most. */
export const readJobs = async (
  run: LookupResults,
  readers: readonly RegionReader[],
  jobs: readonly Job[],
  most: number,
): Promise<void> => {
  const before = new Map(readers.map((reader) => [reader, reader.calls()]))
  const read = (wanted: readonly Wanted[]): Promise<unknown> =>
    Promise.all(
      readers.map((reader) => {
        const fresh = wanted.flatMap((each) => freshLookup(run, reader.region, each))
        const calls = most - reader.calls() + (before.get(reader) ?? 0)
        return fresh.length === 0 ? undefined : reader.read(fresh, { calls, why: `stopped after ${most} calls` })
      }),
    )
  await read(jobs.flatMap((job) => [...ownLookups(job), ...sessionLookups(run, job)]))
  const whole = jobs.filter(({ reason }) => reason !== 'sibling' && reason !== 'cause')
  await read(
    whole.flatMap(({ principal, range }) => waysToFind(principal).issues.map((by) => ({ by, range: withIssues(run, range) }))),
  )
  // Sessions may obtain sessions of their own role.
  for (let names = newNames(run, whole); names.length > 0; names = newNames(run, whole)) await read(names)
}

const withIssues = ({ oldest }: LookupResults, { from, until }: LookupRange): LookupRange => ({
  from: later(oldest, plus(from, -LONGEST_ROLE_SESSION_SECONDS)),
  until,
})

interface Wanted {
  readonly by: LookupBy | undefined
  readonly range: LookupRange
}

/** A chained session's key was found in the call that issued it, so that is not looked for again. */
const ownLookups = ({ principal, range, reason }: Job): Wanted[] => {
  if (reason === 'cause') return [{ by: asResource(principal), range }]
  const { own } = waysToFind(principal)
  return own.slice(0, reason === 'asked' ? own.length : 1).map((by) => ({ by, range }))
}

const sessionLookups = ({ sessions }: LookupResults, { principal, range, reason }: Job): Wanted[] =>
  (reason === 'cause' ? [] : sessions.names(principal)).map((value) => ({ by: { attribute: 'Username', value }, range }))

const newNames = (run: LookupResults, jobs: readonly Job[]): Wanted[] =>
  jobs.flatMap((job) => sessionLookups(run, job)).filter(({ by, range }) => !isBegun(run, by, range))

const isBegun = ({ lookups }: LookupResults, by: LookupBy | undefined, range: LookupRange): boolean =>
  [...lookups.keys()].some((key) => key.endsWith(lookupKeyOf('', by, range)))

const freshLookup = ({ lookups, resumed }: LookupResults, region: string, { by, range }: Wanted): RegionLookup[] => {
  const key = lookupKeyOf(region, by, range)
  if (lookups.has(key)) return []
  const cursor = resumed[key]
  const lookup = cursor ? continueLookup(region, by, cursor) : beginLookup(region, by, range)
  lookups.set(key, lookup)
  return [lookup]
}

/** When the principal of a question was first seen. */
export const firstSeenOf =
  ({ firstSeen }: LookupResults) =>
  ({ principal }: Question): Instant | undefined =>
    firstSeen.get(principalName(principal))
