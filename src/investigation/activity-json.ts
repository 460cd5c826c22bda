import type { ApiRow, Baseline, PersistenceArtefact } from '../incident/facts/activity-rows.ts'
import { given } from '../incident/values/given.ts'
import { flattenUntrusted, rawLine } from '../incident/values/show.ts'
import { rawText, type Untrusted } from '../incident/values/untrusted.ts'
import type { Counted } from './analysis/activity-fold.ts'
import { baselineOf, TRAINING_DAYS } from './analysis/baseline.ts'
import type { ChainLink } from './analysis/chained-sessions.ts'
import { failuresByClass } from './analysis/failed-calls.ts'
import { type NewlyObserved, newlyObserved } from './analysis/newly-observed.ts'
import { type SessionSummary, sessionSummary } from './analysis/session-summary.ts'
import type { Investigation } from './investigation.ts'

/** The parts of the line that are not counted. */
interface ActivityParts {
  /** Missing: computed from the counts. */
  readonly summary?: SessionSummary
  /** Missing: computed from the counts alone, without countries and networks. */
  readonly newlyObserved?: NewlyObserved
  readonly chain: readonly ChainLink[]
  /** Artefacts of the principal and of its chained sessions. */
  readonly persistence: readonly PersistenceArtefact[]
  readonly incomplete: readonly string[]
}

/** The one line of `investigate --json`: CloudTrail's answer to every question, complete, its texts raw. */
export const activityJson = (found: Investigation): object => {
  const { counted, newlyObserved: observed, chain, artefacts, incomplete } = found
  return {
    ...activityLine(counted, {
      summary: found.summary,
      newlyObserved: observed,
      chain: chain.links,
      persistence: artefacts,
      incomplete,
    }),
    source: found.report.source,
    limits: found.report.limits,
    coverage: flattenUntrusted(found.coverage),
    identity: found.identity,
    baselinePrincipal: counted.baselinePrincipal ?? null,
    comparedFrom: counted.comparedFrom ?? null,
    volume: flattenUntrusted(found.volume),
    failedCalls: found.failedCalls,
    failuresByClass: failuresByClass(found.failedCalls),
    siblingKeys: flattenUntrusted(found.siblingKeys),
    userKeys: flattenUntrusted(found.userKeys),
    origins: flattenUntrusted(found.attributedCalls.rows),
    ...given({ folded: foldedJson(found) }),
    cause: flattenUntrusted(found.cause),
    objects: found.objects.rows.map(flattenUntrusted),
    onBehalf: flattenUntrusted(found.onBehalf),
    credentialCalls: found.credentialCalls,
  }
}

/** What is counted together where there are very many addresses, user agents, origins or objects; undefined where everything is listed. */
const foldedJson = ({ summary, newlyObserved: observed, attributedCalls, objects }: Investigation): object | undefined => {
  const folded = given({
    ...{ ips: summary.foldedIps, userAgents: summary.foldedUserAgents },
    ...{ newIps: observed.foldedIps, newUserAgents: observed.foldedUserAgents },
    origins: attributedCalls.folded.length > 0 ? attributedCalls.folded : undefined,
    objects: objects.folded.length > 0 ? objects.folded : undefined,
  })
  return Object.keys(folded).length > 0 ? folded : undefined
}

/**
 * What was counted, as one object: counts are exact, lists are complete, a moment that is not known is null. The texts are raw,
 * so use it for JSON only, which escapes them.
 */
export const activityLine = (counted: Counted, parts: ActivityParts): object => {
  const { summary = sessionSummary(counted) } = parts
  const baseline = baselineOf(counted)
  const { question } = counted
  const { from = summary.firstSeen, until = summary.lastSeen } = question.scope
  return {
    type: 'activity',
    scope: { principal: question.principal, from: from ?? null, until: until ?? null },
    ...summaryJson(summary),
    newlyObserved: newlyObservedJson(parts.newlyObserved ?? newlyObserved(counted)),
    baseline: { from: baseline.from ?? null, until: baseline.until ?? null, events: baseline.events, days: baseline.days },
    chain: parts.chain.map(chainedSessionJson),
    persistence: parts.persistence.map(artefactJson),
    incomplete: [...baselineGaps(baseline, summary), ...parts.incomplete],
  }
}

