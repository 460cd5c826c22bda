import type { Witness } from '../../../incident/facts/facts.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import { isBefore, plus, wholeSecond } from '../../../incident/values/instant.ts'
import { issuancesTo } from '../../../investigation/issuance.ts'
import { lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { lastPing } from './agent.ts'
import type { Answer } from './script.ts'

type VerifyIncident = IncidentWith<'subject' | 'blastRadius' | 'revocation' | 'restart'>

/** Everybody who is not the instance and says that its credentials are new. */
export const witnesses = async (incident: VerifyIncident, answer: Answer, context: Context): Promise<readonly Witness[]> => {
  const agent = await agentWitness(incident, context)
  const trail = answer.wellFormed ? await trailWitness(incident, answer.accessKeyId, context) : undefined
  return [agent, trail].filter((witness) => witness !== undefined)
}

/**
 * The agent, heard from after the start while the deny stands: with older credentials of the role it would have been
 * refused. Its word counts only when Default Host Management cannot be what it speaks with.
 */
const agentWitness = async ({ facts }: VerifyIncident, context: Context): Promise<Witness | undefined> => {
  const { subject, restart, revocation, blastRadius } = facts
  if (blastRadius.defaultHostManagement !== undefined) return undefined
  const at = await lastPing(subject, restart, context)
  if (!at || isBefore(at, revocation.cutoff)) return undefined
  return {
    kind: 'agent',
    at,
    says: `heard at ${wholeSecond(at)} under role ${subject.role.name} while the deny stood; older credentials would have been refused`,
  }
}

/**
 * CloudTrail's AssumeRole by ec2.amazonaws.com for the reported key, at or after the cut-off. Its caller is a service, so it
 * is found by the key as ResourceName, then by the instance id. Looks once, or as long as the responder wants to wait for proof.
 */
const trailWitness = async ({ facts }: VerifyIncident, accessKeyId: string, context: Context): Promise<Witness | undefined> => {
  const { subject, revocation } = facts
  const { cloudtrail } = context.aws(subject.region)
  const look = async (): Promise<Witness | typeof TOO_OLD | undefined> => {
    for (const value of [accessKeyId, subject.instanceId]) {
      const window = { from: plus(revocation.cutoff, -HOUR_SECONDS), until: context.now() }
      const { records } = await lookupEvents(cloudtrail, subject.region, { attribute: 'ResourceName', value, ...window })
      const issuance = issuancesTo(subject.instanceId, records).find((issued) => issued.accessKeyId === accessKeyId)
      if (issuance && !isBefore(issuance.at, revocation.cutoff)) {
        return {
          kind: 'cloudtrail',
          at: issuance.at,
          says: `EC2 was issued ${accessKeyId} for ${subject.instanceId} at ${wholeSecond(issuance.at)}, after the cut-off`,
        }
      }
      if (issuance) return TOO_OLD
    }
    if (context.proofWait > 0) context.progress('waiting for CloudTrail to show when the new key was issued (about 5 minutes)')
    return undefined
  }
  const proof = { what: 'CloudTrail’s proof', every: 20, within: context.proofWait }
  const seen = context.proofWait === 0 ? await look() : await context.settle(proof, look)
  return seen === TOO_OLD ? undefined : seen
}

/** Issued before the cut-off: no waiting will change that. */
const TOO_OLD = 'too old'
