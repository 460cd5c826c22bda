import { denyOlderSessions } from '../revocation-document.ts'
import { delimited } from '../values/delimited.ts'
import { given } from '../values/given.ts'
import { isRoleName } from '../values/identifiers.ts'
import type { Instant } from '../values/instant.ts'
import { shellWord } from '../values/shell-word.ts'
import { rawText, type Untrusted } from '../values/untrusted.ts'
import { type Access, isClosedSource } from './access.ts'
import { givesToBearers, type IssuedTo, recipientOf } from './recipient.ts'

/** CloudTrail's record of the call that handed a key out. */
export interface IssueRecord {
  /** Such as `AssumeRole`. */
  readonly operation: string
  readonly at: Instant
  /** The Region in whose event history it stands. */
  readonly region: string
}

/** What a trust policy knows an identity by, as CloudTrail's record of the issue says. */
export interface TrustedIdentity {
  /** The ARN of the identity provider, the name of a web identity provider without one, or the account. */
  readonly trusted: string
  /** The token's subject, the assertion's subject, or the unique id of the other account's principal. */
  readonly subject: Untrusted
}

/** The credential with which another one was obtained: what can obtain more of them until it is contained. */
export interface SourceCredential {
  readonly kind:
    | 'user'
    | 'role-session'
    | 'ec2-instance'
    | 'service'
    | 'web-identity'
    | 'saml'
    | 'other-account'
    | 'root'
    | 'unknown'
  /** The caller as CloudTrail names it: an ARN, a service, an identity. */
  readonly who: Untrusted
  /** The name of the user or role, where it has the form of one. */
  readonly name?: string
  readonly accessKeyId?: string
  readonly accountId?: string
  readonly instanceId?: string
  /** The call by which it obtained the next credential: how the link is known. */
  readonly by: IssueRecord
  /** Of a web identity, a SAML identity or a principal of another account: what a trust policy knows it by. */
  readonly identity?: TrustedIdentity
  /** The same in the records of both accounts, where the call went across accounts. */
  readonly sharedEventId?: string
  /** Why it cannot obtain more sessions any longer, as far as AWS shows it. */
  readonly closed?: string
}

/** Whether the instance holds the role now, by its instance profile. */
export type ProfileHolding =
  | { readonly holds: 'the role' }
  | { readonly holds: 'another role'; readonly profile: string; readonly roleName: string }
  | { readonly holds: 'no role'; readonly profile?: string }
  /** EC2 shows the instance terminated, or terminating. Whether a profile still hangs on it says nothing. `by` is who ended it, as a sentence. */
  | { readonly holds: 'no role: terminated'; readonly by: string }
  | { readonly holds: 'unknown'; readonly why: string }

/** Who the compromised key was issued to, and how each part of that is known. */
export interface KeyIssue {
  readonly to: IssuedTo
  /** `issue record`: CloudTrail's record of the issue. `own calls`: what AWS writes into the records of the key's own calls. */
  readonly knownBy: 'issue record' | 'own calls' | 'nothing'
  readonly record?: IssueRecord
  /** The instance to which EC2 issued the key. */
  readonly instanceId?: string
  /** The resource to which AWS issued the key, where it is no instance. */
  readonly resource?: Untrusted
  readonly profile: ProfileHolding
  /** The credentials with which the key was obtained, the nearest first; none for a key that EC2 issued. */
  readonly sources: readonly SourceCredential[]
  /** Why there may be more sources than these. */
  readonly sourcesEnd?: string
  /** Where CloudTrail was asked. */
  readonly regions: readonly string[]
  readonly incomplete: readonly string[]
}

/** What of a subject is needed to say who its key was issued to. */
interface Issued {
  readonly instanceId?: string | undefined
  readonly accessKeyId: string
  /** Of a session of a role. */
  readonly sessionName?: string
  readonly role?: { readonly name: string; readonly path: string }
  readonly issue?: KeyIssue
}

/**
 * Why the response leaves the instance alone that the session is named after: the key was not issued to it, or the role is no longer on
 * it. Undefined where nothing contradicts that the key is the instance's. Pure.
 */
export const whyNotTheInstance = (subject: Issued): string | undefined => {
  const { instanceId, accessKeyId, role, issue } = subject
  if (instanceId === undefined || role === undefined) return `${ofNoInstance(subject)}: there is no instance to stop and start`
  if (!issue) return undefined
  if (issue.to === 'ec2-instance' && issue.instanceId !== instanceId)
    return `EC2 issued ${accessKeyId} to ${issue.instanceId}, not to ${instanceId}`
  const without = holdsNot(issue.profile)
  if (issue.to === 'ec2-instance')
    return (
      without &&
      `EC2 issued ${accessKeyId} to ${instanceId}, which ${without} now: a restart renews nothing for role ${role.name}`
    )
  if (issue.to !== 'unknown')
    return `${accessKeyId} was not issued to ${instanceId}: ${issuerOf(subject)}. A session name is chosen by whoever assumes the role`
  return (
    without &&
    `${instanceId} ${without}, and CloudTrail does not show who ${accessKeyId} was issued to: only the session is named ${instanceId}`
  )
}

/** Who a session was issued to that is named after no instance, as a clause. */
const ofNoInstance = ({ role, sessionName = '', issue }: Issued): string => {
  if (!role) return 'these are credentials of an IAM user'
  const { kind, words } = recipientOf({ role, sessionName, ...given({ issue }) })
  return kind === 'unknown'
    ? 'the session is not named after an EC2 instance, and CloudTrail does not show who it was issued to'
    : `the session was issued to ${words}`
}

