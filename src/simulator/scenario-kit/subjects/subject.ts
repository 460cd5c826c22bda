import type { IssuedCredential } from '../../account/credentials.ts'
import type { BuiltScenario } from '../scenario.ts'
import type { StandardAccount } from '../standard-account.ts'

/** The kinds of credentials that can be stolen in a simulated account, besides those of a plain instance. */
export type SubjectKind =
  | 'user-key'
  | 'user-session'
  | 'federated-user'
  | 'root'
  | 'assumed-root'
  | 'lambda-function'
  | 'ecs-task'
  | 'pod-identity'
  | 'web-identity'
  | 'other-account'
  | 'identity-center'
  | 'saml'
  | 'identity-pool'
  | 'roles-anywhere'
  | 'service-linked'
  | 'obtained'

/** What a finding or a scenario calls the subject. Whatever is absent, the builder of the kind names. */
export interface SubjectNames {
  readonly kind: SubjectKind
  /** The role's name, or the user's. */
  readonly name?: string
  /** The unique id of the role or user. */
  readonly id?: string
  /** Of a role's session; of a federated user the name that the broker chose. */
  readonly sessionName?: string
  readonly accessKeyId?: string
  /** The account that the caller came from. */
  readonly otherAccount?: string
}

/** Credentials as they were stolen, with whatever stands behind them in the account. */
export interface SubjectTheft {
  readonly stolen: IssuedCredential
  /** The role whose name the attacker asks about; of a user, any. */
  readonly roleName: string
  /** What the owner's workload has now. */
  readonly newCredentials: () => IssuedCredential | undefined
  /** How the attacker gets another set when this one is refused; undefined for one that nobody can mint from. */
  readonly mint?: () => IssuedCredential | undefined
  /** How long before the present the attacker begins (ms). Default: as long as with an instance's credentials. */
  readonly attackBefore?: number
  /** Lets the owner's workload begin; called once the past is written. */
  readonly begin?: () => void
  /** Somebody of the organization's management account, who does what is done there by hand. */
  readonly management?: IssuedCredential
  readonly stolenToken?: NonNullable<BuiltScenario['stolenToken']>
}

export type SubjectBuilder = (standard: StandardAccount, names: SubjectNames, remoteIp: string) => SubjectTheft
