import { given } from '../../../incident/values/given.ts'
import { type Instant, parseInstant } from '../../../incident/values/instant.ts'
import type { ActivityState } from '../../analysis/activity-fold.ts'
import { trailChangeOf } from '../../analysis/logging-gaps.ts'
import type { CoverageReport } from '../../source.ts'
import { accountsAndRegions, missingDigests } from './discover/named-coverage.ts'
import type { RecordSpan } from './match/record-span.ts'
import type { LogAnswer } from './scan-logs.ts'
import { readTrailChanges } from './trail-changes.ts'

/** What the log files cover: by their names, by what the scan noted, and by the changes of trails in them. */
export const coverageOf = async (
  answer: LogAnswer<ActivityState>,
  states: Iterable<{ readonly state: ActivityState }>,
  signal: AbortSignal,
): Promise<CoverageReport> => {
  const { paths, beside, span, mentionedIn, outOfRange } = answer
  const own = [...states].flatMap(({ state }) => [...state.writeEvents.values()]).flatMap((record) => trailChangeOf(record) ?? [])
  const { changes, isOfAll } = await readTrailChanges(paths, own, signal)
  return {
    ...accountsAndRegions(paths),
    ...spanned(span),
    ...{ trailChanges: changes, gapsOfAll: isOfAll, mentionedIn, filesOutOfRange: outOfRange },
    missingDigests: missingDigests(beside.digests),
    beside: { digest: beside.digests.length, insight: beside.insight, aggregated: beside.aggregated },
  }
}

/** The span of the records, in the members of a report. */
export const spanned = ({ first, last, hasDataEvents }: RecordSpan): CoverageReport => ({
  ...given({ firstRecord: instantIn(first), lastRecord: instantIn(last) }),
  hasDataEvents,
})

const instantIn = (text: string): Instant | undefined => parseInstant(text)
