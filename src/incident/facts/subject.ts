import type { RemoteAccount } from '../finding/finding.ts'
import { LONGEST_ROLE_SESSION_SECONDS, LONGEST_USER_SESSION_SECONDS } from '../values/duration.ts'
import type { Instant } from '../values/instant.ts'
import type { Untrusted } from '../values/untrusted.ts'
import type { KeyIssue } from './issue.ts'
import type { IssuedTo } from './recipient.ts'

/** Where the calls of the finding came from, seen from the account. */
export type CallerOrigin = 'instance' | 'nat-gateway' | 'elastic-ip' | 'foreign' | 'unknown'

export interface CallerAddress {
  readonly ip?: string
  readonly origin: CallerOrigin
  /** The resource whose address it is, such as `nat-0abc…`. */
  readonly resource?: string
  /** Another AWS account from which the calls came, according to GuardDuty or to CloudTrail. */
  readonly account?: RemoteAccount
  /** The finding's other addresses. */
  readonly others?: readonly CallerAddress[]
}

export interface Role {
  readonly name: string
  /** The unique id, `AROA…`: a role that is created again under the same name has another one. */
  readonly id: string
  readonly arn: string
  readonly path: string
  /** Absent where the role could not be read. */
  readonly createdAt?: Instant
  /** Why the role could not be read: it is what the finding names then, and its path is not known. */
  readonly unread?: string
  readonly description?: Untrusted
  readonly tags: readonly { readonly key: Untrusted; readonly value: Untrusted }[]
}

/** How often the role called from one of the theft's addresses before the theft. */
export interface AddressUse {
  readonly address: string
  readonly calls: number
  /** On how many days (UTC). */
  readonly days: number
  readonly first?: Instant
  readonly last?: Instant
  /** The names of the sessions that called from there. Whoever assumes a role chooses them: they prove nothing. */
  readonly sessions: readonly Untrusted[]
  /** How many sessions called from there, where `sessions` does not name them all. */
  readonly sessionCount?: number
}

/** The source of a count of calls, and what the count took. */
export interface CountedBy {
  /** As sentences name it: `Athena table logs.trail`. */
  readonly source: string
  /** The role's first call that the source has in this time: it may not reach further back. */
  readonly firstCall?: Instant
  /** Bytes that were read, by which the service is paid. */
  readonly bytes: number
}

/**
 * What CloudTrail's history shows of the theft's addresses in the time before the theft: a sample of the event history, newest first,
 * that ends at a deadline, or a count by Athena or CloudTrail Lake. Use is a hint that the address is a way out of the owner's own; no
 * use proves nothing.
 */
export interface UsualUse {
  /** The theft: the issue of the stolen key or the finding's first sighting, whichever is earlier. Only calls before it count. */
  readonly before: Instant
  /** Calls of the role that were read or counted, from whatever address. */
  readonly calls: number
  /** Every session that was looked up is read back to this instant, or calls are counted from it; absent where nothing was read. */
  readonly readBackTo?: Instant
  /** The Regions whose event history was read; none where another source counted. */
  readonly regions: readonly string[]
  /** What counted the calls of the whole time: an Athena table or a CloudTrail Lake event data store. Absent: the event history was read. */
  readonly counted?: CountedBy
  readonly addresses: readonly AddressUse[]
  /** Why something may be missing, a sentence each. */
  readonly incomplete: readonly string[]
}

/** The compromised credentials, whatever their kind, and where they were used from. */
interface CompromisedCredentials {
  readonly accountId: string
  readonly partition: string
  readonly region: string
  readonly accessKeyId: string
  /** As GuardDuty, CloudTrail and Detective name the principal: `AROA…:session` for a role session. */
  readonly principalId: string
  /** When the stolen key was issued; from CloudTrail, when it shows the key. */
  readonly issuedAt?: Instant
  readonly caller: CallerAddress
  /** Public addresses of this account's NAT gateways and Elastic IPs, and the workload's own: calls from there may be the workload's. */
  readonly ownAddresses: readonly string[]
  /** The Regions in which all NAT gateways and Elastic IPs were read. Absent in journals that know of one Region only. */
  readonly addressRegions?: readonly string[]
  /** Which addresses of the account were not read, a sentence each. */
  readonly addressGaps?: readonly string[]
  /** Whether the role called from the theft's addresses before. Absent where no address is known, or it is the workload's own. */
  readonly usualUse?: UsualUse
}

