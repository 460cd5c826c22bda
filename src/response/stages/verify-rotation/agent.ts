import type { Restart } from '../../../incident/facts/facts.ts'
import type { InstanceRoleSession } from '../../../incident/facts/subject.ts'
import { duration, MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, instantOf, isBefore, secondsBetween } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'
import { readOr } from '../optional-read.ts'
import { managedNode } from '../scope-blast-radius/ssm.ts'
import type { VerifyIncident } from './command.ts'

/** An agent whose credentials were refused sleeps up to 26 minutes; a restart mostly wakes it sooner. */
const SLEEP = 30 * MINUTE_SECONDS
/** An agent that did not call before the stop either: the start may wake it, and nothing else will. */
const BOOT = 5 * MINUTE_SECONDS

/** Seconds that the agent is waited for, by how SSM knew the instance before this incident touched it. None where it never registered. */
const waitsFor = ({ facts, earlier }: VerifyIncident): number => {
  const states = [facts.blastRadius.ssm?.state, earlier.blastRadius?.ssm?.state]
  if (states.includes('online') || facts.blastRadius.ssm === undefined) return SLEEP
  return states.includes('lost') || states.includes('unknown') ? BOOT : 0
}

/** When the agent last called, if that was after the start: an Online from before the stop is stale. */
export const lastPing = async (
  subject: InstanceRoleSession,
  restart: Restart,
  context: Context,
): Promise<Instant | undefined> => {
  const node = await managedNode(subject, context)
  if (node?.PingStatus !== 'Online' || !node.LastPingDateTime) return undefined
  const ping = instantOf(node.LastPingDateTime)
  return isBefore(restart.launchTime, ping) ? ping : undefined
}

const pingOf = ({ instanceId }: InstanceRoleSession) => ({
  what: `whether the SSM agent of ${instanceId} called`,
  operation: 'ssm:DescribeInstanceInformation',
  otherwise: 'unread' as const,
})

/** When the agent called since the start, as far as Systems Manager says so. */
export const pingNow = async (
  { facts: { subject, restart } }: VerifyIncident,
  context: Context,
): Promise<Instant | undefined> => {
  const ping = await readOr([], pingOf(subject), () => lastPing(subject, restart, context))
  return ping === 'unread' ? undefined : ping
}

/**
 * Waits until the agent calls again, and shows why it takes so long. `silent` when it does not; `unread` when Systems Manager does not
 * say so: then the command itself will tell.
 */
export const agentPing = async (incident: VerifyIncident, context: Context): Promise<Instant | 'silent' | 'unread'> => {
  const { subject, restart } = incident.facts
  const since = context.now()
  const within = waitsFor(incident)
  const look = async () => {
    const ping = await lastPing(subject, restart, context)
    if (!ping && within > 0) {
      const waited = duration(secondsBetween(since, context.now()))
      context.progress(`the revocation cut off the SSM agent, which comes back with new credentials; waiting ${waited}`)
    }
    return ping
  }
  const patience = { what: 'the SSM agent', kind: 'ssm-registration' as const, within }
  const ping = await readOr([], pingOf(subject), () => (within > 0 ? context.settle(patience, look) : look()))
  return ping ?? 'silent'
}
