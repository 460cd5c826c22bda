import type { Baseline } from '../../incident/facts/activity-rows.ts'
import { DAY_MS } from '../../incident/values/duration.ts'
import { epochOf } from '../../incident/values/instant.ts'
import type { Counted } from './activity-fold.ts'

const TRAINING_DAYS = 14

/** The history before the scope, measured. */
export const baselineOf = ({ baseline, baselineRange, question }: Counted): Baseline => {
  if (!baselineRange) return { events: 0, days: 0, inTraining: true }
  let events = 0
  let first = Number.POSITIVE_INFINITY
  for (const cell of baseline) {
    events += cell.events
    first = Math.min(first, cell.first)
  }
  const begins = question.coveredFrom ? epochOf(question.coveredFrom) : first
  const until = epochOf(baselineRange.until)
  const covered = Math.max(0, until - Math.max(begins, epochOf(baselineRange.from)))
  const days = Number.isFinite(covered) ? Math.round((covered / DAY_MS) * 10) / 10 : 0
  return { ...baselineRange, events, days, inTraining: days < TRAINING_DAYS }
}
