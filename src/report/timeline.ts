import type { Entry } from '../incident/entry.ts'
import type { Activity } from '../incident/facts/activity.ts'
import type { Facts } from '../incident/facts/facts.ts'
import { workloadWords } from '../incident/facts/renewal-fact.ts'
import { replay } from '../incident/incident.ts'
import { type Block, type Line, type Span, table } from '../incident/values/block.ts'
import { SECOND_MS } from '../incident/values/duration.ts'
import { epochOf, type Instant } from '../incident/values/instant.ts'

const US = 'ir-cred'

interface Moment {
  readonly at: Instant
  /** It followed from something in the same second, such as a refusal from the deny that caused it. */
  readonly isEffect?: true
  readonly event: Line
  readonly source: string
  readonly actor: Line
}

/** What happened, in the order of time: AWS's records and the journal's entries (NIST SP 800-61). */
export const timelineTable = (entries: readonly Entry[]): Block => {
  const { facts } = replay(entries)
  const moments = [...worldMoments(facts), ...entries.flatMap((entry, index) => journalMoments(entry, `journal ${index + 1}`))]
  const sorted = moments
    .map((moment, index) => ({ ...moment, index }))
    .sort((a, b) => placeOf(a) - placeOf(b) || a.index - b.index)
  return table(
    ['Timestamp (UTC)', 'Event', 'Source/Evidence', 'Actor'],
    sorted.map(({ at, event, source, actor }) => [{ at }, event, source, actor]),
  )
}

/**
 * Where a moment stands, in milliseconds. AWS's records have whole seconds and the journal has milliseconds: what followed from
 * something in its second stands at the second's end, so that no effect comes before its cause.
 */
const placeOf = ({ at, isEffect }: Moment): number => {
  const epoch = epochOf(at)
  return isEffect && epoch % SECOND_MS === 0 ? epoch + SECOND_MS - 1 : epoch
}

const SHOWN_BY = {
  ...{ function: 'Lambda LastModified', alias: 'Lambda LastModified' },
  ...{ service: 'ECS deployment', member: 'EC2 LaunchTime', identity: 'CloudTrail' },
} as const

/** Moments whose times come from AWS: GuardDuty, EC2, CloudTrail. */
const worldMoments = ({ finding, subject, evidence, restart, renewal, activity, closure }: Partial<Facts>): readonly Moment[] => {
  const key = subject?.accessKeyId ?? activity?.accessKeyIds.rows[0]
  const holder = key ? `holder of ${key}` : 'holder of the stolen key'
  const found = finding?.finding
  return [
    ...moment(subject?.issuedAt, `the stolen key ${key ?? ''} was issued`, 'CloudTrail', 'AWS'),
    ...moment(found?.firstSeen, `first call named in the finding ${found?.type ?? ''}`, `GuardDuty ${found?.id ?? ''}`, holder),
    ...moment(found?.lastSeen, 'last call named in the finding', `GuardDuty ${found?.id ?? ''}`, holder),
    ...moment(activity?.firstSeen, 'first call with the stolen key', 'CloudTrail', holder),
    ...chainedSessionMoments(activity, holder),
    ...artefactMoments(activity, holder),
    ...refusedMoments(activity, triedBy(activity, holder)),
    ...moment(activity?.lastSeen, 'last call with the stolen key seen so far', 'CloudTrail', holder),
    ...(evidence?.snapshots ?? []).flatMap(({ id, volumeId, startedAt }) =>
      effect(startedAt, `snapshot ${id} of ${volumeId} started`, 'EC2 StartTime', US),
    ),
    ...effect(restart?.launchTime, `${restart?.instanceId ?? 'the instance'} launched again`, 'EC2 LaunchTime', 'AWS'),
    ...(renewal?.workloads ?? []).flatMap((one) =>
      effect(one.changedAt, `${workloadWords(one)} changed, for new credentials`, SHOWN_BY[one.kind], 'AWS'),
    ),
    ...moment(closure?.lastSuccess, 'last call of the attacker with the stolen key that succeeded', 'CloudTrail', holder),
    ...effect(
      closure?.firstRefusal,
      'first call of the attacker with the stolen key that the revocation refused',
      'CloudTrail',
      holder,
    ),
    ...effect(
      closure?.lastRefusal,
      'last call of the attacker with the stolen key that the revocation refused',
      'CloudTrail',
      holder,
    ),
  ]
}

const chainedSessionMoments = (activity: Activity | undefined, holder: Line): readonly Moment[] =>
  (activity?.chainedSessions.rows ?? [])
    // Keys, passwords and trust policies stand in the timeline as persistence artefacts.
    .filter(({ depth, credential = 'token' }) => depth === 1 && credential === 'token')
    .flatMap(({ at, how, roleArn, sessionArn, accessKeyId, succeeded, errorCode, purpose }) => {
      const whose = roleArn ?? sessionArn ?? purpose ?? 'a session'
      return succeeded
        ? moment(
            at,
            [`${purpose ? 'token' : 'chained session'} obtained by ${how}: `, whose, accessKeyId ? ` (key ${accessKeyId})` : ''],
            'CloudTrail',
            holder,
          )
        : effect(at, [`tried to obtain a session by ${how}: `, whose, failed(errorCode)], 'CloudTrail', holder)
    })

