import type { Activity } from '../../incident/facts/activity.ts'
import { type Block, fields, type Line, type Span } from '../../incident/values/block.ts'
import type { Instant } from '../../incident/values/instant.ts'
import { TRAINING_DAYS } from '../analysis/baseline.ts'
import { BASELINE_DAYS } from '../question.ts'
import { quantity } from './listing.ts'

/** When the calls were made and the credentials issued, and the baseline that they are compared with. */
export const whenBlocks = (activity: Activity): readonly Block[] => {
  const { firstSeen, lastSeen, issuedAt, scope, baseline, comparedFrom } = activity
  return [
    fields(
      firstSeen ? ['first seen', [{ at: firstSeen }]] : undefined,
      lastSeen ? ['last seen', [{ at: lastSeen }]] : undefined,
      issuedAt.all > 0 ? ['issued', issues(issuedAt.rows, issuedAt.all)] : undefined,
      scope.from || scope.until ? ['scope', scopeLine(scope)] : undefined,
      ['calls', callsLine(activity)],
      ['in', `account ${activity.accountIds.join(', ') || 'unknown'}, ${activity.regions.join(', ')}`],
      comparedFrom
        ? ['compared', ['the calls from ', { at: comparedFrom }, ' on, because no scope was named; --since names another']]
        : undefined,
      ['baseline', baselineLine(baseline)],
    ),
  ]
}

const FEW = 5

const issues = (instants: readonly Instant[], all: number): Line => [
  ...instants.slice(0, FEW).flatMap<Span>((at, i) => (i > 0 ? [', ', { at }] : [{ at }])),
  all > FEW ? ` and ${all - FEW} more` : '',
]

const scopeLine = ({ from, until }: Activity['scope']): Line => [
  ...(from ? ['from ', { at: from }] : ['from the beginning']),
  ...(until ? [' to ', { at: until }] : [' to the end']),
]

const callsLine = ({ events, succeeded, denied, throttled, failed, dataEvents, failuresByClass }: Activity): string => {
  const dryRuns = failuresByClass['dry-run'] ?? 0
  const parts = [
    `${succeeded} succeeded`,
    `${denied} denied`,
    ...(throttled > 0 ? [`${throttled} throttled`] : []),
    ...(dryRuns > 0 ? [`${quantity(dryRuns, 'dry run')} that would have succeeded`] : []),
    `${failed - denied - throttled - dryRuns} failed otherwise`,
    ...(dataEvents > 0 ? [`${dataEvents} of them data events`] : []),
  ]
  return `${events}: ${parts.join(', ')}`
}

/** The history that the scope is compared with, as far as there is any. */
export const baselineLine = ({ days, events, inTraining }: Activity['baseline']): string => {
  if (days === 0) return 'none: there are no records from before the scope'
  const span = days < BASELINE_DAYS ? `${days} days before the scope, which is all there is` : `the ${days} days before the scope`
  const training = inTraining ? `; in training: fewer than ${TRAINING_DAYS} days, so what looks new may not be new` : ''
  return `${span}, ${quantity(events, 'call')}${training}`
}
