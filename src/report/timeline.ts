import type { Entry } from '../incident/entry.ts'
import type { Activity } from '../incident/facts/activity.ts'
import type { Facts } from '../incident/facts/facts.ts'
import { replay } from '../incident/incident.ts'
import { type Block, type Line, type Span, table } from '../incident/values/block.ts'
import { epochOf, type Instant } from '../incident/values/instant.ts'

const US = 'ir-cred'

interface Moment {
  readonly at: Instant
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
    .sort((a, b) => epochOf(a.at) - epochOf(b.at) || a.index - b.index)
  return table(
    ['Timestamp (UTC)', 'Event', 'Source/Evidence', 'Actor'],
    sorted.map(({ at, event, source, actor }) => [{ at }, event, source, actor]),
  )
}

/** Moments whose times come from AWS: GuardDuty, EC2, CloudTrail. */
const worldMoments = ({ finding, subject, evidence, restart, activity, closure }: Partial<Facts>): readonly Moment[] => {
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
    ...moment(activity?.lastSeen, 'last call with the stolen key seen so far', 'CloudTrail', holder),
    ...(evidence?.snapshots ?? []).flatMap(({ id, volumeId, startedAt }) =>
      moment(startedAt, `snapshot ${id} of ${volumeId} started`, 'EC2 StartTime', US),
    ),
    ...moment(restart?.launchTime, `${restart?.instanceId ?? 'the instance'} launched again`, 'EC2 LaunchTime', 'AWS'),
    ...moment(closure?.lastSuccess, 'last call with the stolen key that succeeded', 'CloudTrail', holder),
    ...moment(closure?.firstRefusal, 'first call with the stolen key that the revocation refused', 'CloudTrail', holder),
    ...moment(closure?.lastRefusal, 'last call with the stolen key that the revocation refused', 'CloudTrail', holder),
  ]
}

const chainedSessionMoments = (activity: Activity | undefined, holder: Line): readonly Moment[] =>
  (activity?.chainedSessions.rows ?? [])
    .filter(({ succeeded, depth }) => succeeded && depth === 1)
    .flatMap(({ at, how, roleArn, sessionArn, accessKeyId }) => {
      const whose = roleArn ?? sessionArn ?? 'a session'
      return moment(
        at,
        [`chained session obtained by ${how}: `, whose, accessKeyId ? ` (key ${accessKeyId})` : ''],
        'CloudTrail',
        holder,
      )
    })

const artefactMoments = (activity: Activity | undefined, holder: Line): readonly Moment[] =>
  (activity?.artefacts.rows ?? [])
    .filter(({ succeeded }) => succeeded)
    .flatMap(({ at, left, eventId }) => moment(at, ['persistence artefact: ', ...left], `CloudTrail ${eventId}`, holder))

const moment = (at: Instant | undefined, event: Line, source: string, actor: Line): readonly Moment[] =>
  at === undefined ? [] : [{ at, event, source, actor }]

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
      return { event: `run ended: ${entry.ending}, exit ${entry.exitCode}` }
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
