import type { ErrorClass, FailedApi } from '../../incident/facts/activity-rows.ts'
import { type AwsErrorMeaning, meaningOfAwsError } from '../../incident/values/aws-error-codes.ts'
import { given } from '../../incident/values/given.ts'
import { outcomeOf } from '../read-record.ts'
import type { Counted } from './activity-fold.ts'
import { apiName, apiOf, busiestFirst, totalsBy } from './call-totals.ts'
import { instantAt } from './time-buckets.ts'

/** An attacker who tries names out makes many `invalid` calls. Dead and expired keys, and wrong signatures, are of the credentials. */
const CLASSES: Readonly<Partial<Record<AwsErrorMeaning, ErrorClass>>> = {
  denied: 'denied',
  throttled: 'throttled',
  'not-found': 'invalid',
  invalid: 'invalid',
  'wrong-state': 'invalid',
  expired: 'credentials',
  unrecognized: 'credentials',
  'wrong-secret': 'credentials',
}

/** The class of a record's error code. */
export const errorClassOf = (errorCode: string): ErrorClass =>
  outcomeOf(errorCode) === 'dry-run' ? 'dry-run' : (CLASSES[meaningOfAwsError(errorCode)] ?? 'other')

/** The failed calls in scope by error class, code and API, the most frequent first. */
export const failedCalls = ({ scope }: Pick<Counted, 'scope'>): readonly FailedApi[] => {
  const named = totalsBy(scope, ({ call }) =>
    call.outcome === 'ok' ? undefined : `${call.errorCode ?? 'Failure'}\n${apiName(call)}\n${call.refusedBy ?? ''}`,
  )
  return busiestFirst(named).map(([name, { failed, first, last }]) => {
    const [errorCode = '', of = '', refusedBy = ''] = name.split('\n')
    const { eventSource, service, api } = apiOf(of)
    return {
      errorClass: errorClassOf(errorCode),
      errorCode,
      ...{ eventSource, service, api, ...given({ refusedBy: refusedBy || undefined }) },
      events: failed,
      firstSeen: instantAt(first),
      lastSeen: instantAt(last),
    }
  })
}

/** How many failed calls there are of each class. */
export const failuresByClass = (calls: readonly FailedApi[]): Readonly<Record<ErrorClass, number>> => {
  const counts = { denied: 0, throttled: 0, invalid: 0, credentials: 0, 'dry-run': 0, other: 0 }
  for (const { errorClass, events } of calls) counts[errorClass] += events
  return counts
}
