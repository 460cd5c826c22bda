import type { Agenda } from '../agenda.ts'
import type { VirtualClock } from '../clock.ts'
import type { Trail } from '../records/trail.ts'
import type { Compute, ScalingGroup } from './compute.ts'
import type { CredentialStore } from './credentials.ts'
import type { DetectiveData, FindingDocument, ThreatIntelSet, TrailSetting } from './detection.ts'
import type { Holdings, ManagedPolicy } from './holdings.ts'
import type { AccessKey, Group, MfaDevice, RolePolicy, RootUser } from './identities.ts'
import type { Organization } from './organization.ts'
import type { SsmCommand } from './ssm-command.ts'
import type { SsmDocument } from './ssm-document.ts'

/** How the simulated account behaves where real AWS is slow or unsure. All times in virtual seconds. */
export interface Behaviour {
  /** From a policy write until calls are evaluated against it. */
  readonly policyPropagation: number
  /** From a call until LookupEvents shows it (the mean; each record has its own, near it). */
  readonly trailDelivery: number
  readonly stopTakes: number
  readonly startTakes: number
  /** From running until the SSM agent has fetched credentials and registers. */
  readonly agentTakes: number
  readonly agentPingEvery: number
  readonly investigationTakes: number
  /** How long after its issue a credential set may be handed out with a fresh `LastUpdated`: up to 33 minutes in public records. */
  readonly lastUpdatedLag: number
  /** Virtual time that every call takes, on a stepping clock. */
  readonly callTakes: number
  /** The largest page of every list operation, so that paging is always needed. */
  readonly pageSize: number
  /** Of the event history, which has more than all other lists. */
  readonly eventsPerPage: number
  /** Days for which the application has called before the incident. */
  readonly historyDays: number
}

export interface AccountRole {
  readonly name: string
  readonly id: string
  readonly path: string
  readonly trustPolicy: string
  /** The trust policy in force when the newest one was written (ms): calls heed it while the new one spreads. */
  readonly trustBefore?: { readonly trustPolicy: string; readonly writtenAt: number }
  readonly createdAt: number
  readonly description?: string
  readonly maxSessionDuration: number
  readonly tags: Readonly<Record<string, string>>
  readonly attachedPolicies: readonly string[]
  readonly boundary?: string
  readonly inline: Map<string, RolePolicy>
  /** Inline policies that were deleted, until the deletion has spread: name → the document still evaluated and since when (ms). */
  readonly deleted: Map<string, { readonly document: string; readonly deletedAt: number }>
}

export interface User {
  readonly name: string
  readonly id: string
  readonly path: string
  readonly createdAt: number
  readonly tags: Readonly<Record<string, string>>
  readonly attachedPolicies: readonly string[]
  readonly boundary?: string
  readonly inline: Map<string, RolePolicy>
  /** As a role's. */
  readonly deleted: Map<string, { readonly document: string; readonly deletedAt: number }>
  readonly accessKeys: Map<string, AccessKey>
  /** Names of groups. */
  readonly groups?: readonly string[]
  readonly mfaDevices?: readonly MfaDevice[]
  /** When its console password was made (ms); absent: it has none. */
  readonly passwordSince?: number
}

export interface InstanceProfile {
  readonly name: string
  readonly id: string
  readonly path: string
  readonly roleName?: string
  readonly createdAt: number
}

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped'

/** One set of role credentials that the metadata service hands out. */
export interface DeliveredCredentials {
  readonly accessKeyId: string
  /** What IMDS shows as LastUpdated (ms): at or after the issue, never proof of it. */
  readonly lastUpdated: number
  /** From when on IMDS hands it out (ms). */
  readonly from: number
}

export interface Agent {
  /** Managed by Systems Manager at all. */
  readonly installed: boolean
  lastPingAt?: number
  /** The next time the agent tries to reach SSM (ms); undefined while the instance is not running. */
  nextPingAt?: number
  readonly platform: 'Linux' | 'Windows'
  /** Refusals since the agent was last actorEvents: it waits longer after each. */
  failures?: number
}

