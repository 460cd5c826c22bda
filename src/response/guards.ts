import type { Setting } from '../incident/entry.ts'
import type { InstanceDescription } from '../incident/facts/facts.ts'
import { isOfTheInstance } from '../incident/facts/issue.ts'
import { holderOf } from '../incident/facts/subject.ts'
import { sampleRefusal } from '../incident/finding/finding-sample.ts'
import type { Incident } from '../incident/incident.ts'
import { duration, MINUTE_SECONDS } from '../incident/values/duration.ts'
import { type Instant, isBefore, secondsBetween } from '../incident/values/instant.ts'
import { rawText } from '../incident/values/untrusted.ts'
import type { Readiness } from './world.ts'

/** What the guards look at. They are pure: the same facts give the same answer. */
export interface Guarded {
  readonly incident: Incident
  readonly setting: Setting
  readonly readiness: Readiness
  readonly now: Instant
}

interface Refused {
  readonly why: string
  readonly remedy: string
  /** `identity` when a permission is what is missing. Default: `blocked`. */
  readonly kind?: 'identity'
}

/** A guard's refusal, with the name of the guard. */
export interface GuardRefusal extends Refused {
  readonly guard: string
  readonly leavesOut?: true
}

/** A guard refuses, or is silent: also when the facts it needs are not known yet. No flag overrides one. */
interface Guard {
  readonly name: string
  /** It stands before this stage alone, and the run goes on without the stage. Absent: before every stage, and it ends the run. */
  readonly only?: string
  refuse(guarded: Guarded): Refused | undefined
}

/** The stage whose dangers are guarded right before it: the deny does not wait for them. */
const RESTART = 'restart-instance'

const SESSION_SECONDS = 30 * MINUTE_SECONDS
const FREE_BYTES = 50 * 1024 * 1024

/** In this order the guards are asked. */
export const guards: readonly Guard[] = [
  {
    name: 'wrong-account',
    refuse: ({ incident: { facts }, setting }) => {
      const finding = facts.finding?.finding
      if (!finding || (finding.accountId === setting.accountId && finding.partition === setting.partition)) return undefined
      return {
        why: `the finding is about account ${finding.accountId} (${finding.partition}), and your credentials are for account ${setting.accountId} (${setting.partition})`,
        remedy: `use credentials for account ${finding.accountId} (${finding.partition}): --profile, or --assume-role with a role of that account`,
      }
    },
  },
  {
    name: 'own-role',
    refuse: ({ incident: { facts }, setting }) => {
      const { subject } = facts
      if (!subject || setting.responderUserId.split(':')[0] !== holderOf(subject).id) return undefined
      const { of, name } = holderOf(subject)
      return {
        why: `you are signed in as ${of === 'role' ? 'a session of ' : ''}${of} ${name} itself: the revocation would cut you off before the response is finished`,
        remedy: `sign in with another ${of} for the response, ideally a role in another account`,
      }
    },
  },
  {
    name: 'own-machine',
    only: RESTART,
    refuse: ({ incident, setting }) => {
      const { subject } = incident.facts
      if (!subject || !restartsInstance(incident) || setting.responderUserId.split(':')[1] !== subject.instanceId)
        return undefined
      return {
        why: `your credentials come from instance ${subject.instanceId}, which the response stops`,
        remedy: 'run ir-cred on another machine',
      }
    },
  },
  {
    name: 'sample-finding',
    refuse: ({ incident: { facts } }) => sampleRefusal(facts.finding?.finding.sampleMarks ?? []),
  },
  {
    name: 'disputed-session',
    only: RESTART,
    refuse: ({ incident: { facts } }) => {
      const why = facts.finding?.disputed ?? facts.subject?.disputed
      return why === undefined
        ? undefined
        : { why, remedy: `find out in CloudTrail whose session it is, and respond to that one; ${WITHOUT_RESTART}` }
    },
  },
  {
    name: 'unsettled-session',
    only: RESTART,
    refuse: ({ incident }) => {
      const why = incident.facts.finding?.unsettled
      return why === undefined || !restartsInstance(incident)
        ? undefined
        : {
            why,
            remedy: `find out in CloudTrail which one it is, and respond to it: --session, --instance-id or --access-key-id; ${WITHOUT_RESTART}`,
          }
    },
  },
  {
    name: 'unstoppable-instance',
    only: RESTART,
    refuse: ({ incident }) => refuseStop(incident),
  },
  {
    name: 'unpermitted-restart',
    only: RESTART,
    refuse: ({ incident }) => refuseUnpermitted(incident),
  },
  {
    name: 'readiness',
    refuse: ({ readiness }) => {
      if (!readiness.lockHeld) {
        return {
          why: 'this run does not hold the lock of the incident',
          remedy: 'make sure that nobody else works on this incident, then continue',
        }
      }
      if ((readiness.freeBytes ?? FREE_BYTES) >= FREE_BYTES) return undefined
      return {
        why: 'less than 50 MB are free on the disk of the journal',
        remedy: 'free some space, or choose another directory with --state-dir',
      }
    },
  },
]