const artefactMoments = (activity: Activity | undefined, holder: Line): readonly Moment[] =>
  (activity?.artefacts.rows ?? []).flatMap(({ at, left, payload = [], eventId, succeeded, errorCode }) =>
    succeeded
      ? moment(at, ['persistence artefact: ', ...left, ...payload], `CloudTrail ${eventId}`, holder)
      : effect(at, ['tried to leave: ', ...left, ...payload, failed(errorCode)], `CloudTrail ${eventId}`, holder),
  )

const failed = (errorCode: string | undefined): string => `, refused (${errorCode ?? 'error'})`

/** CloudTrail counts failed calls by API, and not by whose they are: where the workload failed too, it may be either. */
const triedBy = (activity: Activity | undefined, holder: string): string =>
  activity?.origins.rows.every(({ attribution, failed: calls }) => attribution === 'external' || calls === 0)
    ? holder
    : `${holder}: the attacker or the workload`

/** The most often refused APIs that the timeline holds; the section on failed calls counts all. */
const REFUSED_APIS = 25

/** What was tried and refused, an API each: the first call and, where there were more, the last one. */
const refusedMoments = (activity: Activity | undefined, holder: Line): readonly Moment[] => {
  const refused = (activity?.failures.rows ?? []).filter(({ errorClass }) => errorClass === 'denied')
  const shown = refused.toSorted((a, b) => b.events - a.events).slice(0, REFUSED_APIS)
  const left = (activity?.failures.all ?? 0) - shown.length
  return [
    ...shown.flatMap(({ service, api, errorCode, events, firstSeen, lastSeen }) => [
      ...effect(firstSeen, `tried ${service}:${api}${times(events)}, refused (${errorCode})`, 'CloudTrail', holder),
      ...(events > 1 ? effect(lastSeen, `last ${service}:${api} of these ${events}, refused`, 'CloudTrail', holder) : []),
    ]),
    ...(left > 0
      ? moment(activity?.lastSeen, `${left} more kinds of failed calls are in section trace-activity`, 'CloudTrail', holder)
      : []),
  ]
}

const times = (events: number): string => (events === 1 ? '' : `, the first of ${events}`)

const moment = (at: Instant | undefined, event: Line, source: string, actor: Line): readonly Moment[] =>
  at === undefined ? [] : [{ at, event, source, actor }]

/** A moment that followed from another one: see `placeOf`. */
const effect = (at: Instant | undefined, event: Line, source: string, actor: Line): readonly Moment[] =>
  moment(at, event, source, actor).map((one) => ({ ...one, isEffect: true as const }))

const journalMoments = (entry: Entry, source: string): readonly Moment[] => {
  const shown = journalEvent(entry)
  return shown ? [{ at: entry.at, event: shown.event, source, actor: shown.actor ?? US }] : []
}

/** An entry as an event; undefined for those that another section shows in full. */
const journalEvent = (entry: Entry): { event: Line; actor?: string } | undefined => {
  switch (entry.type) {
    case 'opened':
      return { event: 'response started', actor: entry.setting.responderArn }
    case 'resumed':
      return { event: 'response resumed', actor: entry.responderArn }
    case 'lifting':
      return {
        event: ['lift started', ...(entry.despite?.reason ? [', reason: ', entry.despite.reason] : [])],
        actor: entry.responderArn,
      }
    case 'approved':
      return { event: `${entry.stage} approved`, actor: entry.by }
    case 'intended':
      return { event: `${entry.effect.operation} on ${entry.effect.resource} intended` }
    case 'sent':
      return { event: sentEvent(entry) }
    case 'established':
      return { event: `${entry.stage} established: ${Object.keys(entry.fact).join(', ')}` }
    case 'rechecked':
      return { event: `${entry.stage} re-checked, ${entry.stands ? 'in place' : 'NOT IN PLACE'}: ${entry.says}` }
    case 'notApplicable':
      return { event: `${entry.stage} not applicable: ${entry.why}` }
    case 'skipped':
      return { event: `${entry.stage} skipped`, actor: entry.by }
    case 'declined':
      return { event: `${entry.stage} declined: ${entry.why}` }
    case 'falseAlarm':
      return { event: [`declared a false alarm at ${entry.stage}: `, entry.reason], actor: `${entry.by}, ${entry.responderArn}` }
    case 'blocked':
      return { event: `${entry.stage} blocked: ${entry.why}` }
    case 'interrupted':
      return { event: 'interrupted', actor: entry.by }
    case 'recovered':
      return { event: `journal recovered: ${entry.why}` }
    case 'ended':
      return { event: `${entry.of ?? 'run'} ended: ${entry.ending}, exit ${entry.exitCode}` }
    case 'kept':
    case 'checkpoint':
      return undefined
  }
}

const sentEvent = (entry: Extract<Entry, { type: 'sent' }>): readonly Span[] => {
  switch (entry.outcome) {
    case 'accepted':
      return [`${entry.stage}: call accepted (request ${entry.requestId})`]
    case 'refused':
      return [`${entry.stage}: call refused, ${entry.code}, `, entry.message]
    case 'unknown':
      return [`${entry.stage}: no answer, outcome unknown: ${entry.why}`]
  }
}
