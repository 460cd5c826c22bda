import type { Instant } from '../values/instant.ts'

/**
 * What can issue new credentials of the subject, or let somebody read them: the long-term key behind a session, a console password, an MFA device, the
 * role's trust policy, a profile of IAM Roles Anywhere, an association of EKS Pod Identity, the pool that hands out identities for it, the metadata service of the instance, the public URLs of the function and statements of its
 * policies that let anybody invoke it. `later-cutoff` is what was issued
 * before all of that was closed.
 */
export type AccessWayKind =
  | 'parent-key'
  | 'login-profile'
  | 'mfa-device'
  | 'trust'
  | 'identity-pool'
  | 'roles-anywhere'
  | 'certificate'
  | 'pod-identity'
  | 'metadata-options'
  | 'function-url'
  | 'function-policy'
  | 'later-cutoff'

/** One of them, as the last look found it. */
export interface AccessWay {
  readonly kind: AccessWayKind
  /** The ARN of a role or a user, the serial number of an MFA device, an instance or a function. */
  readonly resource: string
  /** What it is, as the beginning of a sentence. */
  readonly what: string
  readonly state: 'closed' | 'open' | 'unknown'
  /** When it was closed, or first seen to be. */
  readonly closedAt?: Instant
  /** What shows the state, as the rest of the sentence: `is inactive (IAM’s list)`. */
  readonly says: string
  /** What closes it, where ir-cred did not. */
  readonly command?: string
  /** The source of the subject's key that it is, by `sourceId`. */
  readonly source?: string
}

/** What can issue new credentials, and whether it is closed. */
export interface Access {
  readonly ways: readonly AccessWay[]
}

/** What of a source of a key names it. */
interface NamedSource {
  readonly accessKeyId?: string
  readonly by: { readonly operation: string; readonly at: Instant }
}

/** A source of a key by which a fact names it: whoever writes a record's names cannot choose it. */
export const sourceId = ({ accessKeyId, by }: NamedSource): string => accessKeyId ?? `${by.operation} ${by.at}`

/** Those of the ways that are open, or of which that is not known. */
export const openWays = ({ ways }: Access): readonly AccessWay[] => ways.filter(({ state }) => state !== 'closed')

/** Whether a source was closed by the response, and what it issued until then is denied. */
export const isClosedSource = (source: NamedSource, access: Access | undefined): boolean => {
  if (access === undefined || openWays(access).some(({ kind }) => kind === 'later-cutoff')) return false
  const own = access.ways.filter((way) => way.source === sourceId(source))
  return own.length > 0 && own.every(({ state }) => state === 'closed')
}
