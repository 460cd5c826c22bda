import type { PersistenceArtefact } from '../incident/facts/activity-rows.ts'
import type { SourceCoverage } from '../incident/facts/coverage.ts'
import { byGravity } from '../incident/facts/gravity.ts'
import { Failure } from '../incident/values/failure.ts'
import { type Instant, isBefore } from '../incident/values/instant.ts'
import type { ActivityState } from './analysis/activity-fold.ts'
import { loggingGaps, trailChangeOf } from './analysis/logging-gaps.ts'
import { UNDO_EVENTS_KEPT, undoEventsInOrder } from './analysis/undo-events-kept.ts'
import { writeEventName } from './analysis/write-events.ts'
import type { Investigation, LeftBehind } from './investigation.ts'
import { artefactsIn, mergeEqual } from './persistence/artefacts.ts'
import { HOLDER_DELETIONS } from './persistence/holder-deletions.ts'
import { eventKeyOf, isUndoEvent, PERSISTENCE_RULES } from './persistence/rules.ts'
import { textsIn } from './persistence/undo-events.ts'
import { questionOf } from './question.ts'
import type { CloudTrailRecord } from './record.ts'
import {
  principalName,
  type ReadHooks,
  type ReadRequest,
  type ReadResult,
  type RecordSource,
  type SourceReport,
} from './source.ts'

/** A name that can be searched for in the bytes of a log: long enough to be rare, and written in one way. */
const SEARCHABLE = /^[\x20-\x7e]{4,}$/