/** What a responder is warned of whose session ends before a response is over. It holds nothing up: a run can be resumed. */
export const sessionWarning = ({ sessionExpiresAt }: Readiness, now: Instant): string | undefined => {
  const left = sessionExpiresAt ? secondsBetween(now, sessionExpiresAt) : Infinity
  if (left >= SESSION_SECONDS) return undefined
  return `your session ends in ${duration(left)}, and a response takes up to ${duration(SESSION_SECONDS)}: sign in again in another window when ir-cred asks for it, or continue the incident later`
}

const WITHOUT_RESTART = 'or revoke without the restart: --skip restart-instance'

/** Whether the response stops the instance at all: not one that the key was not issued to, and not one that the attacker is on. */
const restartsInstance = ({ facts: { subject } }: Incident): boolean =>
  subject === undefined || (isOfTheInstance(subject) && subject.caller.origin !== 'instance')

/** After a revocation without a restart the workload would stay cut off. */
const refuseUnpermitted = (incident: Incident): Refused | undefined => {
  const { blastRadius } = incident.facts
  if (!blastRadius?.instance || !restartsInstance(incident) || isRestarted(incident)) return undefined
  const { instance, permitted } = blastRadius
  const denied = [permitted.stop === 'denied' && 'stop', permitted.start === 'denied' && 'start'].filter(Boolean).join(' or ')
  if (denied === '') return undefined
  return {
    kind: 'identity',
    why: `you may not ${denied} ${instance.id} (EC2’s answer to a DryRun call), and after a revocation without a restart its workload stays cut off`,
    remedy: `get the permission (\`ir-cred policy\` prints it), then continue; ${WITHOUT_RESTART}`,
  }
}

/**
 * Whether the restart is over, and its dangers with it: this run established it, or an earlier run did, the instance runs
 * since, and the cut-off is not a later one by now.
 */
const isRestarted = ({ facts: { blastRadius, restart, revocation }, earlier }: Incident): boolean => {
  if (restart) return true
  if (!earlier.restart || blastRadius?.instance?.state !== 'running') return false
  const { launchTime } = blastRadius.instance
  return !isBefore(launchTime, earlier.restart.launchTime) && !(revocation && isBefore(launchTime, revocation.cutoff))
}

const refuseStop = (incident: Incident): Refused | undefined => {
  const instance = incident.facts.blastRadius?.instance
  return instance && restartsInstance(incident) && !isRestarted(incident) ? stopHazard(instance) : undefined
}

/** Why an instance must not be stopped, or cannot be; undefined when a stop and start does it no harm. */
export const stopHazard = (instance: InstanceDescription): Refused | undefined => {
  const { id } = instance
  if (instance.autoScalingGroup) {
    const group = rawText(instance.autoScalingGroup).replace(/[^\w+=,.@-]/g, '?')
    return {
      why: `${id} is in Auto Scaling group ${group}, which would terminate the stopped instance: the evidence would be lost`,
      remedy: `take it out of the group by the steps that renew-workload prints, suspend-processes and enter-standby first; then continue; ${WITHOUT_RESTART}`,
    }
  }
  if (instance.managedBy) {
    return { why: `${id} is managed by an AWS service`, remedy: `stop and start it in that service; ${WITHOUT_RESTART}` }
  }
  if (instance.rootDeviceType === 'instance-store') {
    return {
      why: `${id} has an instance-store root volume: it cannot be stopped, only terminated`,
      remedy: `give it an instance profile with a new role (aws ec2 replace-iam-instance-profile-association), or rebuild it; ${WITHOUT_RESTART}`,
    }
  }
  // Where the kind of its request could not be read, EC2 refuses the stop of a one-time one by itself.
  if (instance.lifecycle === 'spot' && !['persistent', 'unread'].includes(instance.spotRequestType ?? '')) {
    return {
      why: `${id} is a one-time Spot instance: it cannot be stopped and started again`,
      remedy: `start a replacement and take this instance out of service; ${WITHOUT_RESTART}`,
    }
  }
  if (instance.stopProtection) {
    return {
      why: `${id} has stop protection`,
      remedy: `ask its owner, then remove the protection: aws ec2 modify-instance-attribute --instance-id ${id} --no-disable-api-stop; ${WITHOUT_RESTART}`,
    }
  }
  return undefined
}

/** Whether the evidence is preserved, or its preservation is decided against: the stop destroys some of it. */
export const evidenceDecided = ({ facts, decided }: Incident): boolean =>
  facts.evidence !== undefined || decided['preserve-evidence'] !== undefined

/** The refusal of the first guard that refuses a stage, given all that is known so far. */
export const firstRefusal = (guarded: Guarded, stage: string): GuardRefusal | undefined => {
  for (const guard of guards) {
    if (guard.only !== undefined && guard.only !== stage) continue
    const refusal = guard.refuse(guarded)
    if (refusal) return { guard: guard.name, ...refusal, ...(guard.only === undefined ? {} : { leavesOut: true }) }
  }
  return undefined
}
