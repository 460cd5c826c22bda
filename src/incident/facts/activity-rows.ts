import type { Span } from '../values/block.ts'
import type { Instant } from '../values/instant.ts'
import type { Untrusted } from '../values/untrusted.ts'
import type { Danger } from './danger.ts'
import type { Gravity } from './gravity.ts'

/** How many calls, and how they ended. */
export interface CallCounts {
  readonly events: number
  readonly succeeded: number
  /** Every call with an error: the denied and the throttled ones too. */
  readonly failed: number
  readonly denied: number
  readonly throttled: number
}

/** An API method of a service. `service` is the first part of the event source. */
export interface ApiRow {
  readonly eventSource: string
  readonly service: string
  readonly api: string
  readonly succeeded: number
  readonly failed: number
}

/** How much history there is to compare the scope with. */
export interface Baseline {
  readonly from?: Instant
  readonly until?: Instant
  readonly events: number
  /** Days of the range that records could be seen of, to a tenth: since the source begins or, if that is not known, since the first record. */
  readonly days: number
  /** Less than two weeks: comparisons are immature ("Training period for new behavior graphs"). None at all: nothing can be compared. */
  readonly inTraining: boolean
}

/** Another key of the session asked about. */
export interface SiblingKey {
  readonly accessKeyId: string
  readonly session?: Untrusted
  readonly issuedAt?: Instant
  readonly ec2RoleDelivery?: string
  /** None for a key of which only the issue is recorded. */
  readonly events: number
  readonly firstSeen?: Instant
  readonly lastSeen?: Instant
  /** Whose its calls are, and why. */
  readonly attribution?: Attribution
  readonly why?: string
  /** The record of its issue, where there is one. */
  readonly issueEventId?: string
  /** Issued in the same second as a key in scope: EC2 hands out several ids of one set of credentials. */
  readonly sameIssueTime: boolean
}

/** Calls by where they came from: the instance itself, a service on its behalf, outside, or unknown. */
export type Attribution = 'workload' | 'service' | 'external' | 'ambiguous'

/** Calls with the same source, user agent, delivery and VPC endpoint. */
export interface AttributedCalls {
  readonly attribution: Attribution
  readonly why: string
  readonly source: Untrusted
  readonly userAgent: Untrusted
  readonly ec2RoleDelivery?: string
  readonly vpcEndpointId?: Untrusted
  /** The account that owns the endpoint, where the record says it. */
  readonly vpcEndpointAccountId?: string
  /** A journal of an earlier version has none. */
  readonly firstSeen?: Instant
  readonly lastSeen?: Instant
  readonly succeeded: number
  readonly failed: number
}

/** Calls that an AWS service made with the principal's rights, because the principal had asked the service for something. */
export interface OnBehalf {
  readonly service: Untrusted
  readonly succeeded: number
  readonly failed: number
  readonly apis: readonly ApiRow[]
}

/** Calls of one hour or minute, beside what is usual at that hour of the day. */
export interface VolumeBucket {
  readonly start: Instant
  readonly succeeded: number
  readonly failed: number
  /** What is usual; missing when there is no baseline. */
  readonly usual?: { readonly succeeded: number; readonly failed: number }
  readonly spikes: readonly ('succeeded' | 'failed')[]
  /** The sessions or keys whose own calls are a spike, where they are compared one by one. */
  readonly spikeOf?: readonly Untrusted[]
}

/**
 * Why a call failed, in one class whatever the service's spelling is. `credentials`: they are expired, inactive or deleted, or the signature is wrong.
 * `dry-run`: it would have succeeded.
 */
export type ErrorClass = 'denied' | 'throttled' | 'invalid' | 'credentials' | 'dry-run' | 'other'

/** How many calls failed, by class; a journal of an earlier version has not all classes. */
export type FailuresByClass = Readonly<
  Record<Exclude<ErrorClass, 'credentials' | 'dry-run'>, number> & Partial<Record<'credentials' | 'dry-run', number>>
>

export interface FailedApi {
  readonly errorClass: ErrorClass
  readonly errorCode: string
  readonly eventSource: string
  readonly service: string
  readonly api: string
  /** Which kind of policy refused, and how, where the error message says it. */
  readonly refusedBy?: string
  readonly events: number
  readonly firstSeen: Instant
  readonly lastSeen: Instant
}

/**
 * Whether data was read out of a store. `data events not recorded`: the records hold no data event of it, so that nobody knows.
 * `not recorded by CloudTrail`: what goes over the store's own connection never is.
 */
export type DataRead = 'yes' | 'refused' | 'not in the records' | 'data events not recorded' | 'not recorded by CloudTrail'

/** How often something was touched. Counts are of calls that succeeded, save those that failed and dry runs. */
export interface TouchCounts {
  readonly read: number
  readonly listed: number
  readonly written: number
  readonly deleted: number
  readonly restored: number
  readonly failed: number
  readonly dryRuns: number
  /** As far as the records have them. */
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly firstSeen: Instant
  readonly lastSeen: Instant
}

/** One thing in a store, such as an object of a bucket. */
export interface TouchedItem extends TouchCounts {
  readonly item: Untrusted
}

/** Calls that destroyed a store or something in it. */
export interface Deletion {
  /** `s3:DeleteObject`. */
  readonly event: string
  readonly events: number
  readonly last: Instant
  readonly wayBack: Remedy
  /** The session, or one of its chained sessions, restored it afterwards. */
  readonly isRestored: boolean
}

