import type { ErrorClass, FailedApi } from '../../incident/facts/activity-rows.ts'
import { type AwsErrorMeaning, meaningOfAwsError } from '../../incident/values/aws-error-codes.ts'
import type { Counted } from './activity-fold.ts'
import { apiName, apiOf, busiestFirst, totalsBy } from './call-totals.ts'
import { instantAt } from './time-buckets.ts'

/** An attacker who tries names out makes many `invalid` calls. What is wrong with the credentials themselves is `other`. */
const CLASSES: Readonly<Partial<Record<AwsErrorMeaning, ErrorClass>>> = {
  denied: 'denied',
  throttled: 'throttled',
  'not-found': 'invalid',
  invalid: 'invalid',
  'wrong-state': 'invalid',
}

/** The class of a record's error code. */
export const errorClassOf = (errorCode: string): ErrorClass => CLASSES[meaningOfAwsError(errorCode)] ?? 'other'

/** The failed calls in scope by error class, code and API, the most frequent first. */
export const failedCalls = ({ scope }: Pick<Counted, 'scope'>): readonly FailedApi[] => {
  const named = totalsBy(scope, ({ call }) =>
    call.outcome === 'ok' ? undefined : `${call.errorCode ?? 'Failure'}\n${apiName(call)}`,
  )
  return busiestFirst(named).map(([name, { failed, first, last }]) => {
    const [errorCode = '', of = ''] = name.split('\n')
    const { eventSource, service, api } = apiOf(of)
    return {
      errorClass: errorClassOf(errorCode),
      errorCode,
      ...{ eventSource, service, api },
      events: failed,
      firstSeen: instantAt(first),
      lastSeen: instantAt(last),
    }
  })
}

/** How many failed calls there are of each class. */
export const failuresByClass = (calls: readonly FailedApi[]): Readonly<Record<ErrorClass, number>> => {
  const counts = { denied: 0, throttled: 0, invalid: 0, other: 0 }
  for (const { errorClass, events } of calls) counts[errorClass] += events
  return counts
}
