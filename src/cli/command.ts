import type { End, Outcome } from './exit-code.ts'
import type { Host } from './host.ts'

/** What a command gives back. `endCommand` makes the last words and the exit code of it. */
export interface CommandEnding {
  readonly outcome: Outcome
  /** The command that goes on from here, where `announce` does not show it to a person. */
  readonly continueWith?: string | undefined
  /** Shows the end to whoever follows the events of a run: the last screen, or the last line of `--json`. */
  readonly announce?: (end: End) => void
}

/** One command of ir-cred: options as commander parses them, then the positional arguments. */
export interface Command<Options, Given extends readonly (string | undefined)[] = []> {
  /** Throws Failure for what ends it before it has anything to announce. */
  run(host: Host, options: Options, ...given: Given): Promise<CommandEnding>
  /** Of a command that writes events: its `--json` has a last event even when it fails at once. */
  lastEvent?(host: Host, options: Options, ...given: Given): LastEvent
}

/** What the last event says of a command that failed before it could announce its own end. */
export interface LastEvent {
  /** The incident that was named; empty for none. */
  readonly incident: string
  /** The command line that asks for the same again, for a failure that may go away by itself. */
  readonly again?: string
}
