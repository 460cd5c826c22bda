import type { IncreasedApi } from '../../incident/facts/activity-rows.ts'
import { floorTo, HOUR_MS } from '../../incident/values/duration.ts'
import type { Counted } from './activity-fold.ts'
import { apiName, apiOf, inOrder } from './tally.ts'
import { instantAt, type TimeBucket } from './time-buckets.ts'

/** The rule that marks an API as called more than before, in words for the responder. */
export const INCREASE_RULE =
  'The volume of an API call has increased when its busiest hour has at least 10 calls, and at least three times those of its busiest hour in the baseline.'

const INCREASE_CALLS = 10
const INCREASE_TIMES = 3

/**
 * API methods that the baseline knows and that were called far more in scope. Busiest hours are compared, not means: a
 * job that makes all its calls in one hour of the day is not an increase.
 */
export const increasedApis = ({ scope, baseline }: Pick<Counted, 'scope' | 'baseline'>): readonly IncreasedApi[] => {
  const now = perHour(scope, () => true)
  const before = perHour(baseline, (name) => now.has(name))
  return [...now].flatMap(([name, use]) => increaseOf(name, use, before.get(name))).sort(byBusiestHour)
}

interface Use {
  readonly hours: Map<number, number>
  events: number
  first: number
}

const perHour = (cells: Iterable<TimeBucket>, wanted: (name: string) => boolean): ReadonlyMap<string, Use> => {
  const uses = new Map<string, Use>()
  const names = new Map<TimeBucket['call'], string>()
  for (const { call, start, events, first } of cells) {
    const name = names.get(call) ?? apiName(call)
    names.set(call, name)
    if (!wanted(name)) continue
    const use = uses.get(name) ?? { hours: new Map<number, number>(), events: 0, first }
    const hour = floorTo(start, HOUR_MS)
    use.hours.set(hour, (use.hours.get(hour) ?? 0) + events)
    use.events += events
    use.first = Math.min(use.first, first)
    uses.set(name, use)
  }
  return uses
}

const increaseOf = (name: string, now: Use, before: Use | undefined): readonly IncreasedApi[] => {
  if (!before) return []
  const busiestHour = Math.max(...now.hours.values())
  const busiestHourBefore = Math.max(...before.hours.values())
  if (busiestHour < INCREASE_CALLS || busiestHour < INCREASE_TIMES * busiestHourBefore) return []
  const { eventSource, service, api } = apiOf(name)
  return [{ eventSource, service, api, firstSeen: instantAt(now.first), events: now.events, busiestHour, busiestHourBefore }]
}

const byBusiestHour = (a: IncreasedApi, b: IncreasedApi): number =>
  b.busiestHour - a.busiestHour || inOrder(`${a.eventSource} ${a.api}`, `${b.eventSource} ${b.api}`)
