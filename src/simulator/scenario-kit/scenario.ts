import type { Account, Behaviour } from '../account/account.ts'
import type { IssuedCredential } from '../account/credentials.ts'
import type { VirtualClock } from '../clock.ts'

export interface ScenarioOptions {
  /** The incident begins at its present time. */
  readonly clock: VirtualClock
  /** The same seed at the same time gives the same account. Default: 1. */
  readonly seed?: number
  readonly behaviour?: Partial<Behaviour>
  /** The account's home. Default: the scenario's own. */
  readonly region?: string
  /** Seconds after the beginning at which GuardDuty shows the finding. Default: it is there already. */
  readonly findingAppearsAfter?: number
}

/** An account with an incident in it. */
export interface BuiltScenario {
  readonly account: Account
  /** The finding to respond to. It may not be there yet. */
  readonly findingId: string
  readonly cast: {
    /** A session of role ir-responder, with the rights that ir-cred documents. */
    readonly responder: IssuedCredential
    /** The stolen set of credentials. */
    readonly attacker: IssuedCredential
    /** Credentials of another instance of the same role: whoever is cut off with the attacker. */
    readonly workload: IssuedCredential
    /** Somebody of the account that administers the Detective graph, where that is another one. */
    readonly investigator?: IssuedCredential
    /** Somebody of the organization's management account, where the response needs what only that account may do. */
    readonly management?: IssuedCredential
  }
  /** What the workload whose credentials were stolen has now; undefined while it has none. */
  readonly newCredentials: () => IssuedCredential | undefined
  /** A stolen web identity token, and the role that it opens: whoever holds it may take new sessions. */
  readonly stolenToken?: { readonly roleArn: string; readonly token: string }
  /** What was filled in or replaced in a finding file, in sentences. */
  readonly notes?: readonly string[]
  /** What a good response does here and what it must not believe, in sentences for the trainee afterwards. */
  readonly modelAnswers: readonly string[]
}

/** Something that happened in an account: one file each, named in the catalogue. */
export interface Scenario {
  /** What a trainee is told beforehand: two to four plain sentences. */
  readonly story: string
  readonly build: (options: ScenarioOptions) => BuiltScenario
}

/** A scenario and what it is called. */
export interface NamedScenario extends Scenario {
  readonly id: string
  readonly title: string
}
