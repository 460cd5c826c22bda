import { ceilToHour, floorToHour } from '../../../aws/console-links.ts'
import { DAY_MS, DAY_SECONDS, duration, HOUR_MS } from '../../../incident/values/duration.ts'
import { epochOf, type Instant, instantOf, isBefore, secondsBetween, wholeSecond } from '../../../incident/values/instant.ts'

/** The time that Detective is to look at, and what was seen in it. */
export interface Scope {
  readonly from: Instant
  readonly until: Instant
  readonly seen: FindingTimes
  /** What had to be left out, and what may be missing, in sentences. */
  readonly remarks: readonly string[]
}

export interface FindingTimes {
  readonly first: Instant
  readonly last: Instant
}

const LONGEST = 365 * DAY_MS

/**
 * Whole hours around what was seen ("Managing the scope time": from one hour to one year, in UTC), not beyond now. While the hour of
 * what was seen is not over the scope ends now: the last full hour could leave out all of it, and StartInvestigation's API reference
 * asks for a time, not for an hour.
 */
export const detectiveScope = (seen: FindingTimes, now: Instant): Scope => {
  const present = epochOf(wholeSecond(now))
  const until = Math.min(Math.max(ceilToHour(seen.last), floorToHour(seen.first) + HOUR_MS), present)
  const wished = Math.min(floorToHour(seen.first), floorToHour(instantAt(until - HOUR_MS)))
  const from = Math.max(wished, until - LONGEST)
  return {
    from: instantAt(from),
    until: instantAt(until),
    seen,
    remarks: [
      ...(until === present && until % HOUR_MS !== 0
        ? [`the scope ends at ${instantAt(until)}, in an hour that is not over: Detective may not have all of it yet`]
        : []),
      ...(from > wished ? [`the scope begins at ${instantAt(from)}: Detective looks at one year at most`] : []),
    ],
  }
}

const instantAt = (ms: number): Instant => instantOf(new Date(ms))

/** "Training period for new behavior graphs". */
const TRAINING_DAYS = 14
/** "Managing the scope time": what the scope is compared with. */
const BASELINE_DAYS = 45

/** How much what Detective calls new is worth, by the graph's age. */
export const trainingRemarks = (createdAt: Instant | undefined, from: Instant | undefined, now: Instant): readonly string[] => {
  if (createdAt === undefined) return []
  const age = secondsBetween(createdAt, now)
  if (age < TRAINING_DAYS * DAY_SECONDS)
    return [
      `in training: the graph was made ${duration(age)} ago, at ${createdAt}. Detective learns for two weeks, until then its comparisons are immature`,
    ]
  const days = from === undefined ? BASELINE_DAYS : Math.floor(secondsBetween(createdAt, from) / DAY_SECONDS)
  if (days >= BASELINE_DAYS) return []
  return [
    `the graph was made at ${createdAt}: what is called new is compared with ${Math.max(0, days)} days before the scope instead of ${BASELINE_DAYS}`,
  ]
}

/** What an investigation that stands already does not look at. */
export const uncovered = (
  { first, last }: FindingTimes,
  from: Instant | undefined,
  until: Instant | undefined,
): readonly string[] =>
  from === undefined || until === undefined || (!isBefore(first, from) && !isBefore(until, last))
    ? []
    : [`it looks at ${from} to ${until}, not at all of ${first} to ${last}`]
