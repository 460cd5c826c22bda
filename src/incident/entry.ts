import type { EvidenceRef } from './facts/evidence.ts'
import type { FactName, Facts } from './facts/facts.ts'
import type { Instant } from './values/instant.ts'
import type { Untrusted } from './values/untrusted.ts'

/** One visible change about to be made: which API action, on what, in a sentence, and what it costs others. */
export interface Effect {
  /** The IAM action, such as `iam:PutRolePolicy`. */
  readonly operation: string
  readonly resource: string
  readonly sentence: string
  readonly cost?: string
  readonly undo?: string
}

/** What the responder asked for: how to find the finding. */
export type Request =
  | { readonly by: 'finding-id'; readonly id: string }
  | { readonly by: 'file'; readonly name: string; readonly text: string; readonly accessKeyId?: string }
  | { readonly by: 'access-key-id'; readonly accessKeyId: string }
  | { readonly by: 'role'; readonly roleName: string }
  | { readonly by: 'instance-id'; readonly instanceId: string }
  | { readonly by: 'list' }

/** Whose credentials respond, and where: an incident can only be resumed with the same. */
export interface Setting {
  readonly accountId: string
  readonly partition: string
  readonly region: string
  readonly responderArn: string
  readonly responderUserId: string
  readonly profile?: string
  /** Of the account that administers the Detective graph. It may change: only answers come from there. */
  readonly detectiveProfile?: string
  readonly endpoint?: string
  readonly simulated: boolean
}

/** Whether this is a drill: the account is simulated, and has no endpoint because it lives inside this process. */
export const isDrill = ({ simulated, endpoint }: Setting): boolean => simulated && endpoint === undefined

export type SendingOutcome =
  | { readonly outcome: 'accepted'; readonly requestId: string }
  | { readonly outcome: 'refused'; readonly code: string; readonly message: Untrusted; readonly requestId?: string }
  | { readonly outcome: 'unknown'; readonly why: string }

/** A durable line of the journal. `Incident = replay(entries)`. */
export type Entry =
  | {
      readonly type: 'opened'
      readonly at: Instant
      readonly incident: string
      readonly version: string
      readonly request: Omit<Request, 'text'>
      readonly setting: Setting
    }
  | { readonly type: 'resumed'; readonly at: Instant; readonly responderArn: string; readonly detectiveProfile?: string }
  | {
      readonly type: 'established'
      readonly at: Instant
      readonly stage: string
      readonly fact: { readonly [F in FactName]?: Facts[F] }
    }
  | {
      readonly type: 'approved'
      readonly at: Instant
      readonly stage: string
      readonly effects: readonly Effect[]
      readonly by: string
    }
  | {
      readonly type: 'intended'
      readonly at: Instant
      readonly stage: string
      readonly nonce: string
      readonly effect: Effect
      readonly planned?: Readonly<Record<string, string>>
    }
  | ({ readonly type: 'sent'; readonly at: Instant; readonly stage: string; readonly nonce: string } & SendingOutcome)
  | { readonly type: 'rechecked'; readonly at: Instant; readonly stage: string; readonly stands: boolean; readonly says: string }
  | { readonly type: 'kept'; readonly at: Instant; readonly stage: string; readonly name: string; readonly ref: EvidenceRef }
  /** A long reading has come so far; what it had read since the last one is kept. `cursor` is the reader's own. */
  | {
      readonly type: 'checkpoint'
      readonly at: Instant
      readonly stage: string
      readonly ref: EvidenceRef
      readonly cursor: unknown
    }
  | { readonly type: 'notApplicable'; readonly at: Instant; readonly stage: string; readonly why: string }
  | { readonly type: 'skipped'; readonly at: Instant; readonly stage: string; readonly by: string }
  | { readonly type: 'declined'; readonly at: Instant; readonly stage: string; readonly why: string }
  | { readonly type: 'blocked'; readonly at: Instant; readonly stage: string; readonly why: string; readonly remedy: string }
  | { readonly type: 'interrupted'; readonly at: Instant; readonly by: string }
  | { readonly type: 'recovered'; readonly at: Instant; readonly why: string }
  | {
      readonly type: 'ended'
      readonly at: Instant
      readonly ending: Ending
      readonly exitCode: number
      readonly unproven: readonly string[]
      readonly alarms: readonly string[]
    }

export type Ending = 'completed' | 'declined' | 'blocked' | 'failed' | 'interrupted'
