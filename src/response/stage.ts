import type { Effect, Planned } from '../incident/entry.ts'
import type { FactName, Facts } from '../incident/facts/facts.ts'
import { holdsFacts, type Incident, type IncidentWith, type Intent, missingFacts, type Recheck } from '../incident/incident.ts'
import type { Block, Line } from '../incident/values/block.ts'
import type { Failure } from '../incident/values/failure.ts'
import { given } from '../incident/values/given.ts'
import type { Instant } from '../incident/values/instant.ts'
import type { ChoiceQuestion } from './ports.ts'
import type { Patience, World } from './world.ts'

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
      /** Why an approval of everything does not count for it, as the end of a sentence. Absent: it does. */
      readonly byName?: string
      /** The run goes on where nobody answers: `otherwise` is established then. Whoever answers can still stop it. */
      readonly goesOn?: true
      /** Why the finding may be a false alarm, as the end of a sentence. Only before anything was changed. */
      readonly falseAlarm?: string
      /** Set where what was sent before was seen, and is not enough: another change is needed, and asked for. */
      readonly sentIsSeen?: boolean
      /** Whether the look shows this change, of those that are needed again with another value. */
      readonly isSeen?: (intent: Intent) => boolean
      /** What is established where the change is left out, or was sent often enough: the stage has an answer, if not a good one. */
      readonly otherwise?: F
      /** What the look found that the change replaces: `act` gets it, and does not look once more. */
      readonly replaces?: Replaced
      /** The question as it is once more has been read beside it. Pure. Absent: nothing beside changes it. */
      readonly asKnownBy?: (incident: Incident) => AskedOf
    }
  | NotApplicable
  | Blocked

/** A stage that this incident does not need, or cannot have: why, as the end of a sentence. */
export interface NotApplicable {
  readonly status: 'notApplicable'
  readonly why: string
}

/** A customer managed policy that denies older sessions. */
export interface ManagedDeny {
  readonly arn: string
  readonly document: string
  readonly cutoff: Instant
  readonly allBefore?: Instant
}

/** A policy as a look found it; nothing where there is none. */
export interface Replaced {
  readonly document?: string
  /** The same deny as managed policies on the role, where those were looked at. */
  readonly managed?: readonly ManagedDeny[]
  /** What it enforces on the sessions that were asked about; undefined when there is no policy, or one of another meaning. */
  readonly cutoff?: Instant
  /** Of a look at one session: the cut-off that it enforces on every session of the role. */
  readonly allBefore?: Instant
}

/** What of a question depends on what is known. */
export interface AskedOf {
  readonly effects: readonly Effect[]
  readonly acknowledgement: readonly Block[]
  readonly falseAlarm?: string
}

/** A change that a stage needs: the answer of the look before it. */
export type Needed<F = unknown> = Extract<Assessment<F>, { status: 'needed' }>

/** A stage that cannot go on: why, and what you do about it. */
export interface Blocked {
  readonly status: 'blocked'
  readonly why: string
  readonly remedy: string
  readonly kind?: 'blocked' | 'identity' | 'unconfirmed' | 'declined' | 'unavailable'
  /** The run goes on without the stage: nothing that can still be denied or found out is held up by it. */
  readonly leavesOut?: true
}

/** Any SDK client and command, as far as a write needs to know them. */
export interface SendingClient {
  send(command: never, options?: { abortSignal?: AbortSignal }): Promise<unknown>
}

/** An SDK command, or how to make it from the journal's head (16 hex digits), which is known once the intent is on disk. */
export type Sendable = object | ((journalHead: string) => object)

/** The world as one stage may use it: it reads AWS, and changes something only through `write`. No file, no screen, no clock. */
export interface Context extends Omit<World, 'readiness' | 'sendOnce' | 'setClock' | 'settle' | 'signInAgain' | 'skip'> {
  /** Looks until `look` gives anything but undefined, or patience ends (undefined). Due re-checks are made meanwhile. */
  settle<T>(patience: Patience, look: () => Promise<T | undefined>): Promise<T | undefined>
  /**
   * Makes one change: journals the intent (fsynced), sends the command exactly once, journals its outcome.
   * Gives the output, or undefined when the outcome is unknown: the next assess finds out. Throws Failure when refused.
   */
  write<O = unknown>(client: SendingClient, command: Sendable, effect: Effect, options?: WriteOptions): Promise<O | undefined>
  /** Records how far a long reading has come, and keeps what it has read since the last checkpoint, so that another run can go on from there. */
  checkpoint(cursor: unknown, content: unknown): Promise<void>
  choose(question: ChoiceQuestion): Promise<string | undefined>
  /** Asks for a line of text. Undefined where nobody answers. */
  ask(question: string): Promise<string | undefined>
  /** Set while an open fact is looked at once more, after the other stages: what was not waited for before is waited for now. */
  readonly lastLook?: true
  /** Set where the responder goes ahead: what a change does not need is not read before it. */
  readonly goesAhead?: true
  progress(text: string): void
}

