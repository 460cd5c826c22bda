import type { MetadataAnswer, MetadataRequest } from '../instances/imds.ts'

/** The simulated instance, as far as a script can see it. */
export interface ScriptHost {
  /** What the instance metadata service answers; undefined when it does not answer at all. Headers in lower case. */
  readonly http: (request: MetadataRequest) => MetadataAnswer | undefined
  /** The instance's clock, ISO 8601 in UTC; the epoch when it is not given. */
  readonly now?: string
  readonly hostname?: string
}

/** One command about to run. Texts are byte strings: one character is one byte. */
export interface Invocation {
  readonly args: readonly string[]
  /** Everything on standard input; the second reader of the same input finds nothing. */
  readonly input: () => string
  readonly host: ScriptHost
  /** Pays for steps of pattern matching. Throws Killed when there are none left. */
  readonly spendMatching: (steps: number) => void
}

export interface CommandOutcome {
  readonly status: number
  readonly out?: string
  readonly err?: string
  /** What the shell itself complains about in a command that is built into it. */
  readonly complaint?: string
}

export type Program = (invocation: Invocation) => CommandOutcome
