import type { TrailChange } from '../../../incident/facts/coverage.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, isBefore, parseInstant } from '../../../incident/values/instant.ts'
import type { ActivityState } from '../../analysis/activity-fold.ts'
import { dayOf, trailChangeOf } from '../../analysis/logging-gaps.ts'
import { keptRecord, type WriteEvents } from '../../analysis/write-events.ts'
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
  const { paths, beside, span, mentionedIn, outOfRange, cached } = answer
  const noted = trailsChangedIn([...states].map(({ state }) => state))
  const small = noted.gapsOfAll ? undefined : await readTrailChanges(paths, signal)
  return {
    ...accountsAndRegions(paths),
    ...spanned(span),
    ...(small?.isOfAll ? { trailChanges: small.changes, gapsOfAll: true } : noted),
    ...{ mentionedIn, filesOutOfRange: outOfRange },
    ...(cached.files > 0 ? { notCovered: [notSearched(cached.files)] } : {}),
    missingDigests: missingDigests(beside.digests),
    beside: { digest: beside.digests.length, insight: beside.insight, aggregated: beside.aggregated },
  }
}

/** The changes of trails by others that the scan noted, from the day on on which the principal first changed one. */
export const trailsChangedIn = (
  states: readonly ActivityState[],
): Required<Pick<CoverageReport, 'trailChanges' | 'gapsOfAll'>> => {
  const own = states.flatMap(({ writeEvents }) => trailChangesIn(writeEvents))
  const [first] = own.map(({ at }) => at).sort()
  if (first === undefined) return { trailChanges: [], gapsOfAll: false }
  const others = states.flatMap(({ trailChanges }) => [...trailChanges.values()])
  return { trailChanges: others.filter(({ at }) => !isBefore(at, dayOf(first))), gapsOfAll: true }
}

const trailChangesIn = (writeEvents: WriteEvents): readonly TrailChange[] =>
  [...writeEvents.values()]
    .filter(({ call }) => call.startsWith('cloudtrail:'))
    .flatMap((event) => trailChangeOf(keptRecord(event)) ?? [])

/** The cache holds the records of calls, and not the bytes of the files. */
const notSearched = (files: number): string =>
  `whether the name stands in ${files === 1 ? 'one file' : `${files} files`} from the cache without a call of it was not looked for`

/** The span of the records, in the members of a report. */
export const spanned = ({ first, last, hasDataEvents }: RecordSpan): CoverageReport => ({
  ...given({ firstRecord: instantIn(first), lastRecord: instantIn(last) }),
  hasDataEvents,
})

const instantIn = (text: string): Instant | undefined => parseInstant(text)
