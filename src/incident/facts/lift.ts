import type { Instant } from '../values/instant.ts'
import type { Untrusted } from '../values/untrusted.ts'

/**
 * What became of a change of the response: `lifted` by ir-cred and seen so, `gone` before ir-cred lifted it, `changed` by somebody else
 * and left alone, `kept` because what stood before cannot be put back, `stays` because it is not to be lifted.
 */
export type LiftState = 'lifted' | 'gone' | 'changed' | 'kept' | 'stays'

/** One change of the response, and how it stands now. */
export interface LiftedChange {
  /** The API call that made it, such as `iam:PutRolePolicy`. */
  readonly operation: string
  readonly resource: string
  /** What was changed, as a noun phrase. */
  readonly what: string
  readonly state: LiftState
  /** Why it is so, as a sentence without a full stop. */
  readonly why?: string
  /** The command that lifts it by hand, in the incident's directory. */
  readonly command?: string
}

/** Why a lift goes ahead although something speaks against it. */
export interface LiftReason {
  /** Absent in a dry run, which needs none. */
  readonly reason?: Untrusted
  /** What spoke against it, a sentence each. */
  readonly against: readonly string[]
}

/** The changes of the response after they were lifted: each as it was seen to stand. */
export interface Lift {
  /** When all of it was first seen so. */
  readonly seenAt: Instant
  readonly changes: readonly LiftedChange[]
  /** From when on no session is alive any more that the changes keep out. Absent where nothing was changed that waits for it. */
  readonly safeFrom?: Instant
  /** Absent where nothing spoke against it. */
  readonly despite?: LiftReason
}

/** How a change stands after a lift, in words. */
export const LIFT_STATES: { readonly [S in LiftState]: string } = {
  lifted: 'lifted',
  gone: 'nothing to lift',
  changed: 'LEFT ALONE',
  kept: 'NOT LIFTED',
  stays: 'stays',
}

/** The changes that stand although they are not to stay: somebody else changed them, or what stood before is lost. */
export const standingAfterLift = ({ changes }: Lift): readonly LiftedChange[] =>
  changes.filter(({ state }) => state === 'changed' || state === 'kept')

/** Whether the changes stand alike, in the same order. */
export const areSameChanges = (some: readonly LiftedChange[], others: readonly LiftedChange[]): boolean =>
  some.length === others.length && some.every((change, index) => wordsOf(change) === wordsOf(others[index]))

const wordsOf = (change: LiftedChange | undefined): string =>
  JSON.stringify(change && [change.operation, change.resource, change.what, change.state, change.why, change.command])
