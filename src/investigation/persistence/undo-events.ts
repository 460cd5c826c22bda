import { epochOf } from '../../incident/values/instant.ts'
import type { CloudTrailRecord } from '../record.ts'
import type { Json } from '../record-parameters.ts'
import { HOLDER_DELETIONS } from './holder-deletions.ts'
import { blocksAllPublicAccess, recordsAllManagementEvents } from './payload/logging.ts'
import { namesOf } from './placeholders.ts'
import { eventKeyOf, isUndoEvent } from './rules.ts'

/** An event that may undo something, with its place in the order of time. */
export interface UndoEvent {
  readonly record: CloudTrailRecord
  readonly order: number
}

/** How an event names something: in any text of its request, as what it deletes, or as what it sets back to a safe setting. */
export type NamedAs = 'text' | 'deleted' | 'made safe'

/** The events after a moment that may undo something there, in its account and Region. */
export interface LaterEvents {
  /** All of one kind (`iam:DeleteUser`), in the order of time. */
  readonly all: (event: string) => Iterable<UndoEvent>
  /** Those of one kind that name this, in the order of time; of several names, that of which there are the fewest. */
  readonly naming: (event: string, as: NamedAs, names: readonly string[]) => Iterable<UndoEvent>
}

interface Candidate extends UndoEvent {
  readonly at: number
  /** In the session's events; beyond the last of them for events of others. */
  readonly place: number
}

/**
 * Gives for each event the later ones that may undo it, of the session and of everybody else. They are found by what they name:
 * thousands of events that leave something, and thousands that undo something else, do not look at one another.
 */
export const undoEventsAfter = (
  own: readonly CloudTrailRecord[],
  others: readonly CloudTrailRecord[],
): ((record: CloudTrailRecord, index: number) => LaterEvents) => {
  const byName = new Map<string, Candidate[]>()
  for (const candidate of candidatesOf(own, others))
    for (const key of keysOf(candidate.record)) {
      const known = byName.get(key)
      if (known) known.push(candidate)
      else byName.set(key, [candidate])
    }
  return (record, index) => {
    const place = placeOf(record)
    const from = epochOf(record.at)
    const list = (...parts: readonly string[]): readonly Candidate[] => byName.get(keyOf(place, ...parts)) ?? NONE
    return {
      all: (event) => after(list(event), from, index),
      naming: (event, as, names) => after(shortest(names.map((name) => list(event, as, name))), from, index),
    }
  }
}

const NONE: readonly Candidate[] = []

const candidatesOf = (own: readonly CloudTrailRecord[], others: readonly CloudTrailRecord[]): readonly Candidate[] =>
  [...own.map((record, place) => ({ record, place })), ...others.map((record) => ({ record, place: own.length }))]
    .filter(({ record: { eventSource, eventName, outcome } }) => outcome === 'ok' && isUndoEvent(eventSource, eventName))
    .map((candidate) => ({ ...candidate, at: epochOf(candidate.record.at) }))
    .sort((x, y) => x.at - y.at)
    .map((candidate, order) => ({ ...candidate, order }))

const shortest = (lists: readonly (readonly Candidate[])[]): readonly Candidate[] =>
  lists.reduce((least, list) => (list.length < least.length ? list : least), lists[0] ?? NONE)

function* after(candidates: readonly Candidate[], from: number, index: number): Generator<UndoEvent> {
  for (let at = firstSince(candidates, from); at < candidates.length; at += 1) {
    const candidate = candidates[at]
    if (candidate && candidate.place > index) yield candidate
  }
}

/** By bisection: the lists are in the order of time. */
const firstSince = (candidates: readonly Candidate[], from: number): number => {
  let low = 0
  let high = candidates.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((candidates[middle]?.at ?? 0) < from) low = middle + 1
    else high = middle
  }
  return low
}

const keyOf = (...parts: readonly string[]): string => parts.join('\n')

const keysOf = (record: CloudTrailRecord): ReadonlySet<string> => {
  const place = placeOf(record)
  const event = eventKeyOf(record.eventSource, record.eventName)
  const under = (as: NamedAs, names: readonly string[]): readonly string[] => names.map((name) => keyOf(place, event, as, name))
  return new Set([
    keyOf(place, event),
    ...under('text', textsIn(record.request)),
    ...under('deleted', deletedBy(event, record).map(lastPartOfName)),
    ...under('made safe', madeSafeBy(event, record).map(lastPartOfName)),
  ])
}

/** Words under which deletions name one thing where other events name it otherwise. */
const ALSO_NAMED: Readonly<Record<string, readonly string[]>> = { instance: ['instance', 'instances'] }

/** What an event deletes with all that was put on it. A version of a function leaves the others. */
export const deletedBy = (event: string, record: CloudTrailRecord): readonly string[] => {
  const word = HOLDER_DELETIONS.get(event)
  if (word === undefined || record.request?.qualifier !== undefined) return []
  return (ALSO_NAMED[word] ?? [word]).flatMap((other) => namesOf(other, record))
}

/** A setting that is safe or not, by the request that sets it, and the word for what has it. */
export const SAFE_SETTINGS: ReadonlyMap<string, readonly [isSafe: (request: Json) => boolean, word: string]> = new Map([
  ['cloudtrail:PutEventSelectors', [recordsAllManagementEvents, 'trail']],
  ['s3:PutBucketPublicAccessBlock', [blocksAllPublicAccess, 'bucket']],
  ['s3:PutAccountPublicAccessBlock', [blocksAllPublicAccess, 'account']],
])

const madeSafeBy = (event: string, record: CloudTrailRecord): readonly string[] => {
  const [isSafe, word] = SAFE_SETTINGS.get(event) ?? []
  return isSafe && word !== undefined && isSafe(record.request ?? {}) ? namesOf(word, record) : []
}

/** Another account or Region may have something of the same name. */
const placeOf = (record: CloudTrailRecord): string =>
  keyOf(record.eventSource, accountOfRecord(record) ?? '', isGlobal(record) ? '' : record.region)

/** The account that an event is about. */
export const accountOfRecord = ({ recipientAccountId, accountId }: CloudTrailRecord): string | undefined =>
  recipientAccountId ?? accountId

/** Services whose API is the same in every Region. */
const GLOBAL: ReadonlySet<string> = new Set(['iam', 'organizations', 'account'])

/** Whether the service of an event is the same in every Region. */
export const isGlobal = ({ eventSource }: CloudTrailRecord): boolean => GLOBAL.has(eventSource.split('.', 1)[0] ?? '')

/** The texts of a request, wherever they stand in it. */
export const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** A name and the ARN that ends with it have one last part. */
export const lastPartOfName = (name: string): string => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1)
