import type { AddressLookup, PrincipalIdentity } from '../incident/facts/activity.ts'
import type { ApiRow, Baseline, FailedApi, OnBehalf, PersistenceArtefact, SiblingKey } from '../incident/facts/activity-rows.ts'
import type { Cause } from '../incident/facts/cause.ts'
import type { SourceCoverage } from '../incident/facts/coverage.ts'
import { given } from '../incident/values/given.ts'
import { epochOf, type Instant } from '../incident/values/instant.ts'
import { type ActivityState, activityFold, type Counted } from './analysis/activity-fold.ts'
import { type AttributedRows, attributeCalls } from './analysis/attributed-calls.ts'
import { baselineOf } from './analysis/baseline.ts'
import { attributionBy } from './analysis/call-attribution.ts'
import { callsOnBehalf } from './analysis/calls-on-behalf.ts'
import { causeOfTheft } from './analysis/cause.ts'
import { type Chain, followChain, type Revoked, type SessionActivity } from './analysis/chained-sessions.ts'
import { failedCalls } from './analysis/failed-calls.ts'
import { loggingGaps, trailChangeOf } from './analysis/logging-gaps.ts'
import { type NewlyObserved, newlyObserved } from './analysis/newly-observed.ts'
import { principalIdentity } from './analysis/principal-identity.ts'
import { type SessionSummary, sessionSummary } from './analysis/session-summary.ts'
import { siblingKeys, userKeys } from './analysis/sibling-keys.ts'
import { type TouchedObjects, touchedObjects } from './analysis/touched-objects.ts'
import { type CallVolume, volumeOf } from './analysis/volume.ts'
import { isWriteEvent, writeEventGaps, writeEventName } from './analysis/write-events.ts'
import { soundsLikeCredentials } from './outbound-tokens.ts'
import { artefactsIn, mergeEqual } from './persistence/artefacts.ts'
import { type PrincipalRef, type Question, questionOf } from './question.ts'
import type { CloudTrailRecord } from './record.ts'
import { principalName, type ReadResult, type SourceReport } from './source.ts'

/** What is known besides CloudTrail's records. */
export interface KnownContext {
  readonly places: AddressLookup
  /** The deny that stands, where the role's sessions were revoked. */
  readonly revoked?: Revoked
  /** Addresses of the instance and of its account: calls from there may be the workload's own. */
  readonly ownAddresses: readonly string[]
  /** Addresses from which findings say that the credentials were used. */
  readonly reportedAddresses?: readonly string[]
}

/**
 * What CloudTrail's records answer to each question of an investigation, in the order in which the sections show it. Other
 * sources answer the rest: Account and Permissions (enrichment/), Other findings (enrichment/guardduty/) and Detective
 * (enrichment/detective/). The screen and the report (sections/), the fact (activity-fact.ts) and the JSON line
 * (activity-json.ts) are all made from it.
 */
export interface Investigation {
  /** When: first and last call, and the calls by address, API, user agent and hour. */
  readonly summary: SessionSummary
  readonly identity: PrincipalIdentity
  readonly baseline: Baseline
  /** API call volume, over time and beside the baseline. */
  readonly volume: CallVolume
  readonly failedCalls: readonly FailedApi[]
  readonly newlyObserved: NewlyObserved
  /** Credentials: the other keys of the session, whose calls are whose, and the calls that services made for the principal. */
  readonly siblingKeys: readonly SiblingKey[]
  /** The other keys of the same user, which are not the session's. */
  readonly userKeys: readonly SiblingKey[]
  readonly attributedCalls: AttributedRows
  readonly onBehalf: readonly OnBehalf[]
  /** Cause: what led to the use of the credentials by somebody else. */
  readonly cause: Cause
  /** Chained sessions: what the principal obtained, and what those sessions obtained. */
  readonly chain: Chain
  /** Calls whose names speak of credentials and of which ir-cred does not know what they hand out. */
  readonly credentialCalls: readonly ApiRow[]
  /** Persistence: what the principal and its chained sessions made, changed or switched off. */
  readonly artefacts: readonly PersistenceArtefact[]
  /** The write events of the principal and its chained sessions, in the order of time: the artefacts are found in them. */
  readonly writeEvents: readonly CloudTrailRecord[]
  /** Objects: what the principal and its chained sessions touched. */
  readonly objects: TouchedObjects
  /** What the answers are computed from. */
  readonly counted: Counted
  readonly report: SourceReport
  readonly coverage: SourceCoverage
  readonly places: AddressLookup
  /** What could not be read, a sentence each. */
  readonly incomplete: readonly string[]
}

/** What the principal and its chained sessions left behind: what may have been undone by others since. */
export type LeftBehind = Pick<Investigation, 'counted' | 'chain' | 'writeEvents' | 'artefacts'>

