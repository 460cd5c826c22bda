import type { ApiRow, Baseline, PersistenceArtefact } from '../../incident/facts/activity-rows.ts'
import { rawLine } from '../../incident/values/show.ts'
import { rawText, type Untrusted } from '../../incident/values/untrusted.ts'
import type { Counted } from './activity-fold.ts'
import { baselineOf } from './baseline.ts'
import type { ChainLink } from './chained-sessions.ts'
import { type NewlyObserved, newlyObserved } from './newly-observed.ts'
import { type SessionSummary, sessionSummary } from './session-summary.ts'

/** What stands in the line besides what was counted. */
export interface ActivityParts {
  /** Missing: what counting alone tells, without countries and networks. */
  readonly newlyObserved?: NewlyObserved
  readonly chain: readonly ChainLink[]
  /** Of the principal and of its chained sessions. */
  readonly persistence: readonly PersistenceArtefact[]
  readonly incomplete: readonly string[]
}

/**
 * The answer of `investigate --json`: one object, its texts complete and raw. For JSON only, where they are escaped.
 * Counts are exact, lists complete; a moment that nothing tells is null.
 */
export const activityLine = (counted: Counted, parts: ActivityParts): object => {
  const summary = sessionSummary(counted)
  const baseline = baselineOf(counted)
  const { question } = counted
  const { from = summary.firstSeen, until = summary.lastSeen } = question.scope
  return {
    type: 'activity',
    scope: { principal: question.principal, from: from ?? null, until: until ?? null },
    ...numbersOf(summary),
    newlyObserved: newsOf(parts.newlyObserved ?? newlyObserved(counted)),
    baseline: { from: baseline.from ?? null, until: baseline.until ?? null, events: baseline.events, days: baseline.days },
    chain: parts.chain.map(linkOf),
    persistence: parts.persistence.map(artefactOf),
    incomplete: [...baselineGaps(baseline, summary), ...writeEventGaps(counted), ...parts.incomplete],
  }
}

const numbersOf = (summary: SessionSummary) => ({
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

const newsOf = ({ apis, userAgents, ips, countries, networks, increased }: NewlyObserved) => ({
  apis: apis.map(({ eventSource: _, ...row }) => row),
  userAgents: userAgents.map((row) => ({ ...row, userAgent: rawText(row.userAgent) })),
  ips: ips.map((row) => ({ ...row, ip: rawText(row.ip) })),
  countries: countries.map((row) => ({ ...row, country: rawText(row.country) })),
  networks: networks.map((row) => ({ ...row, network: rawText(row.network) })),
  increased: increased.map(({ eventSource: _, ...row }) => row),
})

const textOf = (text: Untrusted | undefined): string | null => (text ? rawText(text) : null)

const linkOf = ({ chainedSession, depth, activity, revoked }: ChainLink) => ({
  depth,
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

const artefactOf = ({ technique, left, remedy, names: _, writtenPolicy: __, ...row }: PersistenceArtefact) => ({
  technique: technique.id,
  techniqueName: technique.name,
  left: rawLine(left),
  remedy: 'command' in remedy ? remedy.command : remedy.sentence,
  ...('command' in remedy && remedy.note ? { note: remedy.note } : {}),
  ...row,
})

const baselineGaps = ({ days, inTraining }: Baseline, { events }: SessionSummary): readonly string[] => {
  if (!inTraining || events === 0) return []
  return days === 0
    ? ['there are no records from before the scope: nothing can be said to be new']
    : [`the baseline has ${days} days, fewer than 14: what is said to be new may not be`]
}

const writeEventGaps = ({ writeEventsLeftOut, writeEvents }: Counted): readonly string[] =>
  writeEventsLeftOut === 0
    ? []
    : [`${writeEventsLeftOut} more calls may have left something; the records of the first ${writeEvents.length} are listed`]
