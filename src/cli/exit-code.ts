import type { Ending } from '../incident/entry.ts'
import type { Failure, FailureKind } from '../incident/values/failure.ts'

/** The only table of exit codes: a contract that scripts rely on. */
export const EXIT = {
  finished: 0,
  bug: 1,
  usage: 2,
  declined: 3,
  identity: 4,
  blocked: 5,
  unconfirmed: 6,
  unavailable: 7,
  interrupted: 130,
} as const satisfies Record<FailureKind | 'finished' | 'bug', number>

/** What came of a command. */
export type Outcome =
  /** The command did what it was asked for, and saw everything that it claims. */
  | { readonly kind: 'finished' }
  /** Somebody declared the finding a false alarm before anything was changed. */
  | { readonly kind: 'falseAlarm' }
  /** A response reached its last stage, and containment is not confirmed. */
  | { readonly kind: 'unconfirmed' }
  /** A server ran until it was interrupted, as intended. */
  | { readonly kind: 'stopped' }
  /** A failure that ir-cred foresees ended the command. */
  | { readonly kind: 'failed'; readonly failure: Failure }

export const FINISHED: Outcome = { kind: 'finished' }
export const FALSE_ALARM: Outcome = { kind: 'falseAlarm' }
export const UNCONFIRMED: Outcome = { kind: 'unconfirmed' }
export const STOPPED: Outcome = { kind: 'stopped' }
export const failed = (failure: Failure): Outcome => ({ kind: 'failed', failure })

/** How an outcome is written down: the word in the journal and in the last event, and the exit code of the process. */
export interface End {
  readonly ending: Ending
  readonly exitCode: number
}

/** The ending and the exit code of an outcome. Nothing else in ir-cred chooses an exit code. */
export const endOf = (outcome: Outcome): End => {
  switch (outcome.kind) {
    case 'finished':
      return { ending: 'completed', exitCode: EXIT.finished }
    case 'falseAlarm':
      return { ending: 'falseAlarm', exitCode: EXIT.finished }
    case 'unconfirmed':
      return { ending: 'completed', exitCode: EXIT.unconfirmed }
    case 'stopped':
      return { ending: 'interrupted', exitCode: EXIT.interrupted }
    case 'failed':
      return { ending: ENDINGS[outcome.failure.kind], exitCode: EXIT[outcome.failure.kind] }
  }
}

const ENDINGS: Readonly<Record<FailureKind, Ending>> = {
  usage: 'failed',
  declined: 'declined',
  identity: 'failed',
  blocked: 'blocked',
  unconfirmed: 'blocked',
  unavailable: 'failed',
  interrupted: 'interrupted',
}
