import type { ErrorClass, FailedApi } from '../../incident/facts/activity-rows.ts'
import type { CallOutcome } from '../record.ts'
import type { Counted } from './activity-fold.ts'
import { apiName, apiOf, busiestFirst, totalsBy } from './call-totals.ts'
import { instantAt } from './time-buckets.ts'

/** What is asked for is not there, or is not asked for as it should be: an attacker who tries names out makes many of these. */
const INVALID =
  /Invalid|Malformed|Validation|NotFound|NotExist|NoSuch|Missing|Unsupported|BadRequest|AlreadyExists|Incorrect|Mismatch/i
const CREDENTIALS = /Token|Signature|ExpiredRequest/i

/** The class of an error code; a code about the credentials themselves is no fault of what was asked. */
export const errorClassOf = (errorCode: string, outcome: CallOutcome): ErrorClass => {
  if (outcome === 'denied' || outcome === 'throttled') return outcome
  return INVALID.test(errorCode) && !CREDENTIALS.test(errorCode) ? 'invalid' : 'other'
}

/** The failed calls in scope by error class, code and API, the most frequent first. */
export const failedCalls = ({ scope }: Pick<Counted, 'scope'>): readonly FailedApi[] => {
  const named = totalsBy(scope, ({ call }) =>
    call.outcome === 'ok' ? undefined : `${call.outcome} ${call.errorCode ?? 'Failure'}\n${apiName(call)}`,
  )
  return busiestFirst(named).map(([name, { failed, first, last }]) => {
    const [error = '', of = ''] = name.split('\n')
    const space = error.indexOf(' ')
    const errorCode = error.slice(space + 1)
    const { eventSource, service, api } = apiOf(of)
    return {
      errorClass: errorClassOf(errorCode, error.slice(0, space) as CallOutcome),
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
