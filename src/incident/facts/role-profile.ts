import type { Instant } from '../values/instant.ts'
import type { Untrusted } from '../values/untrusted.ts'

/** A tag on a resource. */
export interface Tag {
  readonly key: Untrusted
  readonly value: Untrusted
}

/** One condition of a statement: `StringEquals`, its key, and the values that it compares with. */
export interface ConditionRead {
  readonly operator: Untrusted
  readonly key: Untrusted
  readonly values: readonly Untrusted[]
}

/** A statement of an identity policy as it stands, nothing shortened. */
export interface StatementRead {
  readonly sid?: Untrusted
  readonly effect: 'Allow' | 'Deny'
  readonly actions: readonly Untrusted[]
  readonly notActions: readonly Untrusted[]
  readonly resources: readonly Untrusted[]
  readonly notResources: readonly Untrusted[]
  readonly conditions: readonly ConditionRead[]
}

/** One policy of a role or user, with what it says. */
export interface PolicyRead {
  readonly kind: 'inline' | 'AWS managed' | 'customer managed'
  /** A boundary grants nothing: it is the most that the permissions can be. */
  readonly use: 'permissions' | 'boundary'
  /** The group through which a user has it. */
  readonly group?: Untrusted
  readonly name: Untrusted
  readonly arn?: Untrusted
  /** The default version, which is the one in force. */
  readonly version?: Untrusted
  readonly statements: readonly StatementRead[]
  /** Why the statements are not (all) here: the read was denied, or the journal had no room. */
  readonly unread?: string
}

/** A principal that a trust policy names. */
export interface TrustedPrincipal {
  /** `anyone` is `*`: everybody with AWS credentials who meets the conditions. */
  readonly kind: 'account' | 'role' | 'user' | 'session' | 'id' | 'service' | 'provider' | 'anyone'
  readonly name: Untrusted
  /** The account it belongs to; AWS's own services and web identity providers have none. */
  readonly accountId?: string
  /** Outside of the role's account: another account's, an identity provider that is not this account's, or anybody. */
  readonly external: boolean
}

/** A statement of a trust policy. */
export interface TrustRead {
  readonly effect: 'Allow' | 'Deny'
  /** NotPrincipal: everybody but those named. */
  readonly except: boolean
  readonly principals: readonly TrustedPrincipal[]
  readonly actions: readonly Untrusted[]
  readonly conditions: readonly ConditionRead[]
}

/** A far-reaching permission that a stated rule found (see RISK_RULES in investigation/enrichment). */
export interface RiskRemark {
  /** The rule's name, such as `all actions`. */
  readonly rule: string
  readonly policy: Untrusted
  readonly group?: Untrusted
  /** The pattern that met the rule. */
  readonly pattern: Untrusted
  /** Whether a condition or a resource narrows it. */
  readonly narrowed: boolean
}

interface Held {
  /** `gone`: IAM knows none of this name; `unread`: IAM did not say, and `incomplete` says why. */
  readonly found: 'found' | 'gone' | 'unread'
  readonly name: string
  readonly arn?: string
  readonly path?: string
  /** `AROA…` or `AIDA…`. */
  readonly id?: string
  readonly createdAt?: Instant
  readonly tags: readonly Tag[]
  /** Those of the groups too, and the boundary last. */
  readonly policies: readonly PolicyRead[]
  readonly risks: readonly RiskRemark[]
  /** A sentence for everything that could not be read. */
  readonly incomplete: readonly string[]
}

/** Where and when IAM last saw it used; IAM looks back 400 days and is not live. */
export interface LastUse {
  readonly at: Instant
  readonly region?: Untrusted
  /** Only for keys: the service that was called. */
  readonly service?: Untrusted
}

/** A role: who may take it, and what it may do. */
export interface RoleProfile extends Held {
  readonly kind: 'role'
  readonly description?: Untrusted
  /** Seconds. */
  readonly maxSessionDuration?: number
  readonly trust: readonly TrustRead[]
  readonly lastUsed?: LastUse
}

/** A long-term key of a user. */
export interface UserKey {
  readonly accessKeyId: string
  readonly status: 'Active' | 'Inactive' | 'unknown'
  readonly createdAt?: Instant
  /** Absent: never used, or not readable (then a sentence says so). */
  readonly lastUsed?: LastUse
}

/** An IAM user: long-term keys are investigated too. */
export interface UserProfile extends Held {
  readonly kind: 'user'
  readonly groups: readonly Untrusted[]
  readonly keys: readonly UserKey[]
  /** MFA devices by their serial numbers. */
  readonly mfa: readonly { readonly serial: Untrusted; readonly enabledAt?: Instant }[]
  /** Whether a console password exists; undefined when that could not be read. */
  readonly consolePassword?: boolean
  readonly passwordLastUsed?: Instant
}

/** Whose permissions they are. */
export type PrincipalProfile = RoleProfile | UserProfile
