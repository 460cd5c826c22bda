import { epochOf, type Instant } from '../../incident/values/instant.ts'
import { documentOwnerOf } from '../persistence/policy-documents.ts'
import { keptRecord } from '../read-record.ts'
import type { CloudTrailRecord } from '../record.ts'
import { inOrder } from './call-totals.ts'
import { fullerOf, type WriteEvents, writeEventName } from './write-events.ts'

/** So many documents are kept of one name. */
const DOCUMENTS_KEPT = 2_000

/** Keeps the last event before the session's first moment that wrote a document, of each policy, role, bucket … */
export const keepDocument = (kept: WriteEvents, record: CloudTrailRecord, [first]: readonly Instant[]): void => {
  if (first === undefined || epochOf(record.at) >= epochOf(first)) return
  const owner = documentOwnerOf(record)
  if (owner !== undefined) keepLatest(kept, owner, keptRecord(record))
}

export const mergeDocuments = (into: WriteEvents, other: WriteEvents): void => {
  for (const [owner, record] of other) keepLatest(into, owner, record)
}

const keepLatest = (kept: WriteEvents, owner: string, record: CloudTrailRecord): void => {
  const before = kept.get(owner)
  if (before) kept.set(owner, laterOf(before, record))
  else if (kept.size < DOCUMENTS_KEPT) kept.set(owner, record)
}

const laterOf = (a: CloudTrailRecord, b: CloudTrailRecord): CloudTrailRecord => {
  const [nameOfA, nameOfB] = [writeEventName(a), writeEventName(b)]
  if (nameOfA === nameOfB) return fullerOf(a, b)
  return (epochOf(a.at) - epochOf(b.at) || inOrder(nameOfA, nameOfB)) > 0 ? a : b
}
