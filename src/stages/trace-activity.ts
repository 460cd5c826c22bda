import { summarize } from '../activity/session.ts'
import { lookupEverywhere } from '../activity/sources/lookup-events.ts'
import { type Block, fields, list, table, text, warning } from '../incident/block.ts'
import type { Activity, Tally } from '../incident/facts.ts'
import { type Instant, isBefore, plus } from '../incident/instant.ts'
import { defineStage, established } from '../runbook/stage.ts'

const HISTORY = 90 * 86_400
const HOUR = 3600

/** Traces what the stolen key did, as CloudTrail's event history shows it: by key, and by session for its sibling keys. */
export const traceActivity = defineStage({
  id: 'trace-activity',
  phase: 'detect',
  title: 'Trace what the stolen key did',
  needs: ['finding', 'subject'],
  establishes: 'activity',

  async assess({ facts: { finding: found, subject } }, context) {
    const until = context.now()
    const from = beginning([subject.issuedAt, found.finding.firstSeen], plus(until, -HISTORY))
    const regions = [...new Set([subject.region, 'us-east-1', ...context.regions])]
    const clients = regions.map((region) => ({ region, client: context.aws(region).cloudtrail }))
    context.progress(`asking CloudTrail in ${regions.join(', ')}`)
    const byKey = await lookupEverywhere(clients, { attribute: 'AccessKeyId', value: subject.accessKeyId, from, until })
    const bySession = await lookupEverywhere(clients, { attribute: 'Username', value: subject.sessionName, from, until })
    if (byKey.raw.length > 0) await context.keep('cloudtrail-of-the-key', byKey.raw)
    const incomplete = [...byKey.incomplete, ...bySession.incomplete]
    return established<Activity>(summarize(subject.accessKeyId, byKey.records, bySession.records, incomplete))
  },

  tell: (activity) => activityBlocks(activity),
})

/** An hour before the first thing known of the key; the whole history when nothing is. */
const beginning = (known: readonly (Instant | undefined)[], oldest: Instant): Instant => {
  const times = known.filter((time) => time !== undefined)
  const first = times.reduce<Instant | undefined>((a, b) => (a && isBefore(a, b) ? a : b), undefined)
  return first && isBefore(oldest, first) ? plus(first, -HOUR) : oldest
}

const activityBlocks = (activity: Activity): readonly Block[] => {
  const { firstSeen, lastSeen, events, succeeded, denied, failed, assumedRoles, siblingKeys } = activity
  if (!firstSeen || !lastSeen) {
    return [
      text('CloudTrail shows no call of this key: it is younger than the delivery delay, or was used in another Region.'),
      ...gaps(activity),
    ]
  }
  return [
    fields(
      ['first seen', [{ at: firstSeen }]],
      ['last seen', [{ at: lastSeen }]],
      ['calls', `${events}: ${succeeded} succeeded, ${denied} denied, ${failed} failed otherwise`],
    ),
    tallies('address', activity.ips),
    tallies('API', activity.apis),
    tallies('user agent', activity.userAgents),
    ...(siblingKeys.length > 0
      ? [
          text('Other keys of the same session:'),
          list(
            siblingKeys.map(
              ({ accessKeyId, events: count, issuedAt, delivery }) =>
                `${accessKeyId}, ${count} calls${issuedAt ? `, issued ${issuedAt}` : ''}${delivery ? `, IMDSv${delivery.at(0)}` : ''}`,
            ),
          ),
        ]
      : []),
    ...(assumedRoles.length > 0
      ? [
          warning('The key assumed other roles; the revocation does not touch those sessions:'),
          list(
            assumedRoles.map(({ roleArn, accessKeyId, at }) => [roleArn, ` as ${accessKeyId ?? 'an unknown key'} at `, { at }]),
          ),
        ]
      : []),
    ...gaps(activity),
    text(
      'Management events only, of the last 90 days, delivered about 5 minutes late; S3 object reads and other data events are not in this history.',
    ),
  ]
}

const gaps = ({ incomplete }: Activity): readonly Block[] =>
  incomplete.length > 0 ? [warning('Incomplete: ', incomplete.join('; '))] : []

const tallies = (what: string, rows: readonly Tally[]): Block =>
  table(
    [what, 'ok', 'failed'],
    rows.map(({ name, succeeded, failed }) => [[name], String(succeeded), String(failed)]),
  )