const summaryJson = (summary: SessionSummary) => ({
  firstSeen: summary.firstSeen ?? null,
  lastSeen: summary.lastSeen ?? null,
  events: summary.events,
  succeeded: summary.succeeded,
  failed: summary.failed,
  denied: summary.denied,
  throttled: summary.throttled,
  accessKeyIds: summary.accessKeyIds,
  issuedAt: summary.issuedAt,
  ec2RoleDelivery: summary.ec2RoleDelivery,
  ips: summary.ips.map(({ ip, events, failed }) => ({ ip: rawText(ip), events, failed })),
  apis: mergedApis(summary.apis),
  userAgents: summary.userAgents.map(({ userAgent, events }) => ({ userAgent: rawText(userAgent), events })),
  hours: summary.hours,
})

/** Rows by service and API; two event sources of one service (`runtime.lex`, `runtime.sagemaker`) would be two rows of one name. */
const mergedApis = (rows: readonly ApiRow[]) => {
  const merged = new Map<string, { service: string; api: string; succeeded: number; failed: number }>()
  for (const { service, api, succeeded, failed } of rows) {
    const row = merged.get(`${service} ${api}`) ?? { service, api, succeeded: 0, failed: 0 }
    row.succeeded += succeeded
    row.failed += failed
    merged.set(`${service} ${api}`, row)
  }
  return [...merged.values()]
}

const newlyObservedJson = ({ apis, userAgents, ips, countries, networks, increased }: NewlyObserved) => ({
  apis: apis.map(({ eventSource: _, ...row }) => row),
  userAgents: userAgents.map((row) => ({ ...row, userAgent: rawText(row.userAgent) })),
  ips: ips.map((row) => ({ ...row, ip: rawText(row.ip) })),
  countries: countries.map((row) => ({ ...row, country: rawText(row.country) })),
  networks: networks.map((row) => ({ ...row, network: rawText(row.network) })),
  increased: increased.map(({ eventSource: _, ...row }) => row),
})

const textOf = (text: Untrusted | undefined): string | null => (text ? rawText(text) : null)

const chainedSessionJson = ({ chainedSession, depth, activity, revoked }: ChainLink) => ({
  depth,
  credential: chainedSession.credential ?? 'session',
  purpose: chainedSession.purpose ?? null,
  user: textOf(chainedSession.userName),
  times: chainedSession.times ?? null,
  how: chainedSession.how,
  at: chainedSession.at,
  eventId: chainedSession.eventId,
  succeeded: chainedSession.succeeded,
  errorCode: chainedSession.errorCode ?? null,
  parentAccessKeyId: chainedSession.parentAccessKeyId ?? null,
  accessKeyId: chainedSession.accessKeyId ?? null,
  roleArn: textOf(chainedSession.roleArn),
  session: textOf(chainedSession.sessionArn),
  accountId: chainedSession.accountId ?? null,
  revoked,
  firstSeen: activity?.summary.firstSeen ?? null,
  lastSeen: activity?.summary.lastSeen ?? null,
  events: activity?.summary.events ?? null,
  failed: activity?.summary.failed ?? null,
})

const artefactJson = ({ names: _, writtenPolicy: __, ...artefact }: PersistenceArtefact) => {
  const { technique, left, payload, remedy, undoneBy, ...row } = artefact
  return {
    technique: technique.id,
    techniqueName: technique.name,
    left: rawLine(left),
    ...given({ payload: payload && rawLine(payload).replace(/^(?::|, which) /, '') }),
    remedy: 'command' in remedy ? remedy.command : remedy.sentence,
    ...given({ note: 'command' in remedy && remedy.note ? remedy.note : undefined }),
    ...row,
    ...given({ undoneBy: undoneBy && { ...undoneBy, ...given({ by: undoneBy.by && rawText(undoneBy.by) }) } }),
  }
}

const baselineGaps = ({ days, inTraining }: Baseline, { events }: SessionSummary): readonly string[] => {
  if (!inTraining || events === 0) return []
  return days === 0
    ? ['there are no records from before the scope, so ir-cred cannot tell what is new']
    : [`the baseline has ${days} days, fewer than ${TRAINING_DAYS}: what looks new may not be new`]
}
