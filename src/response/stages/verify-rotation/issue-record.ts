import { duration, HOUR_SECONDS, MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, later, plus, secondsBetween, wholeSecond } from '../../../incident/values/instant.ts'
import { type Issuance, issuancesTo } from '../../../investigation/issuance.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { newestOwnCall } from '../own-calls.ts'
import { pingNow } from './agent.ts'
import type { VerifyIncident } from './command.ts'

/** Seconds after the start by which CloudTrail has delivered what was issued at it ("How CloudTrail works": about 5 minutes). */
const DELIVERED = 15 * MINUTE_SECONDS

/** In what CloudTrail is asked about the new credentials: some time before the cut-off, so that older ones are known as such. */
export const issueWindow = ({ facts: { revocation } }: VerifyIncident, context: Context) => ({
  from: plus(revocation.cutoff, -HOUR_SECONDS),
  until: context.now(),
})

/** What EC2 issued to the instance for sessions of the role, as these records show it. An instance can have had another role. */
export const issuancesOf = ({ facts: { subject } }: VerifyIncident, records: readonly CloudTrailRecord[]): readonly Issuance[] =>
  issuancesTo(
    subject.instanceId,
    records.filter(({ requested }) => requested.roleArn === undefined || requested.roleArn === subject.role.arn),
  )

/** What CloudTrail shows of a new issue to the instance, in words; and whether a later look can show more. */
export interface IssueSeen {
  readonly issue?: Issuance
  readonly says: string
  readonly isFinal: boolean
}

/**
 * One look for CloudTrail's record of credentials that EC2 issued to the instance at or after its start and the cut-off. The instance
 * cannot forge it, and a stop and start leaves it no older ones: where the instance cannot be asked, the record alone is the proof.
 */
export const provenByIssue = async (incident: VerifyIncident, context: Context): Promise<IssueSeen> => {
  const { subject, revocation, restart } = incident.facts
  const { instanceId, region } = subject
  const since = later(revocation.cutoff, wholeSecond(restart.launchTime))
  const window = issueWindow(incident, context)
  const lookup = { attribute: 'ResourceName' as const, value: instanceId, ...window }
  const { records, incomplete } = await lookupEvents(context.aws(region).cloudtrail, region, lookup)
  const issue = issuancesOf(incident, records).find(({ at }) => !isBefore(at, since))
  if (issue) {
    const says = `${issue.accessKeyId} was issued to ${instanceId} at ${wholeSecond(issue.at)}, after the cut-off and the start`
    return { issue, says, isFinal: true }
  }
  const [unread] = incomplete
  if (unread !== undefined) return { says: unread, isFinal: unread.endsWith(' is denied') }
  const seenUpTo = await newestOwnCall(region, window, context)
  return { says: `CloudTrail shows no new issue to it ${upTo(seenUpTo)}`, isFinal: isDelivered(seenUpTo, restart.launchTime) }
}

const upTo = (seenUpTo: Instant | undefined): string => (seenUpTo ? `up to ${wholeSecond(seenUpTo)}` : 'yet')

/** Whether CloudTrail shows calls from so late that it has delivered what was issued at the start. */
export const isDelivered = (seenUpTo: Instant | undefined, launchTime: Instant): seenUpTo is Instant =>
  seenUpTo !== undefined && !isBefore(seenUpTo, plus(launchTime, DELIVERED))

/** Seconds that the last look waits for the record: as long as CloudTrail takes at most. */
const ISSUE_WAIT = 15 * MINUTE_SECONDS

/** Waits for that record, or until it can be no longer expected. Gives `ping` when the agent calls first, where that is asked for. */
export const issueOrPing = async (incident: VerifyIncident, context: Context, orPing: boolean): Promise<IssueSeen | 'ping'> => {
  const began = context.now()
  let last = await provenByIssue(incident, context)
  const within = Math.max(ISSUE_WAIT, context.proofWait)
  if (last.isFinal) return last
  const seen = await context.settle({ what: 'CloudTrail’s record of the issue', kind: 'cloudtrail', within }, async () => {
    if (orPing && (await pingNow(incident, context))) return 'ping' as const
    last = await provenByIssue(incident, context)
    if (last.isFinal) return last
    const waited = duration(secondsBetween(began, context.now()))
    context.progress(
      `waiting until CloudTrail shows the new issue to ${incident.facts.subject.instanceId}, at most ${duration(within)}; waited ${waited}`,
    )
    return undefined
  })
  return seen ?? last
}
