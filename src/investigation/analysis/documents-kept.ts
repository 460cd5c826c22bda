import { epochOf, type Instant } from '../../incident/values/instant.ts'
import { documentOwnerOf } from '../persistence/policy-documents.ts'
import type { CloudTrailRecord } from '../record.ts'
import { inOrder } from './call-totals.ts'
import { fullerOf, type KeptEvent, keptEvent, type WriteEvents } from './write-events.ts'

/** So many documents are kept of one name. */
const DOCUMENTS_KEPT = 2_000

/** Keeps the last event before the session's first moment that wrote a document, of each policy, role, bucket … */
export const keepDocument = (kept: WriteEvents, record: CloudTrailRecord, [first]: readonly Instant[]): void => {
  if (first === undefined || epochOf(record.at) >= epochOf(first)) return
  const owner = documentOwnerOf(record)
  if (owner !== undefined) keepLatest(kept, owner, keptEvent(record))
}

export const mergeDocuments = (into: WriteEvents, other: WriteEvents): void => {
  for (const [owner, event] of other) keepLatest(into, owner, event)
}

const keepLatest = (kept: WriteEvents, owner: string, event: KeptEvent): void => {
  const before = kept.get(owner)
  if (before) kept.set(owner, laterOf(before, event))
  else if (kept.size < DOCUMENTS_KEPT) kept.set(owner, event)
}

const laterOf = (a: KeptEvent, b: KeptEvent): KeptEvent => {
  if (a.name === b.name) return fullerOf(a, b)
  return (a.at - b.at || inOrder(a.name, b.name)) > 0 ? a : b
}
