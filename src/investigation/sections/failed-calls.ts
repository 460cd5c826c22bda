import type { Activity } from '../../incident/facts/activity.ts'
import type { ErrorClass, TouchedStore } from '../../incident/facts/activity-rows.ts'
import { type Block, fields, type Line, list, text } from '../../incident/values/block.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import { type Length, mostOf, quantity, SHOWN, shownLines, tableOf } from './listing.ts'
import { refusedRoles } from './objects.ts'

/** The failed calls by class, error and API. */
export const failedCallBlocks = (
  { failed, failures, failuresByClass, objects }: Activity,
  length: Length = 'short',
): readonly Block[] => {
  if (failed === 0) return [text('No call failed.')]
  const classes = CLASSES.filter((name) => (failuresByClass[name] ?? 0) > 0).map((name) => `${failuresByClass[name]} ${name}`)
  const roles = refusedRoles(objects?.rows ?? [])
  return [
    fields(['by class', classes.join(', ')]),
    ...((failuresByClass['dry-run'] ?? 0) > 0 ? [text(DRY_RUNS)] : []),
    ...((failuresByClass.credentials ?? 0) > 0 ? [text(CREDENTIALS)] : []),
    ...tableOf(
      ['class', 'error', 'API', 'calls', 'why'],
      failures,
      ({ errorClass, errorCode, service, api, events, refusedBy }) => [
        errorClass,
        errorCode,
        `${service}:${api}`,
        String(events),
        refusedBy === undefined ? (errorClass === 'dry-run' ? 'would have succeeded' : '') : [untrusted(refusedBy)],
      ],
      mostOf(SHOWN, length),
    ),
    ...(roles.length > 0
      ? [text('Roles that it was refused:'), list(shownLines({ rows: roles, all: roles.length }, roleLine))]
      : []),
  ]
}

const CLASSES: readonly ErrorClass[] = ['denied', 'throttled', 'invalid', 'credentials', 'dry-run', 'other']

const DRY_RUNS =
  'A dry run changes nothing: EC2 answers DryRunOperation where the call would have succeeded. Its caller learnt that it may do this.'

const CREDENTIALS =
  'Calls of class credentials were made with a key that was expired, inactive or deleted, or with a wrong signature.'

const roleLine = ({ store, failed }: TouchedStore): Line => [store, `, ${quantity(failed, 'call')}`]
