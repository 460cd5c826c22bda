import type { Corroboration } from '../../../incident/facts/facts.ts'
import { given } from '../../../incident/values/given.ts'
import { isBefore, wholeSecond } from '../../../incident/values/instant.ts'
import type { Issuance } from '../../../investigation/issuance.ts'
import { lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { newestOwnCall } from '../own-calls.ts'
import { denyGaps } from '../revoke-sessions/gaps.ts'
import { pingNow } from './agent.ts'
import type { VerifyIncident } from './command.ts'
import { isDelivered, issuancesOf, issueWindow } from './issue-record.ts'
import type { Answer } from './script.ts'

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
  const { subject, revocation, blastRadius } = incident.facts
  if (blastRadius.defaultHostManagement !== undefined) return undefined
  const at = await pingNow(incident, context)
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
  const proof = { what: 'CloudTrail’s proof', kind: 'cloudtrail' as const, within: context.proofWait }
  return (context.proofWait === 0 ? await look() : await context.settle(proof, look)) ?? {}
}

/** One look; undefined while a later one may show more. */
const lookAtTrail = async (incident: VerifyIncident, accessKeyId: string, context: Context): Promise<TrailAnswer | undefined> => {
  const { subject, revocation, restart } = incident.facts
  const { region, instanceId } = subject
  const { cloudtrail } = context.aws(region)
  const window = issueWindow(incident, context)
  const issued: Issuance[] = []
  for (const value of [accessKeyId, instanceId]) {
    const { records } = await lookupEvents(cloudtrail, region, { attribute: 'ResourceName', value, ...window })
    issued.push(...issuancesOf(incident, records))
    const issuance = issued.find((one) => one.accessKeyId === accessKeyId)
    if (!issuance) continue
    // Issued before the cut-off: waiting changes nothing.
    if (isBefore(issuance.at, revocation.cutoff)) return {}
    const says = `${accessKeyId} was issued to ${instanceId} at ${wholeSecond(issuance.at)}, after the cut-off`
    return { corroboration: { kind: 'cloudtrail', at: issuance.at, says } }
  }
  const others = issued.filter(({ at }) => !isBefore(at, wholeSecond(restart.launchTime)))
  const seenUpTo = others.length === 0 ? undefined : await newestOwnCall(region, window, context)
  if (!isDelivered(seenUpTo, restart.launchTime)) return undefined
  const keys = [...new Set(others.map((one) => one.accessKeyId))].join(' and ')
  return {
    contradiction: `CloudTrail shows that ${keys} was issued to ${instanceId} at its start, and never ${accessKeyId}; it is read to ${wholeSecond(seenUpTo)}`,
  }
}
