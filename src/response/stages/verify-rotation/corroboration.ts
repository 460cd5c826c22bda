import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm'
import type { Corroboration, Restart } from '../../../incident/facts/facts.ts'
import type { InstanceRoleSession } from '../../../incident/facts/subject.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { duration, HOUR_SECONDS, MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, instantOf, isBefore, plus, secondsBetween, wholeSecond } from '../../../incident/values/instant.ts'
import { issuancesTo } from '../../../investigation/issuance.ts'
import { lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import type { Answer } from './command.ts'

type VerifyIncident = IncidentWith<'subject' | 'blastRadius' | 'revocation' | 'restart'>

/** What sources other than the instance say of its new credentials: the SSM agent's ping, and CloudTrail. */
export const corroborationOf = async (
  incident: VerifyIncident,
  answer: Answer,
  context: Context,
): Promise<readonly Corroboration[]> => {
  const agent = await byAgent(incident, context)
  const trail = answer.wellFormed ? await byCloudTrail(incident, answer.accessKeyId, context) : undefined
  return [agent, trail].filter((source) => source !== undefined)
}

/**
 * The agent's ping from after the start, while the deny stands: with older credentials of the role it would have been refused.
 * It counts only where the agent cannot have used the credentials of Default Host Management.
 */
const byAgent = async ({ facts }: VerifyIncident, context: Context): Promise<Corroboration | undefined> => {
  const { subject, restart, revocation, blastRadius } = facts
  if (blastRadius.defaultHostManagement !== undefined) return undefined
  const at = await lastPing(subject, restart, context)
  if (!at || isBefore(at, revocation.cutoff)) return undefined
  return {
    kind: 'agent',
    at,
    says: `it called at ${wholeSecond(at)} under role ${subject.role.name} while the deny stood; older credentials would have been refused`,
  }
}

/**
 * CloudTrail's AssumeRole by ec2.amazonaws.com for the reported key, at or after the cut-off. Its caller is a service, so it
 * is found by the key as ResourceName, then by the instance id. Looks once, or as long as the responder wants to wait for proof.
 */
const byCloudTrail = async (
  { facts }: VerifyIncident,
  accessKeyId: string,
  context: Context,
): Promise<Corroboration | undefined> => {
  const { subject, revocation } = facts
  const { cloudtrail } = context.aws(subject.region)
  const look = async (): Promise<Corroboration | typeof TOO_OLD | undefined> => {
    for (const value of [accessKeyId, subject.instanceId]) {
      const window = { from: plus(revocation.cutoff, -HOUR_SECONDS), until: context.now() }
      const { records } = await lookupEvents(cloudtrail, subject.region, { attribute: 'ResourceName', value, ...window })
      const issuance = issuancesTo(subject.instanceId, records).find((issued) => issued.accessKeyId === accessKeyId)
      if (issuance && !isBefore(issuance.at, revocation.cutoff)) {
        return {
          kind: 'cloudtrail',
          at: issuance.at,
          says: `${accessKeyId} was issued to ${subject.instanceId} at ${wholeSecond(issuance.at)}, after the cut-off`,
        }
      }
      if (issuance) return TOO_OLD
    }
    if (context.proofWait > 0) context.progress('waiting until CloudTrail shows when the new key was issued (about 5 minutes)')
    return undefined
  }
  const proof = { what: 'CloudTrail’s proof', every: 20, within: context.proofWait }
  const seen = context.proofWait === 0 ? await look() : await context.settle(proof, look)
  return seen === TOO_OLD ? undefined : seen
}

/** Issued before the cut-off: waiting changes nothing. */
const TOO_OLD = 'too old'

/** An agent whose credentials were refused sleeps up to 26 minutes; a restart mostly wakes it sooner. */
const PATIENCE = { what: 'the SSM agent', every: 10, within: 30 * MINUTE_SECONDS }

/** When the agent last called, if that was after the start: an Online from before the stop is stale. */
export const lastPing = async (
  { instanceId, region }: InstanceRoleSession,
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
