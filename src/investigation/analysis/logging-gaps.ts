import type { LoggingGap, TrailChange } from '../../incident/facts/coverage.ts'
import { DAY_MS, floorTo } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { epochOf, type Instant, instantOf, isBefore } from '../../incident/values/instant.ts'
import { rawText, untrusted } from '../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../record.ts'

const STOPS: ReadonlySet<string> = new Set(['StopLogging', 'DeleteTrail', 'StopEventDataStoreIngestion', 'DeleteEventDataStore'])
const STARTS: ReadonlySet<string> = new Set([
  ...['StartLogging', 'CreateTrail', 'StartEventDataStoreIngestion', 'RestoreEventDataStore', 'CreateEventDataStore'],
])

/** The names of events that begin or end a gap. */
export const TRAIL_CHANGES: readonly string[] = [...STOPS, ...STARTS]

/** Whoever switched trails off and on: the text stands in the record of every call of CloudTrail's own API. */
export const CHANGES_OF_TRAILS = { kind: 'trail-changes', value: 'cloudtrail.' } as const

/** When the day began. */
export const dayOf = (at: Instant): Instant => instantOf(new Date(floorTo(epochOf(at), DAY_MS)))

/** Whether a call switched a trail off or on. What it asked for is not read, because most records are no such call. */
export const isTrailChange = ({ eventSource, eventName, outcome }: CloudTrailRecord): boolean =>
  eventSource === 'cloudtrail.amazonaws.com' && outcome === 'ok' && TRAIL_CHANGES.includes(eventName)

/** The change of a trail that a record shows; undefined for a call that failed, and for any other record. */
export const trailChangeOf = (record: CloudTrailRecord): TrailChange | undefined => {
  if (!isTrailChange(record)) return undefined
  const { eventName, request, at, region, eventId } = record
  const named = request?.name ?? request?.trailName ?? request?.eventDataStore
  const trail = typeof named === 'string' ? named.slice(named.lastIndexOf('/') + 1) : 'not named'
  const by = record.sessionArn ?? record.accessKeyId ?? record.principalId ?? record.invokedBy ?? 'unknown'
  return { at, eventName, trail: untrusted(trail), by: untrusted(by), region, eventId }
}

/** The times in which a trail recorded nothing: from each stop to the next start of the same trail, by anybody. */
export const loggingGaps = (changes: Iterable<TrailChange>): readonly LoggingGap[] => {
  const once = new Map([...changes].map((change) => [`${change.eventId} ${change.at}`, change]))
  const inOrder = [...once.values()].sort((a, b) => (isBefore(a.at, b.at) ? -1 : isBefore(b.at, a.at) ? 1 : 0))
  const gaps: LoggingGap[] = []
  const open = new Map<string, TrailChange>()
  for (const change of inOrder) {
    const name = rawText(change.trail)
    const stopped = open.get(name)
    if (STOPS.has(change.eventName)) open.set(name, stopped ?? change)
    else if (stopped) {
      gaps.push({ stopped, started: change })
      open.delete(name)
    }
  }
  return [...gaps, ...[...open.values()].map((stopped) => ({ stopped, ...given({ started: undefined }) }))]
}
