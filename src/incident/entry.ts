import type { EvidenceRef } from './facts/evidence.ts'
import type { FactName, Facts } from './facts/facts.ts'
import type { LiftReason } from './facts/lift.ts'
import type { Instant } from './values/instant.ts'
import type { Untrusted } from './values/untrusted.ts'

/** One visible change about to be made: which API action, on what, in a sentence, and what it costs others. */
export interface Effect {
  /** The IAM action, such as `iam:PutRolePolicy`. */
  readonly operation: string
  readonly resource: string
  readonly sentence: string
  readonly cost?: string
  /** How to undo it, in words; that there is nothing to undo, where it changes nothing that lasts. */
  readonly undo?: string
  /** The input of the API call as it is sent, policy documents decoded. What is only known at that moment is `(set at sending)`. */
  readonly parameters?: CallParameters
  /** The command that undoes it, in the incident's directory. */
  readonly undoCommand?: string
}

/** The input of an API call as JSON. It never holds a secret. */
export type CallParameters = Readonly<Record<string, unknown>>

/** Stands in the parameters of a call for what is only known when it is sent: the journal's head, a nonce. */
export const SET_AT_SENDING = '(set at sending)'

/** What the responder asked for: how to find the finding. */
export type Request =
  /** `accessKeyId` chooses among the actors of an attack sequence. */
  | { readonly by: 'finding-id'; readonly id: string; readonly accessKeyId?: string }
  | { readonly by: 'file'; readonly name: string; readonly text: string; readonly accessKeyId?: string }
  | ReportedRequest
  | { readonly by: 'list' }

/** What a responder reports: it needs no finding. `reason` is why, where it was given on the command line. */
export type ReportedRequest =
  | { readonly by: 'access-key-id'; readonly accessKeyId: string; readonly reason?: string }
  | { readonly by: 'role'; readonly roleName: string; readonly arn?: string; readonly reason?: string }
  | { readonly by: 'user'; readonly userName: string; readonly arn?: string; readonly reason?: string }
  | { readonly by: 'instance-id'; readonly instanceId: string; readonly reason?: string }
  /** The ARN of a role's session, `…:assumed-role/role/session`. */
  | {
      readonly by: 'session'
      readonly arn: string
      readonly roleName: string
      readonly sessionName: string
      readonly reason?: string
    }

/** The request as the journal keeps it: of a finding file the name alone. */
export type JournaledRequest =
  | Exclude<Request, { readonly by: 'file' }>
  | { readonly by: 'file'; readonly name: string; readonly accessKeyId?: string }

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

/** What became of a write that was sent: AWS accepted it, AWS refused it, or the outcome is unknown until it is read back. */
export type SendingOutcome =
  | { readonly outcome: 'accepted'; readonly requestId: string }
  | { readonly outcome: 'refused'; readonly code: string; readonly message: Untrusted; readonly requestId?: string }
  | { readonly outcome: 'unknown'; readonly why: string }

/** What `--revoke` asks for: a deny on every older session of the role, or on the stolen session alone. */
export type RevokeForm = 'role' | 'session'

/** An incident begins. */
export interface OpenedEntry {
  readonly type: 'opened'
  readonly at: Instant
  readonly incident: string
  /** The version of ir-cred. */
  readonly version: string
  readonly request: JournaledRequest
  readonly setting: Setting
  readonly revoke?: RevokeForm
  /** The incident on another actor of the same attack sequence, the one that was opened first. */
  readonly linkedTo?: string
}

/** Another run continues the incident. */
export interface ResumedEntry {
  readonly type: 'resumed'
  readonly at: Instant
  readonly responderArn: string
  readonly detectiveProfile?: string
  readonly revoke?: RevokeForm
}

/** A run begins that lifts the changes of the response. How the response ended stays as it is. */
export interface LiftingEntry {
  readonly type: 'lifting'
  readonly at: Instant
  readonly responderArn: string
  /** Why it goes ahead although something speaks against it. Absent where nothing does. */
  readonly despite?: LiftReason
}

/** A stage established its fact: ir-cred saw it. Once more, when more of it has been read beside what followed: the last entry counts. */
export interface EstablishedEntry {
  readonly type: 'established'
  readonly at: Instant
  readonly stage: string
  /** One member, by the name of the fact. */
  readonly fact: { readonly [F in FactName]?: Facts[F] }
}

/** The effects of a stage were approved. */
export interface ApprovedEntry {
  readonly type: 'approved'
  readonly at: Instant
  readonly stage: string
  readonly effects: readonly Effect[]
  /** Who or what approved: a person, a flag, an answers file, the model answer of a drill. */
  readonly by: string
  /** A digest of what was shown with the question, times left out (16 hex digits): the approval holds for that only. */
  readonly acknowledged?: string
}

