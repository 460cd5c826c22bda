import { epochOf, type Instant } from '../../incident/values/instant.ts'
import { fingerprint } from '../fingerprint.ts'
import { eventKeyOf, isUndoEvent } from '../persistence/rules.ts'
import type { CloudTrailRecord } from '../record.ts'
import { inOrder } from './call-totals.ts'
import { joined } from './dictionary.ts'
import {
  fullerOf,
  type KeptEvent,
  keepEarliest,
  keptEvent,
  type WriteEvents,
  writeEventName,
  writeEventsInOrder,
} from './write-events.ts'

/** So many events that may undo something are kept of one resource. */
export const UNDO_EVENTS_KEPT = 2_000

/**
 * Keeps a successful event that may undo something; nothing else of a busy resource matters here. Of events that ask for the same
 * between two moments, only the first is kept: it is the one that undid what was left at the earlier moment.
 */
export const keepUndoEvent = (kept: WriteEvents, record: CloudTrailRecord, moments: readonly Instant[]): void => {
  if (record.outcome !== 'ok' || !isUndoEvent(record.eventSource, record.eventName)) return
  const place = placeAmong(moments, epochOf(record.at))
  if (place === undefined) return
  const asked = fingerprint(whatItAsksFor(record))
  // At a moment itself the event may be the session's own: all are kept.
  const key = Number.isInteger(place) ? joined(asked, writeEventName(record)) : joined(asked, String(place))
  const before = kept.get(key)
  const event = keptEvent(record)
  kept.set(key, before ? firstOf(before, event) : event)
  if (kept.size >= 2 * UNDO_EVENTS_KEPT) keepEarliest(kept, UNDO_EVENTS_KEPT)
}

export const mergeUndoEvents = (into: WriteEvents, other: WriteEvents): void => {
  for (const [key, event] of other) {
    const before = into.get(key)
    into.set(key, before ? firstOf(before, event) : event)
  }
  keepEarliest(into, UNDO_EVENTS_KEPT)
}

/** As many as are kept, in the order of time, however many threads have read them. */
export const undoEventsInOrder = (kept: WriteEvents): readonly CloudTrailRecord[] => {
  keepEarliest(kept, UNDO_EVENTS_KEPT)
  return writeEventsInOrder(kept)
}

/** The earlier one; of one event that was delivered twice, the fuller one. */
const firstOf = (a: KeptEvent, b: KeptEvent): KeptEvent => {
  if (a.name === b.name) return fullerOf(a, b)
  return (a.at - b.at || inOrder(a.name, b.name)) < 0 ? a : b
}

/** The number of the moment that it is, or half a number more between that and the next; undefined before the first. */
const placeAmong = (moments: readonly Instant[], at: number): number | undefined => {
  let low = 0
  let high = moments.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (epochOf(moments[middle] as Instant) <= at) low = middle + 1
    else high = middle
  }
  if (low === 0) return moments.length === 0 ? 0.5 : undefined
  return epochOf(moments[low - 1] as Instant) === at ? low - 1 : low - 0.5
}

const whatItAsksFor = ({ eventSource, eventName, region, accountId, recipientAccountId, request }: CloudTrailRecord): string =>
  joined(eventKeyOf(eventSource, eventName), region, recipientAccountId ?? accountId, JSON.stringify(request))