export const isSearchableName = (name: string): boolean => SEARCHABLE.test(name) && !/["\\]/.test(name)

/** What somebody else did about what a session left. */
export interface UndoneByOthers {
  /** Their events, each once. */
  readonly events: readonly CloudTrailRecord[]
  /** Why they may not be all, a sentence each. */
  readonly incomplete: readonly string[]
  /** What was read for them; undefined where the source was not asked. */
  readonly report?: SourceReport
}

/**
 * Looks in the records of everybody whether somebody else has undone what the session left. Reads the source once more, from the first
 * artefact on; not at all where everything is undone already or nothing was left. A source that cannot be asked for that is named.
 */
export const readUndoneByOthers = async (
  { artefacts, writeEvents }: LeftBehind,
  source: RecordSource<ActivityState>,
  reading: ReadHooks<ActivityState>,
): Promise<UndoneByOthers> => {
  const open = byGravity(artefacts.filter(isOpen))
  const names = [...new Set(open.flatMap(namesToSearch))]
  const from = open.reduce<Instant | undefined>((first, { at }) => (first && isBefore(first, at) ? first : at), undefined)
  if (names.length === 0 || from === undefined) return { events: [], incomplete: [] }
  const { resourceQuestions } = source
  if (resourceQuestions === undefined) return { events: [], incomplete: [NOT_ASKED] }
  const searched = names.slice(0, resourceQuestions.most)
  const moments = momentsByName(writeEvents)
  const questions = searched.map((value) => questionOf({ kind: 'resource', value }, { moments: moments.get(value) ?? [from] }))
  const read = await readOrNone(source, { questions, followChainedSessions: false, range: { from } }, reading)
  if (read === undefined) return { events: [], incomplete: ['ir-cred could not look whether somebody else undid what was left'] }
  const own = new Set(writeEvents.map(writeEventName))
  const others = new Map<string, CloudTrailRecord>()
  let busy = 0
  for (const { principal } of questions) {
    const state = read.states.get(principalName(principal))?.state
    if (state && state.writeEvents.size >= UNDO_EVENTS_KEPT) busy += 1
    for (const record of state ? undoEventsInOrder(state.writeEvents) : []) {
      const name = writeEventName(record)
      if (!own.has(name) && isUndoEvent(record.eventSource, record.eventName)) others.set(name, record)
    }
  }
  const left = names.length - searched.length
  return {
    events: [...others.values()],
    report: read.report,
    incomplete: [
      ...(busy > 0 ? [`of ${busy} names ir-cred looked at a part of the events that may have undone what was left`] : []),
      ...read.report.incomplete,
      ...(resourceQuestions.limit === undefined ? [] : [resourceQuestions.limit]),
      ...(left > 0 ? [`for ${left} more names ir-cred did not look whether somebody else undid what was left`] : []),
    ],
  }
}

/** An investigation in which what somebody else undid is noted with the artefacts. */
export const withUndoneByOthers = (found: Investigation, { events, incomplete, report }: UndoneByOthers): Investigation => {
  if (report === undefined && incomplete.length === 0) return found
  return {
    ...found,
    report: withCost(found.report, report),
    coverage: { ...found.coverage, gaps: gapsWith(found, events) },
    artefacts: events.length === 0 ? found.artefacts : mergeEqual(artefactsIn(found.writeEvents, events)),
    incomplete: [...new Set([...found.incomplete, ...incomplete])],
  }
}

/** The report of a first reading, with what a second one of the same source has cost besides. */
export const withCost = (report: SourceReport, again: Pick<SourceReport, 'bytes' | 'calls'> | undefined): SourceReport => ({
  ...report,
  bytes: report.bytes + (again?.bytes ?? 0),
  calls: report.calls + (again?.calls ?? 0),
})

const NOT_ASKED =
  'whether somebody else undid what was left was not looked for: this source cannot be read again; log files or a bucket show it (--logs)'

/** A trail that the session stopped may have been started again by somebody else. */
const gapsWith = (
  { report, coverage, writeEvents }: Investigation,
  others: readonly CloudTrailRecord[],
): SourceCoverage['gaps'] => {
  const changes = [...writeEvents, ...others].map(trailChangeOf).filter((change) => change !== undefined)
  return changes.length === 0 ? coverage.gaps : loggingGaps([...(report.coverage?.trailChanges ?? []), ...changes])
}

const isOpen = ({ succeeded, undoneBy }: PersistenceArtefact): boolean => succeeded && !undoneBy

/** When the session called with a name in the request or the answer, or as the user of that name, in order. */
const momentsByName = (writeEvents: readonly CloudTrailRecord[]): ReadonlyMap<string, readonly Instant[]> => {
  const moments = new Map<string, Instant[]>()
  for (const { at, request, response, userName = '' } of writeEvents) {
    const texts = [...textsIn(request), ...textsIn(response), userName]
    for (const name of new Set(texts.flatMap((text) => [text, lastPartOf(text)]))) {
      const known = moments.get(name)
      if (!known) moments.set(name, [at])
      else if (known.at(-1) !== at) known.push(at)
    }
  }
  return moments
}

/** A second reading that fails leaves the answers of the first. */
export const readOrNone = async (
  source: RecordSource<ActivityState>,
  asked: ReadRequest,
  reading: ReadHooks<ActivityState>,
): Promise<ReadResult<ActivityState> | undefined> => {
  try {
    return await source.read(asked, reading)
  } catch (error) {
    if (error instanceof Failure && !reading.signal.aborted) return undefined
    throw error
  }
}

/** Whatever was left bears the name of what it is on; without such a name, its own, where an event can undo it. */
const namesToSearch = ({ names, eventSource, eventName }: PersistenceArtefact): readonly string[] => {
  const onWhat = HOLDER_WORDS.flatMap((word) => names[word] ?? [])
  const [own = []] = Object.entries(names).flatMap(([word, values]) => (ROLE_WORDS.has(word) ? [] : [values]))
  const isUndoable = PERSISTENCE_RULES.get(eventKeyOf(eventSource, eventName))?.undo !== undefined
  return (onWhat.length > 0 ? onWhat : isUndoable ? own : []).map(lastPartOf).filter(isSearchableName)
}

const HOLDER_WORDS = [...new Set(HOLDER_DELETIONS.values()), 'instances', 'snapshots']
const ROLE_WORDS: ReadonlySet<string> = new Set(['passedRoles', 'shownRoles'])

/** Deletions name by name what others name by ARN; a policy's ARN is written out by all. */
const lastPartOf = (name: string): string =>
  name.startsWith('arn:') ? name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1) : name
