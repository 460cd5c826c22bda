import { DAY_MS, floorTo, HOUR_MS } from '../../incident/values/duration.ts'
import { isTemporaryKeyId } from '../../incident/values/identifiers.ts'
import { epochOf } from '../../incident/values/instant.ts'
import type { Question } from '../question.ts'
import type { TimeBucket } from './time-buckets.ts'

/** So many days are compared with those before, where there are enough of both. */
const COMPARED_DAYS = 7
const ENOUGH_DAYS = 14
const FEWEST_DAYS = 2

/**
 * From when on the calls of a role, a user or a long-term key are compared with those before, where no scope was asked for:
 * they are there for months, so all that they did would be compared with nothing. In milliseconds since the epoch. Undefined
 * where the scope has a beginning, where the principal is one set of credentials, and where two days are not covered.
 */
export const comparedFrom = ({ principal, scope, coveredFrom }: Question, calls: Iterable<TimeBucket>): number | undefined => {
  const { kind, value } = principal
  const isLasting = kind === 'role' || kind === 'user' || (kind === 'access-key-id' && !isTemporaryKeyId(value))
  if (!isLasting || scope.from !== undefined) return undefined
  let first = coveredFrom === undefined ? Number.POSITIVE_INFINITY : epochOf(coveredFrom)
  let last = Number.NEGATIVE_INFINITY
  for (const bucket of calls) {
    first = Math.min(first, bucket.first)
    last = Math.max(last, bucket.last)
  }
  const days = (last - first) / DAY_MS
  if (!(days >= FEWEST_DAYS)) return undefined
  const compared = Math.max(1, Math.min(COMPARED_DAYS, days - ENOUGH_DAYS))
  return floorTo(last - compared * DAY_MS, HOUR_MS)
}
