import type { Finding } from '../finding/finding.ts'
import type { Instant } from '../values/instant.ts'
import type { Untrusted } from '../values/untrusted.ts'
import type { Access } from './access.ts'
import type { Activity } from './activity.ts'
import type { ByHand } from './by-hand.ts'
import type { Closure } from './closure.ts'
import type { EvidenceRef, KeptDocument } from './evidence.ts'
import type { InstanceStorage, InstanceVolume } from './instance-storage.ts'
import type { Lift } from './lift.ts'
import type { Persistence } from './persistence.ts'
import type { Renewal } from './renewal-fact.ts'
import type { Subject } from './subject.ts'

/** What the responder reported, and why. */
export interface ReportByResponder {
  readonly by: 'access-key-id' | 'role' | 'user' | 'instance-id' | 'session'
  /** The key, the name of the role or user, the instance, the session's ARN. */
  readonly name: string
  /** Why it is reported, in the responder's words. Absent where no reason was given. */
  readonly reason?: Untrusted
  /** The credentials that CloudTrail and IAM show for it, the newest first: at most 20. Absent where one alone is shown. */
  readonly credentials?: readonly ReportedCredential[]
  /** How many more there are. */
  readonly more?: number
}

/** A key of what was reported, and whose. */
export interface ReportedCredential {
  readonly accessKeyId: string
  readonly principalId: string
  /** When AWS issued it, or when it was last seen in use. */
  readonly at?: Instant
}

/** Whether the credentials of a report belong to more than one role or user: a deny is on one of them. */
export const hasSeveralHolders = ({ credentials = [] }: ReportByResponder): boolean =>
  new Set(credentials.map(({ principalId }) => principalId.split(':')[0])).size > 1

/** The finding responded to, and every other finding on the same access key and the same principal, whatever its type. */
export interface FoundFinding {
  readonly finding: Finding
  /** `reported`: the responder named what the response is about, and records of CloudTrail and IAM stand for a finding. */
  readonly source: 'guardduty' | 'file' | 'reported'
  /** What was reported. It stays where GuardDuty's finding takes the report's place. */
  readonly report?: ReportByResponder
  /** Why it is not known which of several sessions was stolen, a sentence: the deny reaches each of them, and nothing is restarted. */
  readonly unsettled?: string
  /** GuardDuty and CloudTrail name different sessions for the access key: a sentence. */
  readonly disputed?: string
  readonly onSameKey: readonly Finding[]
  readonly onSamePrincipal: readonly Finding[]
  /** On the instance, and on the role, where they are on neither key nor session. */
  readonly onSameInstance?: readonly Finding[]
  readonly onSameRole?: readonly Finding[]
  /** Why these may not be all, in sentences. */
  readonly incomplete?: readonly string[]
  readonly document: EvidenceRef
}

/** All findings of a fact, the one that was asked for first. */
export const allFindingsOf = ({ finding, onSameKey, onSamePrincipal, onSameInstance = [], onSameRole = [] }: FoundFinding) =>
  [finding, ...onSameKey, ...onSamePrincipal, ...onSameInstance, ...onSameRole] as const

/** The instance as it was before anything was changed. */
export interface InstanceDescription {
  readonly id: string
  readonly region: string
  readonly name?: Untrusted
  readonly state: string
  readonly launchTime: Instant
  readonly platform: 'linux' | 'windows'
  readonly rootDeviceType: string
  /** The instance type, such as `m5d.large`. */
  readonly type?: string
  readonly lifecycle?: string
  /** `unread` where it could not be read. */
  readonly spotRequestType?: string
  readonly autoScalingGroup?: Untrusted
  readonly managedBy?: Untrusted
  readonly stopProtection: boolean
  readonly publicIp?: string
  readonly hasElasticIp: boolean
  readonly privateIp?: string
  readonly vpcId?: string
  readonly httpTokens?: string
  readonly metadataEnabled: boolean
  readonly hibernation: boolean
  readonly profileArn?: string
  readonly volumes: readonly InstanceVolume[]
  /** What of the dangers of a stop could not be read, a sentence each. */
  readonly unread?: readonly string[]
}

/** Another consumer of the role, and what restores its access after the revocation. */
export interface Consumer {
  readonly kind: 'instance' | 'service' | 'session'
  readonly name: string
  /** Of an instance: where it is. */
  readonly region?: string
  readonly label?: Untrusted
  readonly remedy: string
  /** Of an instance. Launched after a cut-off, it has credentials that the deny does not reach. */
  readonly launchTime?: Instant
  /** It is in an Auto Scaling group, which terminates it when it is stopped. */
  readonly autoScaled?: true
}

/**
 * Whether SSM can ask the instance: its agent calls (`online`), called once and does not now (`lost`), or Systems Manager does not
 * list the instance at all (`not-managed`); `unknown` where Systems Manager could not be asked.
 */