export interface WriteOptions {
  /** Made by `nonce()` and put into the request beforehand, where the service can give it back. */
  readonly nonce?: string
  readonly planned?: Planned
}

/** A re-check of something established: due so many seconds after the fact, and once more before the report. */
interface Rechecking<I extends Incident> {
  readonly after: readonly number[]
  look(incident: I, context: Context): Promise<Pick<Recheck, 'stands' | 'says'>>
}

/**
 * A part of a fact that no change before a given stage needs. It is read beside the stages in between. What of it fails stands in the
 * fact as not known: only what concerns the whole run is thrown.
 */
export interface BesideReading<F, I extends Incident> {
  /** What is read, as a noun phrase. */
  readonly what: string
  /** The id of the first stage that waits for it. */
  readonly before: string
  /** Whether there is anything to read for this fact. Absent: always. */
  applies?(fact: F): boolean
  /** Reads only. Gives what becomes of the fact. The incident holds the fact as the readings before this one left it. */
  read(incident: I, context: Context): Promise<(fact: F) => F>
  /** What the reading adds, in words. */
  describe(fact: F): readonly Block[]
}

/** What of a fact is read beside, one part after the other, and the fact in words before any of it is. */
interface Beside<F, I extends Incident> {
  readonly readings: readonly BesideReading<F, I>[]
  describe(fact: F): readonly Block[]
}

/** A stage as its author writes it. It gets the facts that it needs, and remembers nothing. */
interface StageDefinition<P extends FactName, N extends FactName> {
  readonly id: string
  readonly phase: Phase
  /** Starts with a verb. */
  readonly title: string
  readonly needs: readonly N[]
  /** Of these at least one, too: without any the stage is not applicable. Absent: nothing more is needed. */
  readonly needsOneOf?: readonly FactName[]
  readonly establishes: P
  /** Reads only. */
  assess(incident: IncidentWith<N>, context: Context): Promise<Assessment<Facts[P]>>
  /** What of the fact is not needed for the next change. Absent: `assess` gives all of it. */
  readonly beside?: Beside<Facts[P], IncidentWith<N | P>>
  /** The id of the first stage that waits for this one, which runs beside those in between. Absent: the next one waits. */
  readonly before?: string
  /**
   * Absent for a stage that only reads. Makes the changes that its last assessment showed, each through `context.write`. That assessment
   * comes with it while it is recent; without it, the stage looks again.
   */
  act?(incident: IncidentWith<N>, context: Context, needed?: Needed<Facts[P]>): Promise<void>
  /**
   * Of a stage that a response can do without: why it is left out when its change is refused, as one sentence with what stands
   * without it and the remedy. Undefined, or no such method: the refusal ends the run.
   */
  withoutIt?(refusal: Failure, context: Context): string | undefined
  readonly recheck?: Rechecking<IncidentWith<N | P>>
  /** Whether a later look may still give a better answer. Absent: never. */
  isOpen?(fact: Facts[P]): boolean
  /** Facts that are looked at once more before this stage begins, where they are still open. */
  readonly awaits?: readonly FactName[]
  /** Facts of earlier stages that this one's changes make others: their stages look again after it. */
  readonly moves?: readonly FactName[]
  /** The fact in words, the same for terminal and report; says no more than the fact. */
  describe(fact: Facts[P]): readonly Block[]
  /** What is different from the fact that an earlier run established, a line each. Absent where `describe` says enough. */
  changes?(earlier: Facts[P], now: Facts[P]): readonly Line[]
}

/**
 * One stage of the runbook, as the loop runs it. Its methods take any incident and check that the facts that it needs are there;
 * one that lacks a fact is a bug of the caller, and thrown.
 */
