import type { Setting } from '../incident/entry.ts'
import type { Incident } from '../incident/incident.ts'
import { duration, MINUTE_SECONDS } from '../incident/values/duration.ts'
import { type Instant, secondsBetween } from '../incident/values/instant.ts'
import { rawText } from '../incident/values/untrusted.ts'
import type { Readiness } from './world.ts'

/** What the guards look at. They are pure: the same facts give the same answer. */
export interface Guarded {
  readonly incident: Incident
  readonly setting: Setting
  readonly readiness: Readiness
  readonly now: Instant
  /** Stages that will not run; a guard that protects only those is silent. */
  readonly skip: readonly string[]
}

interface Refused {
  readonly why: string
  readonly remedy: string
  /** `identity` when a permission is what is missing. Default: `blocked`. */
  readonly kind?: 'identity'
}

export interface GuardRefusal extends Refused {
  readonly guard: string
}

/** A guard refuses, or has nothing to say: also when the facts it needs are not known yet. No flag overrides one. */
export interface Guard {
  readonly id: string
  readonly protects: string
  refuse(guarded: Guarded): Refused | undefined
}

const SESSION_SECONDS = 30 * MINUTE_SECONDS
const FREE_BYTES = 50 * 1024 * 1024

export const guards: readonly Guard[] = [
  {
    id: 'G1',
    protects: 'against acting in the wrong account',
    refuse: ({ incident: { facts }, setting }) => {
      const finding = facts.finding?.finding
      if (!finding || (finding.accountId === setting.accountId && finding.partition === setting.partition)) return undefined
      return {
        why: `the finding is about account ${finding.accountId} (${finding.partition}), and these credentials are for account ${setting.accountId} (${setting.partition})`,
        remedy: `run it with credentials for account ${finding.accountId}: --profile, or --assume-role with a role of that account`,
      }
    },
  },
  {
    id: 'G2',
    protects: 'against cutting off the responder',
    refuse: ({ incident: { facts }, setting }) => {
      const { subject } = facts
      if (!subject || setting.responderUserId.split(':')[0] !== subject.role.id) return undefined
      return {
        why: `you respond as a session of role ${subject.role.name} itself, and the revocation would cut you off half-way`,
        remedy: 'use another role for the response, best one in another account',
      }
    },
  },
  {
    id: 'G3',
    protects: 'against stopping the machine it runs on',
    refuse: ({ incident: { facts }, setting }) => {
      const { subject } = facts
      if (!subject || setting.responderUserId.split(':')[1] !== subject.instanceId) return undefined
      return {
        why: `these credentials come from instance ${subject.instanceId}, which is to be stopped`,
        remedy: 'run ir-cred from another machine',
      }
    },
  },
  {
    id: 'G4',
    protects: 'against acting on a sample finding',
    refuse: ({ incident: { facts } }) => {
      const marks = facts.finding?.finding.sampleMarks ?? []
      if (marks.length === 0) return undefined
      return {
        why: `this is a SAMPLE finding (${marks.join(', ')}); nothing real stands behind it`,
        remedy: 'to train, use: ir-cred drill; to respond, name a real finding (ir-cred findings lists them)',
      }
    },
  },
  {
    id: 'G5',
    protects: 'roles that IAM does not let anybody edit',
    refuse: ({ incident: { facts } }) => {
      const { subject } = facts
      if (!subject) return undefined
      if (subject.role.path.startsWith('/aws-service-role/')) {
        return {
          why: `${subject.role.name} is a service-linked role; its sessions cannot be revoked`,
          remedy: 'contain it in the service that owns it, and open a case with AWS Support',
        }
      }
      if (subject.role.path.startsWith('/aws-reserved/') || subject.role.name.startsWith('AWSReservedSSO_')) {
        return {
          why: `${subject.role.name} was made by an IAM Identity Center permission set and cannot be edited in IAM`,
          remedy: 'in IAM Identity Center, delete the user’s sessions and remove the assignment of the permission set',
        }
      }
      return undefined
    },
  },
  {
    id: 'G6',
    protects: 'instances that a stop would destroy, or that cannot be stopped',
    refuse: (guarded) => (guarded.skip.includes('restart-instance') ? undefined : refuseStop(guarded.incident)),
  },
  {
    id: 'G9',
    protects: 'against beginning what cannot be finished',
    refuse: ({ incident, skip, readiness, now }) => {
      if (!readiness.lockHeld) {
        return { why: 'the lock of this incident is not held', remedy: 'make sure that nobody else works on it, then continue' }
      }
      const left = readiness.sessionExpiresAt ? secondsBetween(now, readiness.sessionExpiresAt) : Infinity
      if (left < SESSION_SECONDS) {
        return {
          why: `your session ends in ${duration(left)}, and a response takes up to ${duration(SESSION_SECONDS)}`,
          remedy: 'sign in again, then continue',
        }
      }
      if ((readiness.freeBytes ?? FREE_BYTES) < FREE_BYTES) {
        return {
          why: 'less than 50 MB are free where the journal lies',
          remedy: 'free some space, or choose another place with --state-dir',
        }
      }
      return skip.includes('restart-instance') ? undefined : refuseUnpermitted(incident)
    },
  },
]

