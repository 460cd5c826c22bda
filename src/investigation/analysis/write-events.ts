import { fingerprint } from '../fingerprint.ts'
import { outboundTokenOf } from '../outbound-tokens.ts'
import { eventKeyOf, isPersistenceEvent } from '../persistence/rules.ts'
import { keptRecord } from '../read-record.ts'
import type { CloudTrailRecord } from '../record.ts'
import { type EventCategory, isTokenIssue } from '../record-parameters.ts'
import { type Api, inOrder } from './call-totals.ts'
import { joined } from './dictionary.ts'

/**
 * Records that are kept whole, because the call may have made, changed, removed or issued something. An attacker can make
 * millions of such calls: the earliest of each API are kept, so that many calls of one do not hide a rare one; the counter counts all.
 */
export type WriteEvents = Map<string, CloudTrailRecord>

const WRITE_EVENTS_KEPT = 20_000

/** A network activity event says nothing of what was asked for; the API's record of a call that went through does. */
export const isWriteEvent = ({ eventSource, eventName, category }: Api & { readonly category?: EventCategory }): boolean =>
  category !== 'network' &&
  (isTokenIssue(eventName) ||
    isPersistenceEvent(eventSource, eventName) ||
    outboundTokenOf({ eventSource, eventName }) !== undefined)

/** A name that only this write event has: records of other tools may share an id. */
export const writeEventName = ({ eventId, at, eventName, accessKeyId }: CloudTrailRecord): string =>
  fingerprint(joined(eventId, at, eventName, accessKeyId))

export const keepWriteEvent = (writeEvents: WriteEvents, record: CloudTrailRecord): void => {
  keepFuller(writeEvents, writeEventName(record), record)
  if (writeEvents.size >= 2 * WRITE_EVENTS_KEPT) keepEarliest(writeEvents)
}

export const mergeWriteEvents = (into: WriteEvents, other: WriteEvents): void => {
  for (const [id, record] of other) keepFuller(into, id, record)
  keepEarliest(into)
}

const keepFuller = (writeEvents: WriteEvents, id: string, record: CloudTrailRecord): void => {
  const before = writeEvents.get(id)
  // A copy has the parameters themselves: a record that makes them on use would keep its whole document.
  const copy = keptRecord(record)
  writeEvents.set(id, before ? fullerOf(before, copy) : copy)
}

/** The one of two deliveries of an event that is kept, whichever was read first: CloudTrail's update, or the one with more in it. */
export const fullerOf = (a: CloudTrailRecord, b: CloudTrailRecord): CloudTrailRecord => {
  if ((a.isUpdate ?? false) !== (b.isUpdate ?? false)) return a.isUpdate ? a : b
  const [textOfA, textOfB] = [JSON.stringify(a), JSON.stringify(b)]
  if (textOfA.length !== textOfB.length) return textOfA.length > textOfB.length ? a : b
  return textOfA <= textOfB ? a : b
}

/** The records in the order in which they happened. */
export const writeEventsInOrder = (writeEvents: WriteEvents): readonly CloudTrailRecord[] =>
  keptOf(writeEvents).map(({ record }) => record)

interface KeptEvent {
  readonly id: string
  readonly record: CloudTrailRecord
  readonly at: number
}

/**
 * As many as are kept, in the order of time: of each API and outcome the first, then of each the second, and so on. What is kept does
 * not depend on the order in which the records were read.
 */
const keptOf = (writeEvents: WriteEvents, most: number = WRITE_EVENTS_KEPT): readonly KeptEvent[] => {
  const events = [...writeEvents]
    .map(([id, record]) => ({ id, record, at: Date.parse(record.at) }))
    .sort((a, b) => a.at - b.at || inOrder(a.record.eventId, b.record.eventId) || inOrder(a.id, b.id))
  if (events.length <= most) return events
  const counts = new Map<string, number>()
  const places = new Map<KeptEvent, number>()
  for (const event of events) {
    const { eventSource, eventName, outcome } = event.record
    const name = joined(eventKeyOf(eventSource, eventName), outcome)
    const place = counts.get(name) ?? 0
    counts.set(name, place + 1)
    places.set(event, place)
  }
  const placeOf = (event: KeptEvent): number => places.get(event) ?? 0
  const kept = new Set(events.toSorted((a, b) => placeOf(a) - placeOf(b)).slice(0, most))
  return events.filter((event) => kept.has(event))
}

/** Lets go of all but so many: the first of each API are kept. */
export const keepEarliest = (writeEvents: WriteEvents, most: number = WRITE_EVENTS_KEPT): void => {
  if (writeEvents.size <= most) return
  const kept = new Set(keptOf(writeEvents, most).map(({ id }) => id))
  for (const id of writeEvents.keys()) if (!kept.has(id)) writeEvents.delete(id)
}

/** What is said where not all write events are kept: their number, and that counts by artefact are of those. */
export const writeEventGaps = (leftOut: number, kept: number): readonly string[] =>
  leftOut === 0
    ? []
    : [
        `${leftOut} more calls may have made, changed or read something; only the records of ${kept} are listed, the first of each API: how often an artefact was left, or a secret read, is the least`,
      ]