export interface Stage<P extends FactName = FactName, N extends FactName = FactName>
  extends Pick<
    StageDefinition<P, N>,
    'id' | 'phase' | 'title' | 'needs' | 'needsOneOf' | 'establishes' | 'withoutIt' | 'awaits' | 'moves' | 'before'
  > {
  assess(incident: Incident, context: Context): Promise<Assessment<Facts[P]>>
  readonly readings: readonly StageReading[]
  act?(incident: Incident, context: Context, needed?: Needed): Promise<void>
  readonly recheck?: Rechecking<Incident>
  /** Whether the stage's own fact among these is still open. */
  isOpen(facts: Incident['facts']): boolean
  /** The stage's own fact among these in words; nothing when it is not among them. */
  describe(facts: Incident['facts']): readonly Block[]
  /** The same while its readings have not begun. */
  describeFirst(facts: Incident['facts']): readonly Block[]
  /** What has changed since an earlier run established the stage's fact; nothing where there was none. */
  changes(incident: Incident): readonly Line[]
}

/** A reading as the loop runs it: on any incident that holds the stage's fact. */
export interface StageReading {
  readonly what: string
  readonly before: string
  /** Whether there is anything to read for the stage's fact among these. */
  applies(facts: Incident['facts']): boolean
  /** Gives what becomes of the facts. */
  read(incident: Incident, context: Context): Promise<(facts: Incident['facts']) => Incident['facts']>
  describe(facts: Incident['facts']): readonly Block[]
}

/** Makes a stage. What it needs and establishes is inferred: using a fact that it does not need is a compile error. */
export const defineStage = <P extends FactName, const N extends FactName = never>(
  definition: StageDefinition<P, N>,
): Stage<P, N> => {
  const { act, recheck, needs, establishes, beside, ...rest } = definition
  const inWords = (facts: Incident['facts'], words: (fact: Facts[P]) => readonly Block[]) => {
    const fact = facts[establishes]
    return fact === undefined ? [] : words(fact)
  }
  return {
    ...rest,
    needs,
    establishes,
    assess: async (incident, context) => definition.assess(holding(incident, needs), context),
    ...(act
      ? {
          act: async (incident, context, needed) =>
            act(holding(incident, needs), context, needed as Needed<Facts[P]> | undefined),
        }
      : {}),
    readings: (beside?.readings ?? []).map(({ what, before, applies, read, describe }) => ({
      what,
      before,
      applies: ({ [establishes]: fact }) => fact !== undefined && (applies?.(fact) ?? true),
      read: async (incident, context) => {
        const become = await read(holding(incident, [...needs, establishes]), context)
        return (facts) => {
          const fact = facts[establishes]
          return fact === undefined ? facts : { ...facts, [establishes]: become(fact) }
        }
      },
      describe: (facts) => inWords(facts, describe),
    })),
    ...(recheck
      ? {
          recheck: {
            after: recheck.after,
            look: async (incident, context) => recheck.look(holding(incident, [...needs, establishes]), context),
          },
        }
      : {}),
    isOpen: ({ [establishes]: fact }) => fact !== undefined && (definition.isOpen?.(fact) ?? false),
    describe: (facts) => inWords(facts, (fact) => definition.describe(fact)),
    describeFirst: (facts) => inWords(facts, (fact) => (beside ?? definition).describe(fact)),
    changes: ({ facts: { [establishes]: now }, earlier: { [establishes]: before } }) =>
      before === undefined || now === undefined ? [] : (definition.changes?.(before, now) ?? []),
  }
}

const holding = <N extends FactName>(incident: Incident, needs: readonly N[]): IncidentWith<N> => {
  if (holdsFacts(incident, needs)) return incident
  throw new Error(`the incident holds no ${missingFacts(incident, needs).join(', ')}`)
}

export const established = <F>(fact: F): Assessment<F> => ({ status: 'established', fact })
export const notApplicable = (why: string): NotApplicable => ({ status: 'notApplicable', why })
export const blocked = (why: string, remedy: string, kind?: Blocked['kind']): Blocked => ({
  status: 'blocked',
  why,
  remedy,
  ...given({ kind }),
})
/** A stage that cannot go on, in a run that can. */
export const leftOut = (why: string, remedy: string, kind?: Blocked['kind']): Blocked => ({
  ...blocked(why, remedy, kind),
  leavesOut: true,
})