const WITHOUT_RESTART = 'or revoke without the restart: --skip restart-instance'

/** Revoked and then not allowed to restart: the workload would stay cut off. */
const refuseUnpermitted = ({ facts: { blastRadius, restart } }: Incident): Refused | undefined => {
  if (!blastRadius || restart) return undefined
  const { instance, permitted } = blastRadius
  const denied = [permitted.stop === 'denied' && 'stop', permitted.start === 'denied' && 'start'].filter(Boolean).join(' or ')
  if (denied === '') return undefined
  return {
    kind: 'identity',
    why: `you may not ${denied} ${instance.id} (EC2 was asked with DryRun), so a revocation would leave its workload cut off`,
    remedy: `get the permission (\`ir-cred policy\` prints it), then continue; ${WITHOUT_RESTART}`,
  }
}

const refuseStop = ({ facts }: Incident): Refused | undefined => {
  const instance = facts.blastRadius?.instance
  // Once the restart is established its dangers are over.
  if (!instance || facts.restart) return undefined
  const { id } = instance
  if (instance.autoScalingGroup) {
    const group = rawText(instance.autoScalingGroup).replace(/[^\w+=,.@-]/g, '?')
    return {
      why: `${id} belongs to Auto Scaling group ${group}, which would terminate a stopped instance and the evidence with it`,
      remedy: `by hand: aws autoscaling enter-standby --instance-ids ${id} --auto-scaling-group-name '${group}' --should-decrement-desired-capacity, then stop and start it; ${WITHOUT_RESTART}`,
    }
  }
  if (instance.managedBy) {
    return { why: `${id} is managed by an AWS service`, remedy: `stop it through that service; ${WITHOUT_RESTART}` }
  }
  if (instance.rootDeviceType === 'instance-store') {
    return {
      why: `${id} has an instance-store root device: it cannot be stopped, only terminated`,
      remedy: `replace its instance profile by one with a new role (aws ec2 replace-iam-instance-profile-association), or rebuild it; ${WITHOUT_RESTART}`,
    }
  }
  if (instance.lifecycle === 'spot' && instance.spotRequestType !== 'persistent') {
    return {
      why: `${id} is a one-time Spot instance: it cannot be stopped and started again`,
      remedy: `take it out of service and start a replacement; ${WITHOUT_RESTART}`,
    }
  }
  if (instance.stopProtection) {
    return {
      why: `${id} has stop protection`,
      remedy: `after asking its owner: aws ec2 modify-instance-attribute --instance-id ${id} --no-disable-api-stop; ${WITHOUT_RESTART}`,
    }
  }
  return undefined
}

/** G7, asked of the restart only: is the decision about evidence on record? */
export const evidenceDecided = ({ facts, decided }: Incident): boolean =>
  facts.evidence !== undefined || decided['preserve-evidence'] !== undefined

/** The first guard that refuses, given all that is known so far. */
export const firstRefusal = (guarded: Guarded): GuardRefusal | undefined => {
  for (const guard of guards) {
    const refusal = guard.refuse(guarded)
    if (refusal) return { guard: guard.id, ...refusal }
  }
  return undefined
}
