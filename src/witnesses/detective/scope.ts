import { ceilToHour, floorToHour } from '../../aws/console-links.ts'
import { duration, epochOf, type Instant, instantOf, secondsBetween } from '../../incident/instant.ts'

/** The time that Detective looks at, in whole hours. */
export interface Scope {
  readonly from: Instant
  readonly until: Instant
}

const HOUR = 3_600_000
const DAY = 86_400_000
const LONGEST = 365 * DAY

/**
 * Whole hours around what was seen ("Managing the scope time": from one hour to one year, in UTC), not beyond now. Gives with it
 * what had to be left out, in sentences.
 */
export const detectiveScope = (
  seen: { readonly first: Instant; readonly last: Instant },
  now: Instant,
): Scope & { readonly remarks: readonly string[] } => {
  const until = Math.min(Math.max(ceilToHour(seen.last), floorToHour(seen.first) + HOUR), floorToHour(now))
  const wished = Math.min(floorToHour(seen.first), until - HOUR)
  const from = Math.max(wished, until - LONGEST)
  return {
    from: hour(from),
    until: hour(until),
    remarks: [
      ...(until < epochOf(seen.last)
        ? [`the scope ends at ${hour(until)}, before what was last seen: Detective takes whole hours, and this one is not over`]
        : []),
      ...(from > wished ? [`the scope begins at ${hour(from)}: Detective looks at one year at most`] : []),
    ],
  }
}

const hour = (ms: number): Instant => instantOf(new Date(ms))

/** "Training period for new behavior graphs". */
const TRAINING_DAYS = 14
/** "Managing the scope time": what the scope is compared with. */
const BASELINE_DAYS = 45

/** How much what Detective calls new is worth, by the graph's age. */
export const trainingRemarks = (createdAt: Instant | undefined, from: Instant | undefined, now: Instant): readonly string[] => {
  if (createdAt === undefined) return []
  const age = secondsBetween(createdAt, now)
  if (age < TRAINING_DAYS * 86_400)
    return [
      `in training: the graph was made ${duration(age)} ago, at ${createdAt}. Detective learns for two weeks, until then its comparisons are immature`,
    ]
  const days = from === undefined ? BASELINE_DAYS : Math.floor(secondsBetween(createdAt, from) / 86_400)
  if (days >= BASELINE_DAYS) return []
  return [
    `the graph was made at ${createdAt}: what is called new is compared with ${Math.max(0, days)} days before the scope instead of ${BASELINE_DAYS}`,
  ]
}

/** What an investigation that stands already does not look at. */
export const uncovered = (wanted: Scope, from: Instant | undefined, until: Instant | undefined): readonly string[] =>
  from === undefined || until === undefined || (epochOf(from) <= epochOf(wanted.from) && epochOf(until) >= epochOf(wanted.until))
    ? []
    : [`it looks at ${from} to ${until}, not at all of ${wanted.from} to ${wanted.until}`]
