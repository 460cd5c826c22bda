import type { Instant } from '../values/instant.ts'
import type { Untrusted } from '../values/untrusted.ts'

/** Where the calls of the finding came from, seen from the account. */
export type CallerOrigin = 'instance' | 'nat-gateway' | 'elastic-ip' | 'foreign' | 'unknown'

export interface CallerAddress {
  readonly ip?: string
  readonly origin: CallerOrigin
  /** The resource whose address it is, such as `nat-0abc…`. */
  readonly resource?: string
}

export interface Role {
  readonly name: string
  /** The unique id, `AROA…`: it tells a role from another one recreated under its name. */
  readonly id: string
  readonly arn: string
  readonly path: string
  readonly createdAt: Instant
  readonly description?: Untrusted
  readonly tags: readonly { readonly key: Untrusted; readonly value: Untrusted }[]
}

/** The compromised principal: a session of an EC2 instance's role, and the key that was stolen from it. */
export interface Subject {
  readonly accountId: string
  readonly partition: string
  readonly region: string
  readonly role: Role
  readonly accessKeyId: string
  readonly sessionName: string
  /** `AROA…:i-…`, as GuardDuty, CloudTrail and Detective name the role session. */
  readonly principalId: string
  readonly instanceId: string
  /** Where the instance id comes from. */
  readonly instanceFrom: 'principal id' | 'instance details'
  /** When the stolen key was issued, and how the metadata service delivered it; from CloudTrail, when it shows the key. */
  readonly issuedAt?: Instant
  readonly delivery?: '1.0' | '2.0'
  readonly caller: CallerAddress
  /** Public addresses of this account's NAT gateways and Elastic IPs, and the instance's own: calls from there may be its own. */
  readonly ownAddresses: readonly string[]
  /** Keys that EC2 issued to this instance before anything was changed, as far as CloudTrail shows them. */
  readonly earlierKeys: readonly string[]
}
