import type { Baseline } from '../../incident/facts/activity-rows.ts'
import { DAY_MS, floorTo, HOUR_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import { epochOf, type Instant } from '../../incident/values/instant.ts'
import { baselinePrincipalOf, type PrincipalRef, type Question } from '../question.ts'
import { busiestFirst, totalsBy } from './call-totals.ts'
import type { Counter, RecordPart } from './counter.ts'
import { callsOf, instantAt, type TimeBucket, timeBucketsOf } from './time-buckets.ts'

/** Fewer days than these are training: comparisons are immature ("Training period for new behavior graphs"). */
export const TRAINING_DAYS = 14

/** A range with both ends. */
export interface ClosedRange {
  readonly from: Instant
  readonly until: Instant
}

/** The earlier calls that the scope is compared with. */
export interface BaselineCalls {
  readonly question: Question
  /** Whose calls the baseline is: as asked, or found out. Missing when the principal has none, or made no call. */
  readonly baselinePrincipal?: PrincipalRef
  /** The baseline principal's calls in the days before the scope, by the hour. */
  readonly baseline: Iterable<TimeBucket>
  /** The whole hours before the scope that the baseline is taken from. Missing when nothing tells where the scope begins. */
  readonly baselineRange?: ClosedRange
}

/**
 * Takes the baseline of a question out of what was counted; `scope` are the calls that the question asks about. With `split`
 * (milliseconds since the epoch) the earlier ones of them are the baseline of the later ones.
 */
export const baselineCalls = (
  question: Question,
  counter: Counter,
  scope: Iterable<TimeBucket>,
  split: number | undefined,
): BaselineCalls => {
  const baselinePrincipal = question.baselinePrincipal ?? mostFrequentPrincipal(scope, question.principal)
  const baselineRange = rangeBefore(question, scope, split)
  const part = split === undefined ? 'comparison' : undefined
  return {
    question,
    ...given({ baselinePrincipal }),
    baseline: baselinePrincipal && baselineRange ? callsIn(counter, baselinePrincipal, baselineRange, part) : [],
    ...given({ baselineRange }),
  }
}

/** The first moment that a baseline can reach back to, in milliseconds since the epoch, for a scope that begins at `from`. */
export const baselineStart = (from: number, { baselineDays }: Question): number => floorTo(from, HOUR_MS) - baselineDays * DAY_MS

/** The role or user that made most of the calls. A role, a user and an address are compared with their own past. */
const mostFrequentPrincipal = (scope: Iterable<TimeBucket>, principal: PrincipalRef): PrincipalRef | undefined => {
  if (principal.kind === 'ip' || principal.kind === 'role' || principal.kind === 'user') return principal
  const found = new Map<string, PrincipalRef>()
  const totals = totalsBy(scope, ({ caller }) => {
    const candidate = baselinePrincipalOf(caller)
    if (candidate) found.set(candidate.value, candidate)
    return candidate?.value
  })
  const [most] = busiestFirst(totals)
  return most && found.get(most[0])
}

/** Whole hours, up to the hour in which the scope begins, so that every hour of the baseline is complete. */
const rangeBefore = (question: Question, scope: Iterable<TimeBucket>, split: number | undefined): ClosedRange | undefined => {
  let first = split ?? (question.scope.from && epochOf(question.scope.from))
  if (first === undefined) for (const bucket of scope) first = Math.min(first ?? bucket.first, bucket.first)
  if (first === undefined) return undefined
  return { from: instantAt(baselineStart(first, question)), until: instantAt(floorTo(first, HOUR_MS)) }
}

const callsIn = (
  counter: Counter,
  baselinePrincipal: PrincipalRef,
  { from, until }: ClosedRange,
  part: RecordPart | undefined,
): Iterable<TimeBucket> =>
  timeBucketsOf(counter, {
    ...given({ part }),
    from: epochOf(from),
    until: epochOf(until),
    ...callsOf(baselinePrincipal),
  })

/** Baselines that were measured: several answers ask for the same one. */
const measured = new WeakMap<BaselineCalls, Baseline>()

/** Measures the baseline: its range, its calls, and how many days of it records could be seen of. */
export const baselineOf = (calls: BaselineCalls): Baseline => {
  const known = measured.get(calls)
  if (known) return known
  const baseline = measure(calls)
  measured.set(calls, baseline)
  return baseline
}

const measure = ({ baseline, baselineRange, question }: BaselineCalls): Baseline => {
  if (!baselineRange) return { events: 0, days: 0, inTraining: true }
  let events = 0
  let first = Number.POSITIVE_INFINITY
  for (const bucket of baseline) {
    events += bucket.events
    first = Math.min(first, bucket.first)
  }
  const begins = question.coveredFrom ? epochOf(question.coveredFrom) : first
  const until = epochOf(baselineRange.until)
  const covered = Math.max(0, until - Math.max(begins, epochOf(baselineRange.from)))
  const days = Number.isFinite(covered) ? Math.round((covered / DAY_MS) * 10) / 10 : 0
  return { ...baselineRange, events, days, inTraining: days < TRAINING_DAYS }
}
