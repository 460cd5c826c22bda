import { epochOf } from '../../incident/values/instant.ts'
import { fingerprint } from '../fingerprint.ts'
import { outboundTokenOf } from '../outbound-tokens.ts'
import { eventKeyOf, isPersistenceEvent } from '../persistence/rules.ts'
import type { CloudTrailRecord } from '../record.ts'
import { type EventCategory, isTokenIssue } from '../record-parameters.ts'
import { type Api, inOrder } from './call-totals.ts'
import { joined } from './dictionary.ts'

/**
 * Records that are kept whole, because the call may have made, changed, removed or issued something. An attacker can make
 * millions of such calls: the earliest of each API are kept, so that many calls of one do not hide a rare one; the counter counts all.
 */
export type WriteEvents = Map<string, KeptEvent>

/** A record as text: tens of thousands of objects take several times the memory, in each thread. */
export interface KeptEvent {
  /** As `writeEventName` gives it. */
  readonly name: string
  readonly at: number
  readonly eventId: string
  /** The API and how the call ended. */
  readonly call: string
  readonly isUpdate: boolean
  /** The members that many records have in common, one text for all of these. */
  readonly common: string
  /** All other members. */
  readonly own: string
}

export const keptEvent = (record: CloudTrailRecord): KeptEvent => {
  const { eventId, at, requested, resources, request, response, issuedAccessKeyId, sharedEventId, requestId, ...common } = record
  // What a record touched is counted elsewhere; a record as it was read would make it here.
  const { touched: _, ...who } = common
  const { eventSource, eventName, outcome, isUpdate = false } = record
  return {
    ...{ name: writeEventName(record), at: epochOf(at), eventId, isUpdate },
    call: oneText(joined(eventKeyOf(eventSource, eventName), outcome)),
    common: oneText(JSON.stringify(who)),
    own: JSON.stringify({ eventId, at, requested, resources, request, response, issuedAccessKeyId, sharedEventId, requestId }),
  }
}

/** The record that was kept. */
export const keptRecord = ({ common, own }: KeptEvent): CloudTrailRecord =>
  // V8 keeps an object that the parser has made in a quarter of the memory of one that is put together; the values are the common ones.
  Object.assign(JSON.parse(`${common.slice(0, -1)},${own.slice(1)}`), membersIn(common))

const texts = new Map<string, string>()
const members = new Map<string, Partial<CloudTrailRecord>>()
const MOST_TEXTS = 500

/** The same text once in memory, whatever many records hold it. */
const oneText = (text: string): string => {
  const known = texts.get(text)
  if (known !== undefined) return known
  if (texts.size >= MOST_TEXTS) texts.clear()
  texts.set(text, text)
  return text
}

const membersIn = (common: string): Partial<CloudTrailRecord> => {
  const known = members.get(common)
  if (known !== undefined) return known
  const parsed = JSON.parse(common) as Partial<CloudTrailRecord>
  if (members.size >= MOST_TEXTS) members.clear()
  members.set(common, parsed)
  return parsed
}

const WRITE_EVENTS_KEPT = 20_000
const MOST_BEFORE_LETTING_GO = 1.5 * WRITE_EVENTS_KEPT

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
  keepFuller(writeEvents, keptEvent(record))
  if (writeEvents.size >= MOST_BEFORE_LETTING_GO) keepEarliest(writeEvents)
}

export const mergeWriteEvents = (into: WriteEvents, other: WriteEvents): void => {
  // A thread that sends its records sends every text as often as it is held.
  for (const event of other.values()) keepFuller(into, { ...event, call: oneText(event.call), common: oneText(event.common) })
  keepEarliest(into)
}

const keepFuller = (writeEvents: WriteEvents, event: KeptEvent): void => {
  const before = writeEvents.get(event.name)
  writeEvents.set(event.name, before ? fullerOf(before, event) : event)
}

/** The one of two deliveries of an event that is kept, whichever was read first: CloudTrail's update, or the one with more in it. */
export const fullerOf = (a: KeptEvent, b: KeptEvent): KeptEvent => {
  if (a.isUpdate !== b.isUpdate) return a.isUpdate ? a : b
  const [textOfA, textOfB] = [a.own + a.common, b.own + b.common]
  if (textOfA.length !== textOfB.length) return textOfA.length > textOfB.length ? a : b
  return textOfA <= textOfB ? a : b
}

/** The records in the order in which they happened. */
export const writeEventsInOrder = (writeEvents: WriteEvents): readonly CloudTrailRecord[] =>
  keptOf(writeEvents).map(([, event]) => keptRecord(event))

/**
 * As many as are kept, in the order of time: of each API and outcome the first, then of each the second, and so on. What is kept does
 * not depend on the order in which the records were read.
 */
const keptOf = (writeEvents: WriteEvents, most: number = WRITE_EVENTS_KEPT): readonly (readonly [id: string, KeptEvent])[] => {
  const events = [...writeEvents].sort(
    ([idOfA, a], [idOfB, b]) => a.at - b.at || inOrder(a.eventId, b.eventId) || inOrder(idOfA, idOfB),
  )
  if (events.length <= most) return events
  const counts = new Map<string, number>()
  const places = new Map<string, number>()
  for (const [id, { call }] of events) {
    const place = counts.get(call) ?? 0
    counts.set(call, place + 1)
    places.set(id, place)
  }
  const placeOf = ([id]: readonly [string, KeptEvent]): number => places.get(id) ?? 0
  const kept = new Set(events.toSorted((a, b) => placeOf(a) - placeOf(b)).slice(0, most))
  return events.filter((event) => kept.has(event))
}

/** Lets go of all but so many: the first of each API are kept. */
export const keepEarliest = (writeEvents: WriteEvents, most: number = WRITE_EVENTS_KEPT): void => {
  if (writeEvents.size <= most) return
  const kept = new Set(keptOf(writeEvents, most).map(([id]) => id))
  for (const id of writeEvents.keys()) if (!kept.has(id)) writeEvents.delete(id)
}

/** What is said where not all write events are kept: their number, and that counts by artefact are of those. */
export const writeEventGaps = (leftOut: number, kept: number): readonly string[] =>
  leftOut === 0
    ? []
    : [
        `${leftOut} more calls may have made, changed or read something; only the records of ${kept} are listed, the first of each API: how often an artefact was left, or a secret read, is the least`,
      ]