export interface SsmReach {
  readonly state: 'online' | 'lost' | 'not-managed' | 'unknown'
  readonly lastPing?: Instant
  /** Why it is unknown, as a sentence. */
  readonly why?: string
}

/** A target group of a load balancer in which the instance is a target. */
export interface TargetGroupUse {
  readonly name: Untrusted
  /** As Elastic Load Balancing says it: `healthy`, `unhealthy`, `draining`, `unused`. */
  readonly state: string
  readonly otherHealthyTargets: number
}

export interface BlastRadius {
  /** Absent where the session has to do with no instance. */
  readonly instance?: InstanceDescription
  readonly consumers: readonly Consumer[]
  /** Why there may be consumers that are not listed, a sentence each. */
  readonly consumersUnread?: readonly string[]
  /** What a stop loses, and what a start needs: GB of instance store, and KMS keys of the EBS volumes. */
  readonly storage?: InstanceStorage
  /** Where the instance is a target of load balancers. Absent where there is no instance, or they could not be read. */
  readonly targetGroups?: readonly TargetGroupUse[]
  /** Whether EC2 would let us: the answers of the DryRun calls. Nothing is known where there is no instance to ask about. */
  readonly permitted: { readonly stop: Permission; readonly start: Permission; readonly snapshots: Permission }
  /** Characters of inline policy on the role (white space not counted); IAM's limit is 10,240. */
  readonly inlinePolicySize: number
  /** Whether the role may change IAM, so that an attacker could take the deny away again. */
  readonly canEditIam: boolean
  /** The tool that owns the role by its tags and may undo the policy at its next run. */
  readonly managedBy?: Untrusted
  /** The role of Default Host Management, when it is switched on: then an agent's ping proves nothing. */
  readonly defaultHostManagement?: string
  /** Whether verify-rotation can ask the instance. Absent in journals of earlier versions. */
  readonly ssm?: SsmReach
  readonly remarks: readonly string[]
}

/** The blast radius of an instance's session. */
export interface InstanceRadius extends BlastRadius {
  readonly instance: InstanceDescription
}

export type Permission = 'permitted' | 'denied' | 'unknown'

/** The deny on the role's older sessions, as it was read back. */
export interface Revocation {
  readonly policyName: string
  readonly cutoff: Instant
  readonly readBackAt: Instant
  /** 'ours' when this incident wrote it; 'found' when it stood already with a cut-off that covers the theft. */
  readonly writtenBy: 'ours' | 'found'
  readonly simulation:
    | { readonly olderSession: string; readonly newerSession: string; readonly otherSession?: string }
    | { readonly unavailable: string }
  /** Of `--revoke session`: what was asked for is a deny on this session alone. */
  readonly session?: DeniedSession
  /** An earlier run denied one session alone. This deny reaches every older one. */
  readonly widened?: true
  /** The document of the policy that the first write of this incident replaced: to undo the revocation. */
  readonly priorDocument?: EvidenceRef
  /** The cut-off of this incident's first revocation, where the deny was gone since and was written again with a later one. */
  readonly firstCutoff?: Instant
  /** The deny was not gone: it was moved past what close-access closed, so that what was issued until then is denied too. */
  readonly moved?: true
  /** The ARNs of the customer managed policies that deny in place of the inline one. */
  readonly managed?: readonly string[]
  /** A revocation that somebody else had written: as it was found, or as it was replaced. */
  readonly foreign?: ForeignRevocation
  /** Of a long-term key of a user: the key itself, which the deny does not reach. */
  readonly key?: DeniedKey
}

/** The one session that a narrowed deny reaches. */
export interface DeniedSession {
  /** `aws:userid`: the role's id and the session's name. */
  readonly userId: string
  /** The cut-off before which the policy denies every session of the role: it stood there already, and stays. */
  readonly allBefore?: Instant
}

/** The cut-off before which every session of the role or the user is denied; undefined where the deny reaches one session alone. */
const cutoffOfAll = ({ cutoff, session }: Pick<Revocation, 'cutoff' | 'session'>): Instant | undefined =>
  session === undefined ? cutoff : session.allBefore

/** Whether sessions of the role live on that were issued before the cut-off. */
export const sparesOthers = (revocation: Pick<Revocation, 'cutoff' | 'session'>): boolean =>
  cutoffOfAll(revocation) !== revocation.cutoff

/** A long-term key that does not work any more, as IAM lists it. */
export interface DeniedKey {
  readonly accessKeyId: string
  readonly state: 'inactive' | 'deleted'
}

/** A revocation that this incident did not write: a colleague's run on another machine, or the IAM console's button. */
export interface ForeignRevocation {
  readonly cutoff: Instant
  /** Who wrote it, and when, as CloudTrail's newest PutRolePolicy on the role says. */
  readonly by?: Untrusted
  readonly at?: Instant
}

