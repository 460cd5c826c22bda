import type { Span } from '../values/block.ts'
import type { Instant } from '../values/instant.ts'
import type { Untrusted } from '../values/untrusted.ts'

/** How far CloudTrail shows what happened in a Region. */
export interface RegionLook {
  readonly region: string
  readonly seenUpTo?: Instant
  /** It shows what happened until 15 minutes after the deny was in force, so that what it does not show has not happened. */
  readonly shown: boolean
  /** Why it could not be read, in a sentence. */
  readonly notRead?: string
}

/** The role of a credential in a theft. */
export type SuspectKind =
  | 'stolen'
  /** Issued to the instance with the stolen key. */
  | 'sibling'
  /** Issued to the instance since the cut-off. */
  | 'new'
  /** A session of the role that somebody else got since the cut-off. */
  | 'other-session'
  /** An access key that the attacker made, or made active again. */
  | 'created-key'
  /** The console password of a user that the attacker set. */
  | 'created-login'

/** A credential that is or may be the attacker's. */
export interface CredentialLook {
  readonly kind: SuspectKind
  /** The access key id, or the name of a user with a console password. */
  readonly name: string
  /** Calls that the last look saw. */
  readonly calls: number
  /** Those of them that are the attacker's by positive evidence. */
  readonly attackers: number
  readonly lastCall?: Instant
}

/** A session of the role that was issued since the cut-off. Its issue alone does not say whether it is the owner's or the attacker's. */
export interface NewSession {
  readonly accessKeyId: string
  readonly at: Instant
  /** Such as `AssumeRoleWithWebIdentity`. */
  readonly operation: string
  /** Who obtained it, as CloudTrail names the caller. */
  readonly by: Untrusted
}

/** The last look before the report: is the attacker out, as far as CloudTrail can show it? */
export interface Closure {
  /** Calls of the attacker, by positive evidence, that were refused with an explicit deny, which is how the revocation refuses. */
  readonly refused: number
  /** Calls refused in the same way of which the workload is known, and of which nobody is. */
  readonly workloadRefused?: number
  readonly ambiguousRefused?: number
  /** Calls denied after the cut-off without one: the role may never have been allowed them, so they prove nothing. */
  readonly deniedOtherwise: number
  readonly firstRefusal?: Instant
  readonly lastRefusal?: Instant
  readonly lastSuccess?: Instant
  /** Successes of the stolen key later than the cut-off and the grace of 5 minutes. */
  readonly successesAfterGrace: number
  /** When the deny did not stand, a sentence each: calls in these times were not refused. */
  readonly gaps?: readonly string[]
  /** The newest of our own calls that CloudTrail shows in the incident's Region: it can be trusted up to here. */
  readonly seenUpTo?: Instant
  /** What was looked at, Region by Region. */
  readonly regions?: readonly RegionLook[]
  /** Each credential that is or may be the attacker's, and its calls since it was denied or made. */
  readonly credentials?: readonly CredentialLook[]
  /** Of a role that no instance, function or service was renewed for: how many sessions of it CloudTrail shows since the cut-off, and the newest. */
  readonly sessionsSince?: { readonly count: number; readonly newest: readonly NewSession[] }
  /** What may be the attacker's and may be somebody else's, a sentence each. */
  readonly ambiguous?: readonly string[]
  /** What the attacker left behind that nobody was seen to use: how many things, and the worst. */
  readonly left?: { readonly count: number; readonly worst: readonly Span[] }
  /** Somebody can still obtain new sessions, or is on the instance: refusals of the stolen key do not mean that the attacker is out. */
  readonly wayIn?: true
  readonly unproven: readonly string[]
  readonly alarms: readonly string[]
}
