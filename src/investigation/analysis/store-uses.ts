import type { DataRead } from '../../incident/facts/activity-rows.ts'
import type { StoreCalls } from './store-table.ts'
import { instantAt } from './time-buckets.ts'

type Counted = 'read' | 'listed' | 'written' | 'deleted' | 'restored' | 'failed' | 'readsFailed' | 'dryRuns'

/** `failed`: calls that failed, of any kind; `readsFailed`: those of them that would have read data. */
export type Uses = Record<Counted | 'bytesRead' | 'bytesWritten' | 'first' | 'last', number>

export const noUses = (): Uses => ({
  ...{ read: 0, listed: 0, written: 0, deleted: 0, restored: 0, failed: 0, readsFailed: 0, dryRuns: 0 },
  ...{ bytesRead: 0, bytesWritten: 0, first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY },
})

export const addUses = (uses: Uses, { call: { outcome }, use, events, first, last, bytes }: StoreCalls): void => {
  if (outcome === 'ok') uses[use] += events
  else if (outcome === 'dry-run') uses.dryRuns += events
  else {
    uses.failed += events
    if (use === 'read') uses.readsFailed += events
  }
  if (outcome === 'ok' && use === 'read') uses.bytesRead += bytes
  if (outcome === 'ok' && use === 'written') uses.bytesWritten += bytes
  uses.first = Math.min(uses.first, first)
  uses.last = Math.max(uses.last, last)
}

export const mergeUses = (into: Uses, other: Uses): void => {
  for (const name of Object.keys(into) as (keyof Uses)[]) if (name !== 'first' && name !== 'last') into[name] += other[name]
  into.first = Math.min(into.first, other.first)
  into.last = Math.max(into.last, other.last)
}

export const usesOf = ({ read, listed, written, deleted, restored, failed, dryRuns, bytesRead, bytesWritten, ...at }: Uses) => ({
  ...{ read, listed, written, deleted, restored, failed, dryRuns, bytesRead, bytesWritten },
  ...{ firstSeen: instantAt(at.first), lastSeen: instantAt(at.last) },
})

/** Kinds whose contents are reached by data events, which a trail records only where it is configured to. */
const BY_DATA_EVENTS: ReadonlySet<string> = new Set(['bucket', 'table', 'queue'])
/** Kinds for which every call that gives data away is a management event. */
const BY_MANAGEMENT_EVENTS: ReadonlySet<string> = new Set(['secret', 'parameter'])

/** Absence is no evidence: only where reads of the kind are always recorded does a record without one say anything. */
export const dataReadOf = (kind: string, { read, readsFailed }: Uses, hasDataEvents: boolean): DataRead => {
  if (read > 0) return 'yes'
  if (readsFailed > 0) return 'refused'
  if (BY_DATA_EVENTS.has(kind)) return hasDataEvents ? 'not in the records' : 'data events not recorded'
  if (BY_MANAGEMENT_EVENTS.has(kind)) return 'not in the records'
  return 'not recorded by CloudTrail'
}
