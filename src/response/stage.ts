import type { OrganizationsClient } from '@aws-sdk/client-organizations'
import type { AwsClients } from '../aws/clients.ts'
import type { Effect, Request } from '../incident/entry.ts'
import type { AddressLookup } from '../incident/facts/activity.ts'
import type { EvidenceRef } from '../incident/facts/evidence.ts'
import type { FactName, Facts } from '../incident/facts/facts.ts'
import type { RemoteAddress } from '../incident/finding/finding.ts'
import type { IncidentWith } from '../incident/incident.ts'
import type { Block } from '../incident/values/block.ts'
import type { Failure } from '../incident/values/failure.ts'
import type { Instant } from '../incident/values/instant.ts'
import type { ChoiceQuestion } from './ports.ts'

/** NIST SP 800-61r3's words. A label on the stage, for the report. */
export type Phase = 'detect' | 'contain' | 'eradicate' | 'recover' | 'review'

/** What a stage saw. Facts come only from here: what ir-cred claims is always something it saw. */
export type Assessment<F> =
  | { readonly status: 'established'; readonly fact: F }
  | {
      readonly status: 'needed'
      readonly effects: readonly Effect[]
      /** What the fact would be: only a dry run puts it into the incident, marked as assumed. */
      readonly expected: F
      readonly acknowledgement?: readonly Block[]
      readonly typed?: string
    }
  | { readonly status: 'notApplicable'; readonly why: string }
  | {
      readonly status: 'blocked'
      readonly why: string
      readonly remedy: string
      readonly kind?: 'blocked' | 'identity' | 'unconfirmed' | 'declined'
    }

/** How long and how often to look; all in seconds of AWS's time. */
export interface Patience {
  readonly what: string
  readonly every: number
  readonly within: number
}

/** Any SDK client and command, as far as a write needs to know them. */
export interface SendingClient {
  send(command: never, options?: { abortSignal?: AbortSignal }): Promise<unknown>
}

/** An SDK command, or how to make it from the journal's head (16 hex digits), which is known once the intent is on disk. */
export type Sendable = object | ((journalHead: string) => object)

/** What a stage may use. It touches no file, no screen and no clock but through this. */
export interface Context {
  readonly request: Request
  /** The SDK clients for a Region; IAM and STS answer alike in each. */
  aws(region: string): AwsClients
  /** The Region to begin with, and all that are to be searched. */
  readonly region: string
  readonly regions: readonly string[]
  /** AWS's time, never the machine's. */
  now(): Instant
  /** Looks until it sees something (anything but undefined) or patience ends (undefined). Due re-checks are worked off meanwhile. */
  settle<T>(patience: Patience, look: () => Promise<T | undefined>): Promise<T | undefined>
  /**
   * Makes one change: journals the intent (fsynced), sends the command exactly once, journals what became of it.
   * Gives the output, or undefined when nobody knows whether it was applied: the next assess finds out. Throws Failure when refused.
   */
  write<O = unknown>(client: SendingClient, command: Sendable, effect: Effect, options?: WriteOptions): Promise<O | undefined>
  /** Keeps a raw answer as evidence (secrets redacted), with its SHA-256. */
  keep(name: string, content: unknown): Promise<EvidenceRef>
  /** Notes how far a long reading has come, and keeps what it has read since the last note, so that another run can go on from there. */
  checkpoint(cursor: unknown, content: unknown): Promise<void>
  /** What was kept, secrets redacted; undefined when it is not there any more, or was altered. */
  recall(ref: EvidenceRef): Promise<string | undefined>
  /** Opens the client of AWS Organizations, whose code is loaded only then. */
  organizations(): Promise<OrganizationsClient>
  /** Who knows where addresses are: what GuardDuty's findings say of them comes first. */
  places(known: readonly RemoteAddress[]): Promise<AddressLookup>
  choose(question: ChoiceQuestion): Promise<string | undefined>
  progress(text: string): void
  /** How long to wait for CloudTrail's proof, in seconds of AWS's time; 0 on live AWS unless asked for. */
  readonly proofWait: number
  /** How long to wait for a finding to appear; 0 = not at all. */
  readonly findingWait: number
  /** True in a drill: the commands that a responder is advised to give are a drill's. */
  readonly drill: boolean
  /** True while nothing will be changed: stages wait for nothing then. */
  readonly dryRun: boolean
  /** Whose calls are ours: to leave them out of the attacker's, and to see how far CloudTrail can be trusted. */
  readonly responder: { readonly arn: string; readonly userId: string; readonly accessKeyId: string }
  /** The profile by which Detective is asked, where it is not the responder's own. */
  readonly detectiveProfile?: string
  nonce(): string
  readonly signal: AbortSignal
}

export interface WriteOptions {
  /** Made by `nonce()` and put into the request beforehand, where the service can give it back. */
  readonly nonce?: string
  /** What a later run must know to read the effect back, such as the intended cut-off. */
  readonly planned?: Readonly<Record<string, string>>
}

/** A re-check of something established: due so many seconds after the fact, and once more before the report. */
export interface Rechecking<P extends FactName> {
  readonly after: readonly number[]
  look(
    fact: Facts[P],
    incident: IncidentWith<FactName>,
    context: Context,
  ): Promise<{ readonly stands: boolean; readonly says: string }>
}

/** One room of the runbook. It assesses the world and may act on it; it remembers nothing. */
export interface Stage<P extends FactName = FactName, N extends FactName = never> {
  readonly id: string
  readonly phase: Phase
  /** Starts with a verb. */
  readonly title: string
  readonly needs: readonly N[]
  readonly establishes: P
  /** Reads only. */
  assess(incident: IncidentWith<N>, context: Context): Promise<Assessment<Facts[P]>>
  /** Absent for a stage that only looks. Makes the changes that its last assessment showed, each through `context.write`. */
  act?(incident: IncidentWith<N>, context: Context): Promise<void>
  /**
   * Of a stage that a response can do without: why it is left out when its change is refused, as one sentence with what stands
   * without it and the remedy. Undefined, or no such method: the refusal ends the run.
   */
  withoutIt?(refusal: Failure, context: Context): string | undefined
  readonly recheck?: Rechecking<P>
  /** The fact in words, the same for terminal and report; says no more than the fact. */
  tell(fact: Facts[P]): readonly Block[]
}

/** A stage without its types, as the loop and the list of stages hold it. */
export type AnyStage = Stage<FactName, never>

/** Infers what a stage needs and establishes; using a fact it does not need is a compile error. */
export const defineStage = <P extends FactName, const N extends FactName = never>(stage: Stage<P, N>): Stage<P, N> => stage

export const established = <F>(fact: F): Assessment<F> => ({ status: 'established', fact })
export const notApplicable = (why: string): Assessment<never> => ({ status: 'notApplicable', why })
export const blocked = (
  why: string,
  remedy: string,
  kind?: 'blocked' | 'identity' | 'unconfirmed' | 'declined',
): Assessment<never> => ({
  status: 'blocked',
  why,
  remedy,
  ...(kind ? { kind } : {}),
})
