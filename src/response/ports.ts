import type { Effect, Ending, Entry, Setting } from '../incident/entry.ts'
import type { Block } from '../incident/values/block.ts'
import type { Instant } from '../incident/values/instant.ts'
import type { Untrusted } from '../incident/values/untrusted.ts'

/** Something that happens and is not kept: it is heard once, by whoever listens. */
export type ProgressEvent =
  /** A run begins: where it takes place, and as whom. The first thing anybody hears. */
  | { readonly type: 'began'; readonly at: Instant; readonly setting: Setting; readonly dryRun: boolean }
  /** A stage begins. */
  | {
      readonly type: 'entered'
      readonly stage: string
      readonly title: string
      readonly phase: string
      readonly number: number
      readonly of: number
    }
  /** What a stage saw. `effects` are what it would change; empty unless status is needed. */
  | {
      readonly type: 'assessed'
      readonly stage: string
      readonly status: 'established' | 'needed' | 'notApplicable' | 'blocked'
      readonly effects: readonly Effect[]
      readonly assumed?: boolean
    }
  /** A stage in its own words: the same blocks go to the report. */
  | { readonly type: 'described'; readonly stage: string; readonly blocks: readonly Block[] }
  /** Waiting or working: replaces the line before it where a screen can do that. */
  | { readonly type: 'progress'; readonly stage: string; readonly text: string }
  | {
      readonly type: 'call'
      readonly at: Instant
      readonly service: string
      readonly operation: string
      readonly outcome: string
      readonly requestId?: string
    }
  /** An actor of a simulated account speaks. */
  | {
      readonly type: 'actor'
      readonly who: string
      readonly at: Instant
      readonly action: string
      readonly outcome: 'ok' | 'refused'
      readonly explicit: boolean
    }
  /** Something the responder must see at once. */
  | { readonly type: 'alarm'; readonly text: string }
  | { readonly type: 'note'; readonly text: string }

/** The last thing anybody hears. */
export interface Ended {
  readonly type: 'ended'
  readonly ending: Ending
  readonly exitCode: number
  readonly incident: string
  /** Changes made: write calls that were sent. */
  readonly writes: number
  readonly unproven: readonly string[]
  readonly alarms: readonly string[]
  readonly report?: string
  readonly continueWith?: string
}

export type Event = Exclude<Entry, { type: 'ended' }> | ProgressEvent | Ended

/** Hears what happens: a terminal, plain lines, NDJSON, a test. */
export interface Listener {
  hear(event: Event): void
}

/** A change that waits for an answer. */
export interface ApprovalQuestion {
  readonly stage: string
  readonly title: string
  readonly effects: readonly Effect[]
  /** What the responder acknowledges, in full sentences: whom it hits, what it does not stop. */
  readonly acknowledgement: readonly Block[]
  /** The word to type for a destructive change, such as the role's name. Absent: a plain yes is enough. */
  readonly typed?: string
}

export type Approval =
  | { readonly answer: 'approved'; readonly by: string }
  | { readonly answer: 'skipped'; readonly by: string }
  | {
      readonly answer: 'declined'
      readonly why: string
      /** What somebody does who sat there and wants to go on; absent where nobody sat there. */
      readonly remedy?: string
    }

/** One of several things to choose from. */
export interface ChoiceQuestion {
  readonly what: string
  readonly options: readonly { readonly id: string; readonly label: readonly (string | Untrusted)[] }[]
}

/** Answers questions: a person at a terminal, flags, or nobody. Whoever cannot answer declines: the default answer to a change is no. */
export interface Responder {
  approve(question: ApprovalQuestion): Promise<Approval>
  /** The chosen option's id; undefined when nobody chose. */
  choose(question: ChoiceQuestion): Promise<string | undefined>
}
