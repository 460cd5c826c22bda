import type { PersistenceArtefact, Remedy } from '../incident/facts/activity-rows.ts'
import { byGravity } from '../incident/facts/gravity.ts'
import { DAY_SECONDS } from '../incident/values/duration.ts'
import { lastPart } from '../incident/values/identifiers.ts'
import { type Instant, isBefore, plus } from '../incident/values/instant.ts'
import type { ActivityState } from './analysis/activity-fold.ts'
import { keptRecord, writeEventName } from './analysis/write-events.ts'
import type { Investigation } from './investigation.ts'
import { documentOwnerOf } from './persistence/policy-documents.ts'
import { questionOf } from './question.ts'
import type { CloudTrailRecord } from './record.ts'
import { principalName, type ReadHooks, type RecordSource } from './source.ts'
import { isSearchableName, readOrNone, withCost } from './undone-by-others.ts'

/** How far back documents are looked for: event history goes back as far, and a query is billed for the time that it reads. Days. */
const DAYS_BEFORE = 90

/**
 * Looks for the document that stood there before, of each policy and trust policy that the session wrote over and that is still in place,
 * and names the event in the remedy. Reads the source once more, only where there is such an artefact. The last document that somebody
 * else wrote before the session's first change is meant.
 */
export const withDocumentsBefore = async (
  found: Investigation,
  source: RecordSource<ActivityState>,
  reading: ReadHooks<ActivityState>,
): Promise<Investigation> => {
  const { resourceQuestions } = source
  const written = writtenOver(found)
  const [first] = [...written.values()].map(({ at }) => at).sort()
  if (!resourceQuestions || first === undefined) return found
  const names = [...new Set([...written.values()].map(({ name }) => name))].slice(0, resourceQuestions.most)
  const questions = names.map((value) => questionOf({ kind: 'resource', value }, { moments: [momentOf(written, value)] }))
  const range = { from: plus(first, -DAYS_BEFORE * DAY_SECONDS), until: lastOf(written) }
  const read = await readOrNone(source, { questions, followChainedSessions: false, range }, reading)
  if (!read) return { ...found, incomplete: [...found.incomplete, NOT_READ] }
  const own = new Set(found.writeEvents.map(writeEventName))
  const before = new Map<string, CloudTrailRecord>()
  for (const { principal } of questions)
    for (const [owner, event] of read.states.get(principalName(principal))?.state.context ?? [])
      if (!own.has(event.name)) before.set(owner, keptRecord(event))
  const named = new Set(names)
  return {
    ...found,
    report: withCost(found.report, read.report),
    artefacts: found.artefacts.map((artefact) => {
      const of = written.get(artefact.eventId)
      if (!of || !named.has(of.name)) return artefact
      return { ...artefact, remedy: withSentence(artefact.remedy, sentenceOf(before.get(of.owner))) }
    }),
    incomplete: [...found.incomplete, ...read.report.incomplete.filter((why) => !found.incomplete.includes(why))],
  }
}

const NOT_READ = 'ir-cred could not look for the policy documents that stood there before'

interface Written {
  readonly owner: string
  readonly name: string
  /** When the session first wrote it. */
  readonly at: Instant
}

/** The artefacts in place that are such documents, by event; the gravest first. A role that the session made itself had none before. */
const writtenOver = ({ artefacts, writeEvents }: Investigation): ReadonlyMap<string, Written> => {
  const records = new Map(writeEvents.map((record) => [record.eventId, record]))
  const firstOf = firstChanges(writeEvents)
  const made = new Set(writeEvents.filter(({ eventName }) => eventName === 'CreateRole').map(documentOwnerOf))
  return new Map(
    byGravity(artefacts).flatMap((artefact: PersistenceArtefact): (readonly [string, Written])[] => {
      const record = records.get(artefact.eventId)
      const owner = record && documentOwnerOf(record)
      const name = owner === undefined ? '' : nameIn(owner)
      const at = owner === undefined ? undefined : firstOf.get(owner)
      const isOpen = artefact.succeeded && !artefact.undoneBy && !made.has(owner)
      return owner !== undefined && at && isOpen && isSearchableName(name) ? [[artefact.eventId, { owner, name, at }]] : []
    }),
  )
}

/** The first of its names is the role, the bucket …; those that follow are of it. */
const nameIn = (owner: string): string => lastPart(owner.split('\n')[3] ?? '')

const firstChanges = (writeEvents: readonly CloudTrailRecord[]): ReadonlyMap<string, Instant> => {
  const first = new Map<string, Instant>()
  for (const record of writeEvents) {
    const owner = documentOwnerOf(record)
    const known = owner === undefined ? undefined : first.get(owner)
    if (owner !== undefined && (known === undefined || isBefore(record.at, known))) first.set(owner, record.at)
  }
  return first
}

/** Of several documents of one name: before the session changed the first of them. */
const momentOf = (written: ReadonlyMap<string, Written>, name: string): Instant =>
  [...written.values()]
    .filter((each) => each.name === name)
    .map(({ at }) => at)
    .sort()[0] ?? lastOf(written)

const lastOf = (written: ReadonlyMap<string, Written>): Instant =>
  [...written.values()]
    .map(({ at }) => at)
    .sort()
    .at(-1) as Instant

const sentenceOf = (before: CloudTrailRecord | undefined): string =>
  before
    ? `The document before: event ${before.eventId} of ${before.at} (${before.eventName}), the last one in the logs that the session did not write.`
    : `The document before is not in the logs of the ${DAYS_BEFORE} days before.`

const withSentence = (remedy: Remedy, sentence: string): Remedy =>
  'command' in remedy
    ? { ...remedy, note: remedy.note === undefined ? sentence : `${remedy.note} ${sentence}` }
    : { sentence: `${remedy.sentence} ${sentence}` }