/** Finds what was left behind: the first part of the answers, with which a source can be read again while the others are worked out. */
export const leftBehind = async (
  question: Question,
  { states, report }: ReadResult<ActivityState>,
  revoked: Revoked | undefined,
): Promise<LeftBehind> => {
  const covered = { ...question, ...given({ coveredFrom: report.coveredFrom }) }
  const counted = finish(covered, states.get(principalName(question.principal))?.state)
  const session = async (principal: PrincipalRef, since?: Instant): Promise<SessionActivity | undefined> =>
    sessionActivity(principal, states, since)
  const chain = await followChain({ principal: question.principal, writeEvents: counted.writeEvents }, session, revoked)
  const writeEvents = inOrder([counted.writeEvents, ...chain.links.map(({ activity }) => activity?.writeEvents ?? [])])
  return { counted, chain, writeEvents, artefacts: mergeEqual(artefactsIn(writeEvents)) }
}

/** Answers the questions of an investigation from what a source has read; `left` is what `leftBehind` gave for the same. */
export const finishInvestigation = async (
  question: Question,
  read: ReadResult<ActivityState>,
  { places, revoked, ownAddresses, reportedAddresses = [] }: KnownContext,
  left?: LeftBehind,
): Promise<Investigation> => {
  const { counted, chain, writeEvents, artefacts } = left ?? (await leftBehind(question, read, revoked))
  const { states, report } = read
  const observed = newlyObserved(counted, places.locate, reportedAddresses)
  const badFiles = report.badFiles.map(({ path, why }) => `${path}: ${why}`)
  const summary = sessionSummary(counted, reportedAddresses)
  const attribute = attributionBy(counted, { addresses: ownAddresses, reported: reportedAddresses })
  return {
    summary,
    identity: principalIdentity(counted),
    baseline: baselineOf(counted),
    volume: volumeOf(counted),
    failedCalls: failedCalls(counted),
    newlyObserved: observed,
    siblingKeys: siblingKeys(counted, attribute),
    userKeys: userKeys(counted),
    attributedCalls: attributeCalls(counted, attribute, reportedAddresses),
    cause: causeOfTheft(counted, attribute, report.contextNotRead),
    onBehalf: callsOnBehalf(counted),
    chain,
    credentialCalls: summary.apis.filter(isUnknownCredentialCall),
    artefacts,
    coverage: coverageOfReport(report, writeEvents),
    writeEvents,
    objects: touchedObjects([...states.values()].map(({ state }) => state.counter.touches)),
    ...{ counted, report, places },
    incomplete: [
      ...new Set([
        ...writeEventGaps(counted.writeEventsLeftOut, counted.writeEvents.length),
        ...report.incomplete,
        ...badFiles,
        ...chain.incomplete,
        ...places.incomplete(),
      ]),
    ],
  }
}

/** What the source says of its records, and when trails recorded nothing: by anybody's calls, as far as they were looked for. */
const coverageOfReport = ({ coverage = {} }: SourceReport, writeEvents: readonly CloudTrailRecord[]): SourceCoverage => {
  const { trailChanges = [], ...covered } = coverage
  const own = writeEvents.map(trailChangeOf).filter((change) => change !== undefined)
  return {
    ...{ accounts: [], regions: [], gapsOfAll: false, missingDigests: [], filesOutOfRange: 0, mentionedIn: [] },
    beside: { digest: 0, insight: 0, aggregated: 0 },
    ...covered,
    gaps: loggingGaps([...trailChanges, ...own]),
  }
}

/**
 * The records of all sessions in the order of time, because one session may remove what another made. Each record once: a
 * console session has its parent's name, so the records of one are among those of the other.
 */
const inOrder = (sessions: readonly (readonly CloudTrailRecord[])[]): readonly CloudTrailRecord[] => {
  const records = new Map(sessions.flat().map((record) => [writeEventName(record), record]))
  return [...records.values()].sort((a, b) => epochOf(a.at) - epochOf(b.at))
}

const isUnknownCredentialCall = ({ eventSource, api }: ApiRow): boolean =>
  soundsLikeCredentials(api) && !isWriteEvent({ eventSource, eventName: api })

const finish = (question: Question, state: ActivityState | undefined): Counted => {
  const fold = activityFold(question)
  return fold.finish(state ?? fold.empty(), question)
}

const sessionActivity = (
  principal: PrincipalRef,
  states: ReadResult<ActivityState>['states'],
  since: Instant | undefined,
): SessionActivity | undefined => {
  const found = states.get(principalName(principal))
  if (!found) return undefined
  const counted = finish(questionOf(principal, { scope: given({ from: since }) }), found.state)
  return { summary: sessionSummary(counted), writeEvents: counted.writeEvents, incomplete: [] }
}
