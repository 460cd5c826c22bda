/** An inline policy of a role, user or group. */
export interface RolePolicy {
  readonly document: string
  /** When it was written (ms). Calls are evaluated against it from `writtenAt + policyPropagation` on. */
  readonly writtenAt: number
  /** What calls were evaluated against before, while this one spreads. */
  readonly before?: string
}

/** A long-term key of a user. */
export interface AccessKey {
  readonly id: string
  readonly createdAt: number
  readonly status: 'Active' | 'Inactive'
  /** When the status was last changed (ms); calls heed it from `changedAt + policyPropagation` on. */
  readonly changedAt: number
}

/** A group of users: its policies count for each of them. */
export interface Group {
  readonly name: string
  readonly id: string
  readonly path: string
  readonly createdAt: number
  readonly attachedPolicies: readonly string[]
  readonly inline: Map<string, RolePolicy>
  /** As a role's. */
  readonly deleted: Map<string, { readonly document: string; readonly deletedAt: number }>
}

/** How the root user of the account signs in. */
export interface RootUser {
  /** A member of an organization can be without one ("Centrally manage root access for member accounts"). */
  hasPassword: boolean
  readonly accessKeys: Map<string, AccessKey>
  mfaDevices: readonly MfaDevice[]
}

export interface MfaDevice {
  /** An ARN for a virtual device, the number on it for another. */
  readonly serial: string
  readonly enabledAt: number
}