/** Whether the session was issued to the instance that the response restarts. */
export const isOfTheInstance = (subject: Issued): boolean => whyNotTheInstance(subject) === undefined

const holdsNot = (profile: ProfileHolding): string | undefined => {
  switch (profile.holds) {
    case 'the role':
    case 'unknown':
      return undefined
    case 'another role':
      return `has role ${profile.roleName} (instance profile ${profile.profile})`
    case 'no role':
      return profile.profile === undefined
        ? 'has no instance profile'
        : `has instance profile ${profile.profile}, which holds no role`
    case 'no role: terminated':
      return 'is terminated'
  }
}

/** Who obtained the key, as a clause. */
const issuerOf = ({ issue }: Issued): string => {
  const [source] = issue?.sources ?? []
  if (source) return `CloudTrail shows that ${sourceWords(source)} obtained it at ${source.by.at} (${source.by.operation})`
  return `AWS issued it to ${issue?.resource ? principalWords(issue.resource) : 'another resource'}`
}

/** A name out of a CloudTrail record for a plain sentence: delimited, because whoever chose it may have chosen words. */
export const principalWords = (text: Untrusted): string => delimited(rawText(text))

const NAMES: Readonly<Record<SourceCredential['kind'], string>> = {
  user: 'user',
  'role-session': 'role session',
  'ec2-instance': 'EC2 instance',
  service: 'AWS service',
  'web-identity': 'web identity',
  saml: 'SAML identity',
  'other-account': 'a principal of another account,',
  root: 'the root user',
  unknown: 'principal',
}

/** A source by its kind, name and key: `user deploy with key AKIA…`. */
export const sourceWords = ({ kind, who, name, accessKeyId, accountId }: SourceCredential): string => {
  const named = kind === 'user' && name !== undefined ? name : principalWords(who)
  const account = kind === 'other-account' && accountId !== undefined ? ` of account ${accountId}` : ''
  return `${NAMES[kind]} ${named}${account}${accessKeyId === undefined ? '' : ` with key ${accessKeyId}`}`
}

/**
 * The sources that can obtain more sessions, as far as AWS shows it. A service that took a session for what it runs is none, as EC2 is
 * none for an instance: only where the session bears an instance's name all the same is somebody hiding in it. One that gives sessions
 * to whoever shows a certificate is one. One that close-access closed is none either.
 */
export const openSources = (
  { issue, instanceId }: Pick<Issued, 'issue' | 'instanceId'>,
  access?: Access,
): readonly SourceCredential[] =>
  (issue?.sources ?? []).filter(
    (source) =>
      source.closed === undefined &&
      (source.kind !== 'service' || instanceId !== undefined || givesToBearers(source)) &&
      !isClosedSource(source, access),
  )

/** The alarm about a source that can obtain new sessions of the role, with what contains it. */
export const openSourceAlarm = (source: SourceCredential, holder: string): string =>
  `the session was obtained by ${sourceWords(source)} at ${source.by.at} (${source.by.operation}): until it is contained, it can obtain ` +
  `new sessions of ${holder}, which the revocation does not deny. ${containmentOf(source)}`

/** What contains a source: the command, or what to do. */
export const containmentOf = (source: SourceCredential): string => {
  const { kind, name, accessKeyId, accountId, instanceId, sharedEventId } = source
  switch (kind) {
    case 'user':
      if (accessKeyId?.startsWith('AKIA'))
        return `Deactivate it: aws iam update-access-key --user-name ${nameOr(name, '<user>')} --access-key-id ${accessKeyId} --status Inactive`
      return `Deny the user’s sessions: ${denyOlderOf('user', name)}`
    case 'role-session':
      return `Deny the sessions of its role: ${denyOlderOf('role', name)}`
    case 'ec2-instance':
      return `Respond to its instance: \`ir-cred respond --instance-id ${instanceId ?? '<instance>'}\``
    case 'service':
      if (rawText(source.who) === 'pods.eks.amazonaws.com')
        return 'Find out who is in the pods; until they are clean, delete the association that gives them the role (aws eks delete-pod-identity-association), then revoke the sessions of the role once more.'
      if (givesToBearers(source))
        return 'Revoke the certificate (IAM Roles Anywhere: aws rolesanywhere import-crl, or disable-trust-anchor, or disable-profile) or change the identity pool, then revoke the sessions of the role once more.'
      return 'Find out in that service who runs code with the role, and stop it there.'
    case 'web-identity':
    case 'saml':
      return 'Change the trust policy of the role, or revoke the identity at its provider, then revoke the sessions of the role once more.'
    case 'other-account':
      return `Tell the owner of account ${accountId ?? 'unknown'}${sharedEventId === undefined ? '' : ` (sharedEventID ${sharedEventId} names the call in its trail)`}, and take the account out of the trust policy of the role.`
    case 'root':
      return 'Sign in as root, delete its access keys, change the password and the MFA devices.'
    case 'unknown':
      return 'Find it in CloudTrail, and take it out of the trust policy of the role.'
  }
}

const nameOr = (name: string | undefined, placeholder: string): string =>
  name !== undefined && isRoleName(name) ? shellWord(name) : placeholder

const denyOlderOf = (of: 'user' | 'role', name: string | undefined): string =>
  name !== undefined && isRoleName(name) ? denyOlderSessions(of, name) : `CloudTrail does not name the ${of}; find it by its key`