export interface Instance {
  readonly id: string
  readonly type: string
  readonly imageId: string
  readonly platform: 'linux' | 'windows'
  readonly rootDeviceType: 'ebs' | 'instance-store'
  readonly lifecycle?: 'spot'
  readonly spotRequestType?: 'one-time' | 'persistent'
  readonly availabilityZone: string
  readonly vpcId: string
  readonly subnetId: string
  readonly privateIp: string
  /** Absent: the group of its network. */
  securityGroupIds?: readonly string[]
  profileName?: string
  readonly tags: Record<string, string>
  readonly volumeIds: readonly string[]
  readonly agent: Agent
  autoScalingGroup?: string
  /** A member that its group leaves alone (EnterStandby). */
  inStandby?: true
  state: InstanceState
  stateReason?: { readonly code: string; readonly message: string }
  launchTime: number
  publicIp?: string
  /** Where its calls leave the network, when that is no address of the account: a firewall or proxy of the owner's. */
  egressIp?: string
  readonly elasticIp?: boolean
  stopProtection: boolean
  httpTokens: 'optional' | 'required'
  hopLimit: number
  metadataEnabled: boolean
  /** Whether the metadata service gives tags, and whether it answers over IPv6; absent: not. */
  instanceMetadataTags?: 'enabled' | 'disabled'
  metadataIpv6?: 'enabled' | 'disabled'
  /** Newest last; IMDS hands out the newest whose `from` has come. One list for tokenless (IMDSv1) and one for token (IMDSv2) requests. */
  readonly delivered: { v1: DeliveredCredentials[]; v2: DeliveredCredentials[] }
  /** What happens at the next start, for scenarios: capacity missing, KMS refused (falls back to stopped), … */
  startFails?: { readonly how: 'capacity' | 'kms'; times: number }
  /** A stop that never ends by itself, for scenarios: only `Force` ends it. */
  stopHangs?: boolean
  /** The change of state under way: what the instance will be, and when (ms). */
  transition?: { readonly to: InstanceState; readonly at: number }
  /** EC2's StateTransitionReason, such as `User initiated (2026-11-25 02:10:00 GMT)`. */
  transitionReason?: string
  /** The automatically assigned address that it gave up when it stopped: the next start brings another. */
  formerPublicIp?: string
  /** When it last became running (ms): status checks pass some minutes later. */
  runningSince?: number
  /** When the metadata service gets its next credentials (ms). */
  nextRotationAt?: number
  terminationProtection?: boolean
  shutdownBehavior?: 'stop' | 'terminate'
  readonly hibernation?: boolean
}

export interface EbsVolume {
  readonly id: string
  readonly instanceId: string
  readonly device: string
  readonly sizeGiB: number
  readonly encrypted: boolean
  readonly kmsKeyId?: string
  readonly deleteOnTermination: boolean
  readonly tags?: Record<string, string>
}

export interface Snapshot {
  readonly id: string
  readonly volumeId: string
  readonly startedAt: number
  readonly completesAt: number
  readonly description: string
  readonly tags: Record<string, string>
  readonly sizeGiB?: number
  readonly encrypted?: boolean
  readonly kmsKeyId?: string
}

/** Somebody in the account did something: what a drill tells while it runs, and tests listen to. */
export interface ActorEvent {
  readonly who: 'attacker' | 'workload' | 'agent'
  /** ms since the epoch. */
  readonly at: number
  /** The IAM action, such as `s3:ListBuckets`. */
  readonly action: string
  readonly outcome: 'ok' | 'refused'
  /** Refused by an explicit deny: the mark of a revocation. */
  readonly explicit: boolean
}

/** One AWS account in memory: what every call reads and changes. Built by a scenario, served by the wire. */
export interface Account extends DetectiveData, Holdings {
  readonly id: string
  /** As it stands in ARNs: the one that `region` is in. */
  readonly partition: string
  /** Everything regional lives here; the other enabled Regions are empty. */
  readonly region: string
  /** `region` and a few others: looks into all of them stay quick. */
  readonly enabledRegions: readonly string[]
  readonly alias: string
  /** Absent: it belongs to none. */
  readonly organization?: Organization
  readonly clock: VirtualClock
  readonly behaviour: Behaviour
  /** Pseudo-random numbers in [0, 1), seeded: the same scenario at the same time is the same account. */
  readonly random: () => number
  readonly credentials: CredentialStore
  readonly trail: Trail
  readonly agenda: Agenda
  readonly roles: Map<string, AccountRole>
  readonly users: Map<string, User>
  readonly rootUser: RootUser
  readonly groups: Map<string, Group>
  readonly managedPolicies: Map<string, ManagedPolicy>
  readonly instanceProfiles: Map<string, InstanceProfile>
  readonly instances: Map<string, Instance>
  readonly volumes: Map<string, EbsVolume>
  readonly snapshots: Map<string, Snapshot>
  readonly addresses: Map<string, { readonly publicIp: string; readonly instanceId?: string }>
  readonly natGateways: Map<
    string,
    { readonly id: string; readonly publicIp: string; readonly vpcId: string; readonly subnetId: string }
  >
  readonly autoScalingGroups: Map<string, ScalingGroup>
  readonly commands: Map<string, SsmCommand>
  /** The account's own Run Command documents, by name. */
  readonly documents: Map<string, SsmDocument>
  readonly defaultHostManagementRole: { value: string }
  readonly detectorId?: string
  readonly findings: Map<string, FindingDocument>
  readonly threatIntelSets: Map<string, ThreatIntelSet>
  readonly trails: readonly TrailSetting[]
  /** What is left of LookupEvents' allowance of 2 a second: Region → tokens at a time (ms). */
  readonly lookupAllowance: Map<string, { readonly tokens: number; readonly at: number }>
  /** What there is in other Regions than the account's own, where there is anything. */
  readonly elsewhere?: ReadonlyMap<string, Partial<Compute>>
  /** Called with what attacker, workload and agents do, as it happens. */
  readonly actorListeners: ((event: ActorEvent) => void)[]
}