/** What a later run must know of a change: to find it in AWS, and to undo it. */
export interface Planned {
  /** Of a revocation: the cut-off that its policy has. */
  readonly cutoff?: Instant
  /** Of a revocation: the policy document that it replaces. */
  readonly priorDocument?: EvidenceRef
  /** Of a revocation: the cut-off of somebody else's that it replaces. */
  readonly replacedCutoff?: Instant
  /** Of a stop: when the instance was launched, and its public address, which the stop and start change. */
  readonly launchTime?: Instant
  readonly publicIp?: string
  /** Of a start: the instance was seen to be stopped right before it. */
  readonly wasStopped?: true
}

/** A write is about to be sent, once. It is on disk before the request leaves. */
export interface IntendedEntry {
  readonly type: 'intended'
  readonly at: Instant
  readonly stage: string
  /** Ties the intent to its `sent` entry. */
  readonly nonce: string
  readonly effect: Effect
  readonly planned?: Planned
}

/** What became of the write: `accepted`, `refused`, or `unknown` until it is read back. */
export type SentEntry = {
  readonly type: 'sent'
  readonly at: Instant
  readonly stage: string
  readonly nonce: string
} & SendingOutcome

/** A re-check of something established. */
export interface RecheckedEntry {
  readonly type: 'rechecked'
  readonly at: Instant
  readonly stage: string
  readonly stands: boolean
  readonly says: string
}

/** A raw answer was kept as evidence. */
export interface KeptEntry {
  readonly type: 'kept'
  readonly at: Instant
  readonly stage: string
  readonly name: string
  readonly ref: EvidenceRef
}

/** A long reading has come so far. What it read since the last checkpoint is kept as evidence. */
export interface CheckpointEntry {
  readonly type: 'checkpoint'
  readonly at: Instant
  readonly stage: string
  readonly ref: EvidenceRef
  /** Where the reading continues; its form is the reader's own. */
  readonly cursor: unknown
}

/** A stage does not apply, and why. */
export interface NotApplicableEntry {
  readonly type: 'notApplicable'
  readonly at: Instant
  readonly stage: string
  readonly why: string
}

/** A stage was left out. */
export interface SkippedEntry {
  readonly type: 'skipped'
  readonly at: Instant
  readonly stage: string
  readonly by: string
}

/** A change was declined, or there was nobody to answer. */
export interface DeclinedEntry {
  readonly type: 'declined'
  readonly at: Instant
  readonly stage: string
  readonly why: string
}

/** The finding was declared a false alarm, before anything was changed: the run ends there. A later run goes on as usual. */
export interface FalseAlarmEntry {
  readonly type: 'falseAlarm'
  readonly at: Instant
  readonly stage: string
  /** Who declared it: a person, an answers file, the model answer of a drill. */
  readonly by: string
  readonly responderArn: string
  readonly reason: Untrusted
  /** What suggested it: the history of the address, or whose address it is. */
  readonly hint: string
}

/** A stage cannot go on. */
export interface BlockedEntry {
  readonly type: 'blocked'
  readonly at: Instant
  readonly stage: string
  readonly why: string
  readonly remedy: string
}

/** The run was interrupted. */
export interface InterruptedEntry {
  readonly type: 'interrupted'
  readonly at: Instant
  readonly by: string
}

/** The journal's torn last line was set aside after a crash. */
export interface RecoveredEntry {
  readonly type: 'recovered'
  readonly at: Instant
  readonly why: string
}

/** A run of the incident ended. */
export interface EndedEntry {
  readonly type: 'ended'
  readonly at: Instant
  readonly ending: Ending
  readonly exitCode: number
  readonly unproven: readonly string[]
  readonly alarms: readonly string[]
  /** Of a run that lifted the changes of the response. Absent: a run of the runbook. */
  readonly of?: 'lift'
}

/** A durable line of the journal. `Incident = replay(entries)`. */
export type Entry =
  | OpenedEntry
  | ResumedEntry
  | LiftingEntry
  | EstablishedEntry
  | ApprovedEntry
  | IntendedEntry
  | SentEntry
  | RecheckedEntry
  | KeptEntry
  | CheckpointEntry
  | NotApplicableEntry
  | SkippedEntry
  | DeclinedEntry
  | FalseAlarmEntry
  | BlockedEntry
  | InterruptedEntry
  | RecoveredEntry
  | EndedEntry

export type Ending = 'completed' | 'falseAlarm' | 'declined' | 'blocked' | 'failed' | 'interrupted'