export interface SnapshotFact {
  readonly id: string
  readonly volumeId: string
  readonly state: string
  readonly startedAt?: Instant
  /** Taken after the instance was stopped: it does not hold what was there before. */
  readonly afterStop?: true
}

export interface Evidence {
  readonly snapshots: readonly SnapshotFact[]
  /** Snapshots of this incident that EC2 no longer has. Somebody deleted them. */
  readonly deleted?: readonly SnapshotFact[]
  /** What was read of a subject without an instance, before anything of it is renewed. */
  readonly documents?: readonly KeptDocument[]
  /** What could not be read of it, a sentence each. */
  readonly unread?: readonly string[]
}

/** The alarm about a snapshot that is gone. */
export const deletedSnapshotAlarm = ({ id, volumeId }: SnapshotFact): string =>
  `EVIDENCE DELETED: snapshot ${id} of ${volumeId} does not exist any more; look for DeleteSnapshot in CloudTrail to see who deleted it`

/** The instance running again on credentials issued after the cut-off, whoever stopped it. */
export interface Restart {
  readonly instanceId: string
  readonly previousLaunchTime: Instant
  readonly launchTime: Instant
  readonly publicIpBefore?: string
  readonly publicIpAfter?: string
}

/**
 * `rotated`: CloudTrail shows that the reported key was issued to the instance after the cut-off; or, where the instance could not be
 * asked, that a key was. `renewed`: the SSM agent shows that the instance has credentials issued after the cut-off; which key they have,
 * only the instance says. `contradicted`: CloudTrail shows what was issued to the instance, and the reported key is not among it.
 */
export type Verdict = 'rotated' | 'renewed' | 'rotated-unproven' | 'contradicted' | 'not-rotated' | 'unverifiable'

/** What a source other than the instance says of the new credentials: that they are new. */
export interface Corroboration {
  readonly kind: 'cloudtrail' | 'agent'
  readonly at: Instant
  readonly says: string
}

/** A command that ended without an answer. */
export interface FailedCommand {
  /** SSM's status details, such as `Failed` or `DeliveryTimedOut`. */
  readonly status: string
  readonly exitCode?: number
  /** The first line of its error output, which whoever is on the instance can choose. */
  readonly errorLine?: Untrusted
}

export interface Rotation {
  readonly verdict: Verdict
  readonly why: string
  /** The instance could not be asked: only CloudTrail's record of an issue can prove the rotation, and it may still come. */
  readonly unasked?: true
  /** It is about functions or services, which cannot be asked: CloudTrail's records of new issues are the proof. */
  readonly of?: 'workloads'
  /** Those of which CloudTrail shows no new issue, a noun phrase each. */
  readonly unproven?: readonly string[]
  /** The last command that failed. */
  readonly failed?: FailedCommand
  readonly oldAccessKeyId: string
  readonly newAccessKeyId?: string
  readonly lastUpdated?: Instant
  readonly expiration?: Instant
  readonly corroboration: readonly Corroboration[]
  readonly commandId?: string
}

/** An indicator of compromise, its details by name; a nested one's name is its path, such as `Place.City`. */
export interface Indicator {
  readonly type: string
  readonly detail: readonly (readonly [name: string, value: Untrusted])[]
}

export interface InvestigationFact {
  readonly graphArn: string
  /** The account that administers the graph, where it is not the incident's own. */
  readonly administrator?: string
  readonly investigationId: string
  /** The role or user that was investigated. */
  readonly entityArn?: string
  readonly createdAt?: Instant
  readonly reused: boolean
  readonly status: string
  readonly severity?: string
  readonly state?: string
  readonly scopeStart?: Instant
  readonly scopeEnd?: Instant
  readonly indicators: readonly Indicator[]
  readonly links: readonly { readonly label: string; readonly url: string }[]
  /** What limits the answer's weight, in sentences: training, scope, membership. Not missing, and not wrong. */
  readonly remarks?: readonly string[]
  readonly incomplete: readonly string[]
}

/** The finding as it was seen to be archived in GuardDuty. */
export interface ArchivedFinding {
  readonly findingId: string
  readonly region: string
  readonly seenAt: Instant
}

export interface Facts {
  readonly finding: FoundFinding
  readonly subject: Subject
  readonly blastRadius: BlastRadius
  readonly revocation: Revocation
  readonly access: Access
  readonly evidence: Evidence
  readonly restart: Restart
  readonly renewal: Renewal
  readonly rotation: Rotation
  readonly byHand: ByHand
  readonly investigation: InvestigationFact
  readonly activity: Activity
  readonly persistence: Persistence
  readonly closure: Closure
  readonly archive: ArchivedFinding
  readonly lift: Lift
}

export type FactName = keyof Facts