/** A bucket, a secret, a key, a snapshot, a database … that calls touched. */
export interface TouchedStore extends TouchCounts {
  readonly kind: string
  readonly store: Untrusted
  /** The account in whose trail the records stand. */
  readonly accountId?: string
  readonly region: string
  readonly dataRead: DataRead
  /** `service:EventName`, the most frequent first. */
  readonly apis: readonly string[]
  /** The gravest first; and how many there are in all. */
  readonly items: readonly TouchedItem[]
  readonly itemsAll: number
  /** Calls of things whose names were not kept, because there are too many. */
  readonly unnamedCalls: number
  readonly deletions: readonly Deletion[]
}

/** Stores that are not listed one by one: so many of a kind, with which the same was done. */
export interface FoldedStores extends TouchCounts {
  readonly kind: string
  readonly dataRead: DataRead
  readonly stores: number
}

/** Sums over all stores that were touched. */
export interface ObjectTotals {
  readonly kinds: Readonly<Record<string, number>>
  /** Stores that data was read from, by how many calls, and the bytes that the records have of them. */
  readonly readStores: number
  readonly reads: number
  readonly bytesRead: number
  /** Calls that destroyed something. */
  readonly deletions: number
}

/** When something new was first seen in scope, and how often. */
export interface FirstObserved {
  readonly firstSeen: Instant
  readonly events: number
  /** 'account' when it is new in the whole account; 'role' when it is new for the role only, or when not all of the account was read. */
  readonly newFor: 'role' | 'account'
}

export type NewlyObservedApi = FirstObserved & { readonly eventSource: string; readonly service: string; readonly api: string }

/** An API that the role used before, and now far more. */
export interface IncreasedApi {
  readonly eventSource: string
  readonly service: string
  readonly api: string
  readonly firstSeen: Instant
  readonly events: number
  /** Calls in its busiest hour in scope. */
  readonly busiestHour: number
  /** Calls in the busiest hour of the baseline. */
  readonly busiestHourBefore: number
}

/**
 * What was obtained where it is no session: a long-term key, a console password, a way in through a trust policy, or a token
 * for something that CloudTrail does not show.
 */
export type ObtainedCredential = 'long-term-key' | 'password' | 'trust' | 'token'

/** Credentials, or a console session, obtained with other credentials. */
export interface ObtainedSession {
  /** Missing for a session. */
  readonly credential?: ObtainedCredential
  /** Of a token: what it is. */
  readonly purpose?: string
  /** How many equal tokens there were, and when the last one was. Absent for one. */
  readonly times?: { readonly count: number; readonly last: Instant }
  /** Of a key or a password: whose. */
  readonly userName?: Untrusted
  /** AssumeRole, GetSessionToken, GetFederationToken, ConsoleLogin … */
  readonly how: string
  readonly at: Instant
  readonly eventId: string
  readonly succeeded: boolean
  readonly errorCode?: string
  /** The key that asked. */
  readonly parentAccessKeyId?: string
  /** The key that was handed out. A console session has none in this record. */
  readonly accessKeyId?: string
  readonly roleArn?: Untrusted
  /** The session that came of it: an assumed-role or federated-user ARN. */
  readonly sessionArn?: Untrusted
  readonly accountId?: string
  /** As STS wrote it ("Oct 2, 2019, 11:12:29 PM"): no time zone is given, and UTC is meant. */
  readonly expiration?: Untrusted
}

/** A session below the stolen one, and what it did; without counts when that could not be read. */
export interface ChainedSession extends ObtainedSession {
  /** 1 for what the stolen key obtained itself, 2 for what those sessions obtained. */
  readonly depth: number
  /** Whether the revocation's deny reaches it: only when it is a session of the revoked role, issued before the cut-off. */
  readonly revoked: boolean
  readonly activity?: {
    readonly events: number
    readonly failed: number
    readonly firstSeen?: Instant
    readonly lastSeen?: Instant
  }
}

/** How to remove an artefact: a command to paste, or what to do where no exact command can be written. */
export type Remedy = { readonly command: string; readonly note?: string } | { readonly sentence: string }

/** A policy that an event wrote. */
export interface WrittenPolicy {
  /** The same for the same policy, whatever its layout. */
  readonly fingerprint: string
  /** The principals of its Allow statements: ARNs, account ids, services, providers, `*`. Empty for an identity-based policy. */
  readonly allowedPrincipals: readonly Untrusted[]
}

/** Something that a session created, changed or disabled, with the record that shows it. */
export interface PersistenceArtefact {
  /** MITRE ATT&CK. */
  readonly technique: { readonly id: string; readonly name: string }
  /** A journal of an earlier version has none. */
  readonly danger?: Danger
  /** A journal of an earlier version has none. */
  readonly gravity?: Gravity
  /** A phrase: "access key AKIA… of user eve". */
  readonly left: readonly Span[]
  /** What the record says of it in detail, to follow the phrase: ", which lets in 999988887777 (outside the account)". */
  readonly payload?: readonly Span[]
  readonly remedy: Remedy
  /** The names in `left` and in the remedy, by the words of the rules: `user`, `accessKey`, `role`, `policyArn` …; and `passedRoles`, `shownRoles`. */
  readonly names: Readonly<Record<string, readonly string[]>>
  readonly writtenPolicy?: WrittenPolicy
  readonly eventId: string
  readonly at: Instant
  /** How many equal events there were, and when the last one was; `at` and `eventId` are the first one's. Absent for one. */
  readonly times?: { readonly count: number; readonly last: Instant }
  readonly eventSource: string
  readonly eventName: string
  readonly region: string
  readonly accountId?: string
  readonly accessKeyId?: string
  /** A failed event left nothing, but shows what the attacker wanted. */
  readonly succeeded: boolean
  readonly errorCode?: string
  /**
   * The event since which it is no longer in place. `by` names whoever did that, where it was not the session or one of its chained
   * sessions.
   */
  readonly undoneBy?: { readonly eventId: string; readonly at: Instant; readonly eventName?: string; readonly by?: Untrusted }
}
