import type { Line } from '../values/block.ts'
import type { Instant } from '../values/instant.ts'
import type { Untrusted } from '../values/untrusted.ts'

/**
 * A function, an alias of one, a service, another member of the group, or the pods of a service account, as AWS shows it after the
 * cut-off: with new environments, new tasks or a new session.
 */
export interface RenewedWorkload {
  readonly kind: 'function' | 'alias' | 'service' | 'member' | 'identity'
  /** A function's name, `function:alias`, `cluster/service`, the id of an instance of an Auto Scaling group, or who CloudTrail names. */
  readonly name: string
  readonly region: string
  /** `failed`: AWS gave the change up; what ran before runs on with credentials that are denied. */
  readonly state: 'renewed' | 'under-way' | 'failed'
  /** When AWS says that the change was made. */
  readonly changedAt: Instant
  /** What AWS says of a change that is not over. */
  readonly reason?: Untrusted
  /** The names that sessions of it have: the function's, or the ids of its new tasks. */
  readonly sessions: readonly string[]
  /** Of a function. */
  readonly concurrency?: ReservedConcurrency
  /** Of an identity: the key of the newest session that was issued to it. */
  readonly accessKeyId?: string
  /** The stolen credentials were this one's. */
  readonly own?: true
}

/** The concurrency that a function reserves: 0 lets nothing invoke it. */
export interface ReservedConcurrency {
  readonly now: number | 'none'
  /** What it was when a look first saw it reserve anything but 0. */
  readonly before?: number | 'none'
}

/** What only you can renew. */
export interface RenewalByHand {
  readonly sentence: Line
  readonly command?: string
  /** As AWS shows it: `later` comes after the one that is `to-do`. */
  readonly state: 'to-do' | 'later' | 'done'
}

/** An Auto Scaling group as the first look found it: what has to be as before when the incident is over. */
export interface ScalingGroupBefore {
  readonly name: string
  /** The processes that somebody had suspended already. */
  readonly suspended: readonly string[]
  readonly minSize: number
  readonly desired: number
  readonly members: readonly string[]
}

/** What runs under the role with credentials from after the cut-off, whoever renewed it, and what is still to be renewed by hand. */
export interface Renewal {
  readonly of: 'functions' | 'services' | 'members' | 'identities'
  /** The Auto Scaling group before anybody took the member out of it. */
  readonly group?: ScalingGroupBefore
  readonly workloads: readonly RenewedWorkload[]
  readonly byHand: readonly RenewalByHand[]
  /** What a reader has to know beside it, a sentence each. */
  readonly remarks: readonly string[]
  /** What could not be read, a sentence each. */
  readonly unread: readonly string[]
}

/** Whether nothing is left to be renewed, as far as AWS shows it. */
export const isRenewed = ({ workloads, byHand, unread }: Renewal): boolean =>
  unread.length === 0 && workloads.every(({ state }) => state === 'renewed') && byHand.every(({ state }) => state === 'done')

/** A workload as a sentence names it: `function resize`, `service shop/orders`. */
export const workloadWords = ({ kind, name }: Pick<RenewedWorkload, 'kind' | 'name'>): string =>
  kind === 'identity' ? name : `${kind} ${name}`