/**
 * A session of a role, whoever holds it. `issue` says who it was issued to: whoever assumes a role chooses the session's name, so the
 * name proves nothing.
 */
export interface RoleSession extends CompromisedCredentials {
  readonly kind: 'role-session'
  /** Who the session was issued to, as far as that is known. */
  readonly issuedTo: IssuedTo
  /** The role as the finding names it; `role` is the role as IAM has it. */
  readonly roleName: string
  readonly roleId: string
  readonly role: Role
  readonly sessionName: string
  /** Who the key was issued to, and how that is known. A journal of an earlier version lacks it. */
  readonly issue?: KeyIssue
  /** The instance that the session is named after, or that the finding names. Absent: the session has to do with no instance. */
  readonly instanceId?: string
  /** Where the finding names the instance. It is a hint only. */
  readonly instanceFrom?: 'principal id' | 'instance details'
  /** Why EC2 shows the instance nowhere, as a sentence. Absent where it shows it, or was not asked yet. */
  readonly missing?: string
  /** CloudTrail's records of the key's calls name another session: a sentence. */
  readonly disputed?: string
  /** How the metadata service delivered the stolen key (IMDSv1 or IMDSv2); from CloudTrail, when it shows the key. */
  readonly delivery?: '1.0' | '2.0'
  /** Keys that EC2 issued to this instance before anything was changed, as far as CloudTrail shows them. */
  readonly earlierKeys: readonly string[]
}

/**
 * A session of a role that is named after an EC2 instance. The metadata service's sessions are; `whyNotTheInstance` says whether the
 * response has to do with the instance.
 */
export interface InstanceRoleSession extends RoleSession {
  readonly instanceId: string
}

/** An IAM user, as IAM has it. */
export interface IamUser {
  readonly name: string
  /** The unique id, `AIDA…`. */
  readonly id: string
  readonly arn: string
  /** Why the user could not be read: it is what the finding names then. */
  readonly unread?: string
}

/** A long-term access key of an IAM user, or a temporary one of the user's own: of GetSessionToken, or of the console. */
export interface UserCredentials extends CompromisedCredentials {
  readonly kind: 'user-key' | 'user-session'
  readonly user: IamUser
  /** Of a session of GetFederationToken: the name that the user's broker chose for its own user. */
  readonly federatedName?: Untrusted
  /** Who the key was issued to; of a session, with which key it was obtained. */
  readonly issue?: KeyIssue
  readonly earlierKeys: readonly string[]
  readonly instanceId?: undefined
  readonly disputed?: undefined
}

/** Whose policies decide what the compromised credentials may do: the deny is put there. */
export interface SubjectHolder {
  readonly of: 'role' | 'user'
  readonly name: string
  readonly id: string
  readonly arn: string
}

/** The role or the user of a subject. */
export const holderOf = (subject: Subject): SubjectHolder => {
  const { name, id, arn } = subject.kind === 'role-session' ? subject.role : subject.user
  return { of: subject.kind === 'role-session' ? 'role' : 'user', name, id, arn }
}

/** Seconds after which no session is alive any more that was issued before ("GetSessionToken": 36 hours; of a role 12). */
export const longestSessionOf = ({ kind }: Subject): number =>
  kind === 'role-session' ? LONGEST_ROLE_SESSION_SECONDS : LONGEST_USER_SESSION_SECONDS

/** The IAM user whose permissions the credentials have; undefined for a role's. */
export const userBehind = (subject: Subject): IamUser | undefined => (subject.kind === 'role-session' ? undefined : subject.user)

/** Whether the credentials are a session of GetFederationToken. */
export const isFederated = (subject: Subject): subject is UserCredentials & { readonly federatedName: Untrusted } =>
  subject.kind !== 'role-session' && subject.federatedName !== undefined

/** A role or a user in words: `role web-app`. */
export const holderWords = (subject: Subject): string => `${holderOf(subject).of} ${holderOf(subject).name}`

/** Whether a session is named after an instance, or the finding names one for it. */
export const namesInstance = (subject: Subject): subject is InstanceRoleSession =>
  subject.kind === 'role-session' && subject.instanceId !== undefined

/**
 * The compromised principal, by the kind of its credentials (`kind`). A new kind is added here and in `namedPrincipal`; the
 * compiler then names every stage that has to say what it does with it.
 */
export type Subject = RoleSession | UserCredentials
