import { isIP } from 'node:net'
import type { OnBehalf } from '../../incident/facts/activity-rows.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import type { Counted } from './activity-fold.ts'
import { busiestFirst, sourceName, totalsBy } from './call-totals.ts'
import { apiRows } from './session-summary.ts'
import type { TimeBucket } from './time-buckets.ts'

/**
 * Calls in scope that services made on the principal's behalf: CloudTrail names the service as `invokedBy` or in the place
 * of the address ("CloudTrail userIdentity element"). They are consequences of the principal's calls, not calls from its place.
 */
export const callsOnBehalf = ({ scope }: Pick<Counted, 'scope'>): readonly OnBehalf[] => {
  const cells = [...scope]
  return busiestFirst(totalsBy(cells, callingService)).map(([service, { succeeded, failed }]) => ({
    service: untrusted(service),
    succeeded,
    failed,
    apis: apiRows(cells.filter((cell) => callingService(cell) === service)),
  }))
}

/** The service that made the call; undefined when the principal did. */
export const callingService = (cell: Pick<TimeBucket, 'origin'>): string | undefined => {
  const source = sourceName(cell)
  if (cell.origin.invokedBy) return cell.origin.invokedBy
  return isIP(source) === 0 && source !== 'unknown' ? source : undefined
}
