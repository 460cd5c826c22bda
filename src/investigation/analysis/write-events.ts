import { fingerprint } from '../fingerprint.ts'
import { leavesSomething } from '../persistence/table.ts'
import type { CloudTrailRecord } from '../record.ts'
import { isTokenIssue } from '../record-parameters.ts'
import { joined } from './dictionary.ts'
import { type Api, inOrder } from './tally.ts'

/**
 * Records kept whole, because something was made, changed, taken away or handed out by them. A thief may make millions of
 * such calls: the earliest are kept, and of all of them the ledger has the count.
 */
export type Deeds = Map<string, CloudTrailRecord>

const DEEDS_KEPT = 20_000

export const isDeed = ({ eventSource, eventName }: Api): boolean =>
  isTokenIssue(eventName) || leavesSomething(eventSource, eventName)

/** What tells a deed from all others: records of other tools may share an id. */
export const deedName = ({ eventId, at, eventName, accessKeyId }: CloudTrailRecord): string =>
  fingerprint(joined(eventId, at, eventName, accessKeyId))

export const keepDeed = (deeds: Deeds, record: CloudTrailRecord): void => {
  deeds.set(deedName(record), record)
  if (deeds.size >= 2 * DEEDS_KEPT) keepEarliest(deeds)
}

export const mergeDeeds = (into: Deeds, other: Deeds): void => {
  for (const [id, record] of other) into.set(id, record)
  keepEarliest(into)
}

/** The records in the order in which they happened. */
export const deedsInOrder = (deeds: Deeds): readonly CloudTrailRecord[] =>
  [...deeds]
    .map(([id, record]) => ({ id, record, at: Date.parse(record.at) }))
    .sort((a, b) => a.at - b.at || inOrder(a.record.eventId, b.record.eventId) || inOrder(a.id, b.id))
    .slice(0, DEEDS_KEPT)
    .map(({ record }) => record)

const keepEarliest = (deeds: Deeds): void => {
  if (deeds.size <= DEEDS_KEPT) return
  const kept = new Set(deedsInOrder(deeds))
  for (const [id, record] of deeds) if (!kept.has(record)) deeds.delete(id)
}
