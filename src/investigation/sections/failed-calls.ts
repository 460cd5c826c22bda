import type { Activity } from '../../incident/facts/activity.ts'
import type { ErrorClass } from '../../incident/facts/activity-rows.ts'
import { type Block, fields, text } from '../../incident/values/block.ts'
import { type Length, mostOf, SHOWN, tableOf } from './listing.ts'

/** The failed calls by class, error and API. */
export const failedCallBlocks = ({ failed, failures, failuresByClass }: Activity, length: Length = 'short'): readonly Block[] => {
  if (failed === 0) return [text('No call failed.')]
  const classes = CLASSES.filter((name) => failuresByClass[name] > 0).map((name) => `${failuresByClass[name]} ${name}`)
  return [
    fields(['by class', classes.join(', ')]),
    ...tableOf(
      ['class', 'error', 'API', 'calls'],
      failures,
      ({ errorClass, errorCode, service, api, events }) => [errorClass, errorCode, `${service}:${api}`, String(events)],
      mostOf(SHOWN, length),
    ),
  ]
}

const CLASSES: readonly ErrorClass[] = ['denied', 'throttled', 'invalid', 'other']
