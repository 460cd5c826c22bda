import type { Corroboration, Restart } from '../../../incident/facts/facts.ts'
import type { InstanceRoleSession } from '../../../incident/facts/subject.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { duration, HOUR_SECONDS, MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, instantOf, isBefore, plus, secondsBetween, wholeSecond } from '../../../incident/values/instant.ts'
import { type Issuance, issuancesTo } from '../../../investigation/issuance.ts'
import { lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { newestOwnCall } from '../own-calls.ts'
import { denyGaps } from '../revoke-sessions/gaps.ts'
import { managedNode } from '../scope-blast-radius/ssm.ts'
import type { Answer } from './command.ts'

type VerifyIncident = IncidentWith<'subject' | 'blastRadius' | 'revocation' | 'restart'>

/** What sources other than the instance say of its new credentials. */
export interface OtherSources {
  readonly corroboration: readonly Corroboration[]
  /** Why the answer cannot be true: CloudTrail shows what was issued to the instance, and the reported key is not among it. */
  readonly contradiction?: string
}

/** Asks the SSM agent's ping and CloudTrail about the credentials that the instance reports. */
export const otherSources = async (incident: VerifyIncident, answer: Answer, context: Context): Promise<OtherSources> => {
  const agent = await byAgent(incident, context)
  const trail = answer.wellFormed ? await byCloudTrail(incident, answer.accessKeyId, context) : {}
  const corroboration = [agent, trail.corroboration].filter((source) => source !== undefined)
  return { corroboration, ...given({ contradiction: trail.contradiction }) }
}

/**
 * The agent's ping from after the start, while the deny stands: with older credentials of the role it would have been refused.
 * It counts only where the agent cannot have used the credentials of Default Host Management.
 */
const byAgent = async (incident: VerifyIncident, context: Context): Promise<Corroboration | undefined> => {
  const { subject, restart, revocation, blastRadius } = incident.facts
  if (blastRadius.defaultHostManagement !== undefined) return undefined
  const at = await lastPing(subject, restart, context)
  if (!at || isBefore(at, revocation.cutoff)) return undefined
  // While the deny did not stand, a call with older credentials was not refused.
  if (denyGaps(incident, context.now()).some(({ from, until }) => !isBefore(at, from) && isBefore(at, until))) return undefined
  return {
    kind: 'agent',
    at,
    says: `it called at ${wholeSecond(at)} under role ${subject.role.name} while the deny stood; older credentials would have been refused`,
  }
}

/** What CloudTrail says of the reported key. Neither: it does not show the issue (yet), or the key is older than the cut-off. */
interface TrailAnswer {
  readonly corroboration?: Corroboration
  readonly contradiction?: string
}

/**
 * CloudTrail's AssumeRole by ec2.amazonaws.com for the reported key, at or after the cut-off. Its caller is a service, so it
 * is found by the key as ResourceName, then by the instance id. Looks once, or as long as the responder wants to wait for proof.
 */
const byCloudTrail = async (incident: VerifyIncident, accessKeyId: string, context: Context): Promise<TrailAnswer> => {
  const look = async (): Promise<TrailAnswer | undefined> => {
    const seen = await lookAtTrail(incident, accessKeyId, context)
    if (!seen && context.proofWait > 0)
      context.progress('waiting until CloudTrail shows when the new key was issued (about 5 minutes)')
    return seen
  }
  const proof = { what: 'CloudTrail’s proof', every: 20, within: context.proofWait }
  return (context.proofWait === 0 ? await look() : await context.settle(proof, look)) ?? {}
}

/** Seconds after the start by which CloudTrail has delivered what was issued at it ("How CloudTrail works": about 5 minutes). */
const DELIVERED = 15 * MINUTE_SECONDS

/** One look; undefined while a later one may show more. */
const lookAtTrail = async (
  { facts: { subject, revocation, restart } }: VerifyIncident,
  accessKeyId: string,
  context: Context,
): Promise<TrailAnswer | undefined> => {
  const { region, instanceId } = subject
  const { cloudtrail } = context.aws(region)
  const window = { from: plus(revocation.cutoff, -HOUR_SECONDS), until: context.now() }
  const issued: Issuance[] = []
  for (const value of [accessKeyId, instanceId]) {
    const { records } = await lookupEvents(cloudtrail, region, { attribute: 'ResourceName', value, ...window })
    issued.push(...issuancesTo(instanceId, records))
    const issuance = issued.find((one) => one.accessKeyId === accessKeyId)
    if (!issuance) continue
    // Issued before the cut-off: waiting changes nothing.
    if (isBefore(issuance.at, revocation.cutoff)) return {}
    const says = `${accessKeyId} was issued to ${instanceId} at ${wholeSecond(issuance.at)}, after the cut-off`
    return { corroboration: { kind: 'cloudtrail', at: issuance.at, says } }
  }
  const others = issued.filter(({ at }) => !isBefore(at, wholeSecond(restart.launchTime)))
  const seenUpTo = others.length === 0 ? undefined : await newestOwnCall(region, window, context)
  if (!seenUpTo || isBefore(seenUpTo, plus(restart.launchTime, DELIVERED))) return undefined
  const keys = [...new Set(others.map((one) => one.accessKeyId))].join(' and ')
  return {
    contradiction: `CloudTrail shows that ${keys} was issued to ${instanceId} at its start, and never ${accessKeyId}; it is read to ${wholeSecond(seenUpTo)}`,
  }
}

/** An agent whose credentials were refused sleeps up to 26 minutes; a restart mostly wakes it sooner. */
const PATIENCE = { what: 'the SSM agent', every: 10, within: 30 * MINUTE_SECONDS }

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

/** Waits until the agent calls again, and shows why it takes so long. Gives the time; undefined when it does not call. */
export const agentPing = (subject: InstanceRoleSession, restart: Restart, context: Context): Promise<Instant | undefined> => {
  const since = context.now()
  return context.settle(PATIENCE, async () => {
    const ping = await lastPing(subject, restart, context)
    if (!ping) {
      const waited = duration(secondsBetween(since, context.now()))
      context.progress(`the revocation cut off the SSM agent, which comes back with new credentials; waiting ${waited}`)
    }
    return ping
  })
}
