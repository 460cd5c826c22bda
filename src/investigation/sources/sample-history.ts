import type { AwsClients } from '../../aws/clients.ts'
import { emptyAnswer, unreadReason } from '../../aws/failure.ts'
import { type Instant, isBefore, later } from '../../incident/values/instant.ts'
import type { CloudTrailRecord } from '../record.ts'
import { roleSessions, waysToFind } from './event-history/lookups.ts'
import { type Lookup, pageOfEvents, recordsOf } from './lookup-events.ts'

/** Whose history is sampled: the sessions of one role, the named one first. */
export interface SampledRole {
  readonly roleArn: string
  readonly sessionName: string
  readonly from: Instant
  readonly until: Instant
}

/** How much a sample may read. LookupEvents gives 2 pages a second, of 50 events each, in an account and Region. */
export interface SampleBudget {
  pages: number
  /** No page is asked for later than this (AWS's time). */
  readonly deadline: Instant
}

/** Where a sample is read, and what ends it. */
export interface SampledRegion {
  readonly region: string
  readonly client: AwsClients['cloudtrail']
  now(): Instant
  /** The run's own: its end is the run's end. */
  readonly signal: AbortSignal
  /** Ends a page that does not come in time. */
  readonly tooLate: AbortSignal
}

/** Records of one Region, newest first in each session. */
export interface RegionSample {
  readonly records: readonly CloudTrailRecord[]
  /** Every session that was looked up is read back to this instant; undefined where nothing was read. */
  readonly readBackTo?: Instant
  /** Why something may be missing, a sentence each. */
  readonly incomplete: readonly string[]
}

/** One session's calls, as far as they are read. */
interface Reading {
  readonly lookup: Lookup
  token?: string | undefined
  readonly tokens: Set<string>
  reached: Instant
  pages: number
  isDone: boolean
}

/** Other sessions of the role that are looked up. Each takes a page at the least. */
const OTHER_SESSIONS = 5

/**
 * A sample of a role's calls in one Region's event history, newest first: the named session's, and those of the sessions that were
 * issued last before the end. It stops at the budget's end and says how far back it came. What LookupEvents refuses is a sentence.
 * Thrown is what concerns the whole run: the responder's own credentials, an interruption, a bug.
 */
export const sampleHistory = async (role: SampledRole, place: SampledRegion, budget: SampleBudget): Promise<RegionSample> => {
  const records = new Map<string, CloudTrailRecord>()
  const incomplete = new Set<string>()
  const read = async (reading: Reading): Promise<readonly CloudTrailRecord[]> => readPage(reading, place, incomplete)
  const own = readingOf({ attribute: 'Username', value: role.sessionName, from: role.from, until: role.until })
  const sessions = [own]
  const issues = readingOf({ attribute: 'ResourceName', value: role.roleArn, from: role.from, until: role.until })
  for (let first = true; ; first = false) {
    const open = sessions.filter(({ isDone }) => !isDone)
    const round = [...open, ...(first ? [issues] : [])].slice(0, budget.pages)
    if (round.length === 0 || !isBefore(place.now(), budget.deadline)) break
    budget.pages -= round.length
    const pages = await Promise.all(round.map(async (reading) => ({ reading, found: await read(reading) })))
    for (const { reading, found } of pages) {
      if (reading === issues) sessions.push(...otherSessions(role, found, incomplete).map(readingOf))
      else for (const record of found) records.set(record.eventId, record)
    }
  }
  const notBegun = sessions.filter(({ pages, isDone }) => pages === 0 && !isDone).length
  if (notBegun > 0) incomplete.add(`${notBegun} sessions of the role in ${place.region} were not looked up: the time was over`)
  const begun = sessions.filter(({ pages }) => pages > 0)
  const [readBackTo] = begun.map(({ reached }) => reached).sort((a, b) => (isBefore(a, b) ? 1 : -1))
  return { records: [...records.values()], incomplete: [...incomplete], ...(readBackTo ? { readBackTo } : {}) }
}

const readingOf = (lookup: Lookup): Reading => ({
  lookup,
  tokens: new Set(),
  reached: lookup.until,
  pages: 0,
  isDone: false,
})

/** One more page of a session. A page that is refused, or does not come in time, is the session's last. */
const readPage = async (
  reading: Reading,
  { region, client, signal, tooLate }: SampledRegion,
  incomplete: Set<string>,
): Promise<readonly CloudTrailRecord[]> => {
  const { lookup, token } = reading
  try {
    const { items, next } = await pageOfEvents(client, lookup, token, AbortSignal.any([signal, tooLate]))
    if (items === undefined) throw emptyAnswer('cloudtrail:LookupEvents', 'events')
    const records = recordsOf(items)
    const isLast = next === undefined || next === ''
    const isRepeated = !isLast && reading.tokens.has(next)
    if (isRepeated) incomplete.add(`CloudTrail in ${region} repeated a page token: the rest is not read`)
    reading.pages += 1
    reading.isDone = isLast || isRepeated
    reading.token = next
    if (next !== undefined) reading.tokens.add(next)
    reading.reached = isLast ? lookup.from : (records.at(-1)?.at ?? reading.reached)
    if (records.length < items.length) incomplete.add(`${items.length - records.length} records in ${region} could not be read`)
    return records
  } catch (error) {
    const why = !signal.aborted && tooLate.aborted ? 'did not answer in time' : unreadReason(error)
    if (why === undefined) throw error
    reading.isDone = true
    incomplete.add(`CloudTrail in ${region} could not be read: cloudtrail:LookupEvents ${why}`)
    return []
  }
}

/** Sessions of the role that were issued by these calls, newest first: LookupEvents finds a role's calls by their names only. */
const otherSessions = (
  { roleArn, sessionName, from, until }: SampledRole,
  issues: readonly CloudTrailRecord[],
  incomplete: Set<string>,
): readonly Lookup[] => {
  const role = { kind: 'role' as const, value: roleArn }
  const sessions = roleSessions()
  sessions.follow(role)
  for (const record of issues) sessions.note(record)
  const others = sessions.names(role).filter((name) => name !== sessionName)
  const left = others.length - OTHER_SESSIONS
  if (left > 0) incomplete.add(`${left} other sessions of the role were not looked up`)
  return others
    .slice(0, OTHER_SESSIONS)
    .flatMap((name) => waysToFind({ kind: 'session', value: name }).own.flatMap((way) => (way ? [{ ...way, from, until }] : [])))
}

/** The newest instant to which all of these samples are read back; undefined where nothing was read. */
export const readBackOf = (samples: readonly RegionSample[]): Instant | undefined =>
  samples.reduce<Instant | undefined>(
    (newest, { readBackTo }) => (newest && readBackTo ? later(newest, readBackTo) : (newest ?? readBackTo)),
    undefined,
  )
