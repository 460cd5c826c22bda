import type { AwsErrorMeaning } from './aws-error-codes.ts'

/** Why a run could not go on. Each kind has one exit code (cli/exit-code.ts). */
export type FailureKind = 'usage' | 'declined' | 'identity' | 'blocked' | 'unconfirmed' | 'unavailable' | 'interrupted'

export interface FailureDetails {
  readonly kind: FailureKind
  /** What happened, as a sentence without a full stop. */
  readonly what: string
  /** Why, as far as it is known. */
  readonly why?: string
  /** What to do about it: a command or a sentence. */
  readonly remedy?: string
  /** What AWS's error means, where a call failed. */
  readonly meaning?: AwsErrorMeaning
  readonly cause?: unknown
}

/** An ending that ir-cred foresees: it shows what happened, why, and what to do; never a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly kind: FailureKind
  readonly what: string
  readonly why: string | undefined
  readonly remedy: string | undefined
  readonly meaning: AwsErrorMeaning | undefined

  constructor({ kind, what, why, remedy, meaning, cause }: FailureDetails) {
    super(why === undefined ? what : `${what}: ${why}`, { cause })
    this.kind = kind
    this.what = what
    this.why = why
    this.remedy = remedy
    this.meaning = meaning
  }
}
