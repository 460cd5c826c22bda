import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm'
import type { Restart } from '../../../incident/facts/facts.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import { duration, MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, instantOf, isBefore, secondsBetween } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'

/** An agent's credential refresher sleeps up to 26 minutes after a refusal; a restart mostly cures it sooner. */
const PATIENCE = { what: 'the SSM agent', every: 10, within: 30 * MINUTE_SECONDS }

/** When the agent was last heard from, if that was after the start: an Online from before the stop is stale. */
export const lastPing = async (
  { instanceId, region }: Subject,
  restart: Restart,
  context: Context,
): Promise<Instant | undefined> => {
  const answer = await context
    .aws(region)
    .ssm.send(new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [instanceId] }] }))
  const node = answer.InstanceInformationList?.find(({ InstanceId }) => InstanceId === instanceId)
  if (node?.PingStatus !== 'Online' || !node.LastPingDateTime) return undefined
  const ping = instantOf(node.LastPingDateTime)
  return isBefore(restart.launchTime, ping) ? ping : undefined
}

/** Waits for the agent to register again; while it is not there the reason is told. */
export const agentHeard = (subject: Subject, restart: Restart, context: Context): Promise<Instant | undefined> => {
  const since = context.now()
  return context.settle(PATIENCE, async () => {
    const ping = await lastPing(subject, restart, context)
    if (!ping) {
      const waited = duration(secondsBetween(since, context.now()))
      context.progress(`the SSM agent was cut off by the revocation and comes back with new credentials; waiting ${waited}`)
    }
    return ping
  })
}
