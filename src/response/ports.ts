import type { Effect, Ending, Entry, Setting } from '../incident/entry.ts'
import type { StillToDo } from '../incident/left-to-do.ts'
import type { Block } from '../incident/values/block.ts'
import type { Instant } from '../incident/values/instant.ts'
import type { Untrusted } from '../incident/values/untrusted.ts'

/** A run begins: in which account, and with whose credentials. The first event. */
export interface BeganEvent {
  readonly type: 'began'
  readonly at: Instant
  readonly setting: Setting
  readonly dryRun: boolean
}

/** A stage begins. */
export interface EnteredEvent {
  readonly type: 'entered'
  readonly stage: string
  readonly title: string
  /** NIST SP 800-61r3's word. */
  readonly phase: string
  readonly number: number
  readonly of: number
}

/** What a stage saw. */
export interface AssessedEvent {
  readonly type: 'assessed'
  readonly stage: string
  readonly status: 'established' | 'needed' | 'notApplicable' | 'blocked'
  /** What the stage would change; empty unless the status is `needed`. */
  readonly effects: readonly Effect[]
  /** In a dry run: the fact is what it would be, not what was seen. */
  readonly assumed?: boolean
}

/** A stage's fact as text. The same text stands in the report. */
export interface DescribedEvent {
  readonly type: 'described'
  readonly stage: string
  readonly blocks: readonly Block[]
  /** The responder shows these blocks itself, with the question that follows. */
  readonly withQuestion?: true
}

/** A stage waits or works. A terminal replaces the line before it. */
export interface ProgressLineEvent {
  readonly type: 'progress'
  readonly stage: string
  readonly text: string
}

/** An API call as it ended. */
export interface CallEvent {
  readonly type: 'call'
  readonly at: Instant
  readonly service: string
  readonly operation: string
  readonly outcome: string
  readonly requestId?: string
}

/** The attacker, or the workload, of a simulated account makes a call. */
export interface ActorCallEvent {
  readonly type: 'actor'
  readonly who: string
  readonly at: Instant
  readonly action: string
  readonly outcome: 'ok' | 'refused'
  /** The refusal was an explicit deny. */
  readonly explicit: boolean
}

/** Something the responder must see at once. */
export interface AlarmEvent {
  readonly type: 'alarm'
  readonly text: string
}

/** Something worth knowing that changes nothing. */
export interface NoteEvent {
  readonly type: 'note'
  readonly text: string
}

/** Something that happens and is not kept in the journal. */
export type ProgressEvent =
  | BeganEvent
  | EnteredEvent
  | AssessedEvent
  | DescribedEvent
  | ProgressLineEvent
  | CallEvent
  | ActorCallEvent
  | AlarmEvent
  | NoteEvent

/** Write calls that made no change, or may have made one. */
export interface OtherWrites {
  /** AWS refused them. */
  readonly refused: number
  /** They were sent, and no answer says whether they arrived; the read-back decides. */
  readonly unknown: number
  /** They were intended, and the run ended before they left. */
  readonly notSent: number
}

/** A run ended. The last event. */
export interface Ended {
  readonly type: 'ended'
  readonly ending: Ending
  readonly exitCode: number
  /** The incident's name; empty where none was opened. */
  readonly incident: string
  /** Changes made: write calls that AWS accepted. */
  readonly writes: number
  /** Write calls of this run that AWS did not accept, by what became of them. Absent when there were none. */
  readonly otherWrites?: OtherWrites
  /** What the run could not prove yet. */
  readonly unproven: readonly string[]
  readonly alarms: readonly string[]
  /** What is left to do, the most dangerous first. Absent when there is nothing, and in a dry run. */
  readonly stillToDo?: readonly StillToDo[]
  /** The path of the report. */
  readonly report?: string
  /** The command that continues. */
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
  /** What the responder acknowledges, in full sentences: what the change cuts off, what it does not stop. */
  readonly acknowledgement: readonly Block[]
  /** The word to type for a destructive change, such as the role's name. Absent: a plain yes is enough. */
  readonly typed?: string
  /** Why an approval of everything does not count for it, as the end of a sentence: it has to be given by name. */
  readonly byName?: string
  /** Where nobody answers, the change is left out, and the run goes on. */
  readonly goesOn?: true
  /** Why the finding may be a false alarm, as the end of a sentence. Absent: it cannot be declared one here. */
  readonly falseAlarm?: string
  /** Set while things are read beside the question. */
  readonly beside?: BesideQuestion
  /** To be called when the responder has acknowledged the change, before the approval: ir-cred makes ready for it. */
  readonly acknowledged?: () => void
}

/** What is read while a question is open. */
export interface BesideQuestion {
  /** What is still being read, as noun phrases. */
  open(): readonly string[]
  /** The question as it is by now. */
  now(): ApprovalQuestion
  /** Calls back when something has been read, until the given function is called. */
  watch(changed: () => void): () => void
}

export type Approval =
  | { readonly answer: 'approved'; readonly by: string }
  | { readonly answer: 'skipped'; readonly by: string }
  /** Only where the question says why it may be one. */
  | { readonly answer: 'falseAlarm'; readonly by: string; readonly reason: Untrusted }
  | {
      readonly answer: 'declined'
      readonly why: string
      /** How a person at a terminal continues; absent where nobody was at a terminal. */
      readonly remedy?: string
    }

/** One of several things to choose from. */
export interface ChoiceQuestion {
  readonly what: string
  readonly options: readonly { readonly id: string; readonly label: readonly (string | Untrusted)[] }[]
}

/** Answers questions: a person at a terminal, flags, or an answers file. Without an answer a change is declined. */
export interface Responder {
  /** Does not wait for what a change does not need: it is read beside. Absent: everything is read before a question. */
  readonly goesAhead?: true
  /** A person: what is read beside a question begins when it is asked. Absent: it begins once the change was made. */
  readonly takesTime?: true
  approve(question: ApprovalQuestion): Promise<Approval>
  /** Whether it shows effects and acknowledgement itself, on one screen with the question. Absent: it does not. */
  showsQuestion?(question: ApprovalQuestion): boolean
  /** The chosen option's id; undefined when none was chosen. */
  choose(question: ChoiceQuestion): Promise<string | undefined>
  /** A line of text, such as a reason; undefined when there is none. Absent: nobody writes one. */
  ask?(question: string): Promise<string | undefined>
}
