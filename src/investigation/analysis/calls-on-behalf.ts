import type { OnBehalf } from '../../incident/facts/activity-rows.ts'
import { isServiceSource } from '../../incident/values/address.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import type { Counted } from './activity-fold.ts'
import { busiestFirst, sourceName, totalsBy } from './call-totals.ts'
import { apiRows } from './session-summary.ts'
import type { TimeBucket } from './time-buckets.ts'

/**
 * Calls in scope that services made on the principal's behalf: CloudTrail names the service as `invokedBy` or in the place
 * of the address ("CloudTrail userIdentity element"). They follow from the principal's calls, and their source is not the principal's address.
 */
export const callsOnBehalf = ({ scope }: Pick<Counted, 'scope'>): readonly OnBehalf[] => {
  const buckets = [...onBehalf(scope)]
  return busiestFirst(totalsBy(buckets, callingService)).map(([service, { succeeded, failed }]) => ({
    service: untrusted(service),
    succeeded,
    failed,
    apis: apiRows(buckets.filter((bucket) => callingService(bucket) === service)),
  }))
}

function* onBehalf(scope: Iterable<TimeBucket>): Generator<TimeBucket> {
  for (const bucket of scope) if (callingService(bucket) !== undefined) yield bucket
}

/** The service that made the call; undefined when the principal did. A masked or impossible address is no service. */
export const callingService = (bucket: Pick<TimeBucket, 'origin'>): string | undefined => {
  const source = sourceName(bucket)
  if (bucket.origin.invokedBy) return bucket.origin.invokedBy
  return isServiceSource(source) ? source : undefined
}
