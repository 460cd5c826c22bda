import type { AddressLookup } from '../incident/facts/activity.ts'
import type { PersistenceArtefact } from '../incident/facts/activity-rows.ts'
import { epochOf } from '../incident/values/instant.ts'
import { flattenUntrusted } from '../incident/values/show.ts'
import { type ActivityState, activityFold, type Counted } from './analysis/activity-fold.ts'
import { activityLine } from './analysis/activity-line.ts'
import { attributeCalls } from './analysis/call-attribution.ts'
import { callsOnBehalf } from './analysis/calls-on-behalf.ts'
import { type Chain, followChain, type Revoked, type SessionActivity } from './analysis/chained-sessions.ts'
import { failedCalls, failuresByClass } from './analysis/failed-calls.ts'
import { type NewlyObserved, newlyObserved } from './analysis/newly-observed.ts'
import { principalIdentity } from './analysis/principal-identity.ts'
import { sessionSummary } from './analysis/session-summary.ts'
import { siblingKeys } from './analysis/sibling-keys.ts'
import { volumeOf } from './analysis/volume.ts'
import { writeEventName } from './analysis/write-events.ts'
import { artefactsIn } from './persistence/artefacts.ts'
import { type PrincipalRef, type Question, questionOf } from './question.ts'
import type { CloudTrailRecord } from './record.ts'
import { principalName, type ReadResult, type SourceReport } from './source.ts'

/** What is known from elsewhere than CloudTrail's records. */
export interface KnownContext {
  readonly places: AddressLookup
  /** The deny that stands, where the role's sessions were revoked. */
  readonly revoked?: Revoked
  /** Addresses of the instance and of its account: calls from there may be its own. */
  readonly ownAddresses: readonly string[]
}

/** What an investigation found: everything that the screen, the report and the JSON line are made from. */
export interface Investigation {
  readonly counted: Counted
  readonly chain: Chain
  readonly artefacts: readonly PersistenceArtefact[]
  readonly news: NewlyObserved
  readonly report: SourceReport
  readonly known: KnownContext
  readonly incomplete: readonly string[]
}

/** Finishes what a source gathered: the numbers, the sessions below, what was left behind, and what is new. */
export const finishInvestigation = async (
  question: Question,
  { states, report }: ReadResult<ActivityState>,
  known: KnownContext,
): Promise<Investigation> => {
  const covered = { ...question, ...(report.coveredFrom ? { coveredFrom: report.coveredFrom } : {}) }
  const counted = finish(covered, states.get(principalName(question.principal))?.state)
  const sessions = (principal: PrincipalRef): Promise<SessionActivity | undefined> =>
    Promise.resolve(sessionOf(principal, states))
  const chain = await followChain({ principal: question.principal, writeEvents: counted.writeEvents }, sessions, known.revoked)
  const writeEvents = together([counted.writeEvents, ...chain.links.map(({ activity }) => activity?.writeEvents ?? [])])
  const news = newlyObserved(counted, known.places.locate)
  const bad = report.badFiles.map(({ path, why }) => `${path}: ${why}`)
  const incomplete = [...report.incomplete, ...bad, ...chain.incomplete, ...known.places.incomplete()]
  return { counted, chain, artefacts: artefactsIn(writeEvents), news, report, known, incomplete: [...new Set(incomplete)] }
}

/**
 * The records of all sessions as they happened: one session may take away what another left. Each once: a console session
 * has its parent's name, so the records of one are among those of the other.
 */
const together = (sessions: readonly (readonly CloudTrailRecord[])[]): readonly CloudTrailRecord[] => {
  const records = new Map(sessions.flat().map((record) => [writeEventName(record), record]))
  return [...records.values()].sort((a, b) => epochOf(a.at) - epochOf(b.at))
}

const finish = (question: Question, state: ActivityState | undefined): Counted => {
  const fold = activityFold(question)
  return fold.finish(state ?? fold.empty(), question)
}

const sessionOf = (principal: PrincipalRef, states: ReadResult<ActivityState>['states']): SessionActivity | undefined => {
  const found = states.get(principalName(principal))
  if (!found) return undefined
  const counted = finish(questionOf(principal), found.state)
  return { summary: sessionSummary(counted), writeEvents: counted.writeEvents, incomplete: [] }
}

/** The one line of `investigate --json`: the answer of CloudTrail to every question, complete, its texts raw. */
export const activityJson = ({ counted, chain, artefacts, news, known, report, incomplete }: Investigation): object => {
  const failedCallsOf = failedCalls(counted)
  return {
    ...activityLine(counted, { newlyObserved: news, chain: chain.links, persistence: artefacts, incomplete }),
    source: report.source,
    limits: report.limits,
    identity: principalIdentity(counted),
    baselinePrincipal: counted.baselinePrincipal ?? null,
    volume: volumeOf(counted),
    failedCalls: failedCallsOf,
    failuresByClass: failuresByClass(failedCallsOf),
    siblingKeys: flattenUntrusted(siblingKeys(counted)),
    origins: flattenUntrusted(attributeCalls(counted, { addresses: known.ownAddresses })),
    onBehalf: flattenUntrusted(callsOnBehalf(counted)),
  }
}
