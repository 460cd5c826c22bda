import type { Instant } from '../values/instant.ts'

/** Whose credentials ir-cred does not contain: what is done against them is done by hand, elsewhere or by somebody else. */
export type ByHandKind = 'root-user' | 'assumed-root' | 'permission-set' | 'service-linked' | 'instance-identity'

/** What is done by hand, one thing each. */
export type HandStepId =
  | 'root-sessions'
  | 'root-keys'
  | 'root-password'
  | 'root-mfa'
  | 'root-email'
  | 'root-calls'
  | 'assumed-session'
  | 'assumed-source'
  | 'person-sessions'
  | 'person-deny'
  | 'person-identity'
  | 'service-resource'
  | 'instance-restart'
  | 'key-calls'

/** One thing that is done by hand, as the last look found it. */
export interface HandStep {
  readonly id: HandStepId
  /** What to do, as a sentence without its full stop. */
  readonly sentence: string
  /** Who does it, and where: `as the root user`. Absent where nothing is to do but to look again. */
  readonly where?: string
  /** In this order. */
  readonly commands: readonly string[]
  /** `open` was seen not to be done, or not to be done yet; `unknown` could not be seen. */
  readonly state: 'done' | 'open' | 'unknown'
  /** How `done` is known: AWS showed it, or a person declared it. */
  readonly knownBy?: 'seen' | 'declared'
  /** When it was first known to be done. */
  readonly doneAt?: Instant
  /** When a person declared it, and who. It stays where a look shows something else. */
  readonly declared?: { readonly at: Instant; readonly by: string }
  /** What shows the state, as a sentence without its full stop. */
  readonly says: string
  /** The question by which a person declares it done: only where nothing that AWS shows speaks against it. */
  readonly question?: string
}

/** What is done by hand against credentials that ir-cred does not contain, and what a look saw of each step. */
export interface ByHand {
  readonly of: ByHandKind
  /** Why ir-cred does not contain them, as a sentence without its full stop. */
  readonly why: string
  /** In the order in which they are done. */
  readonly steps: readonly HandStep[]
  /** What the look saw besides, a sentence each. */
  readonly seen: readonly string[]
  /** What could not be looked at, a sentence each. */
  readonly unread: readonly string[]
}

/** The steps that are not known to be done. */
export const openSteps = ({ steps }: ByHand): readonly HandStep[] => steps.filter(({ state }) => state !== 'done')

/** The questions by which a person declares what no look can show. An answers file answers them with `done`. */
export const DECLARATIONS = {
  'root-sessions': 'Are the sessions of the root user denied by a service control policy, or by AWS Support?',
  'root-mfa': 'Are the MFA devices of the root user replaced by new ones of yours?',
  'root-email': 'Are the password and the MFA of the root user’s e-mail account changed?',
  'root-calls': 'Were the calls of the root user since the other steps all yours?',
  'root-password': 'Is the password of the root user changed, or deleted?',
  'person-sessions': 'Is the person disabled in IAM Identity Center, with all active sessions deleted?',
  'person-identity': 'Are the password and the MFA of the person at the identity provider replaced?',
  'service-resource': 'Is what uses the service-linked role stopped or deleted in its service?',
  'assumed-source': 'Is the principal that called sts:AssumeRoot contained in its own account?',
} as const satisfies { readonly [K in HandStepId]?: string }

/** What the end of a run says where something by hand is not known to be done. */
export const byHandAlarms = (byHand: ByHand): readonly string[] => {
  const left = openSteps(byHand).length
  if (left === 0) return []
  const steps = `${left} of ${byHand.steps.length} steps by hand ${left === 1 ? 'is' : 'are'} not known to be done`
  return [`NOT CONTAINED BY IR-CRED: ${byHand.why}; ${steps}`]
}
