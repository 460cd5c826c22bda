import type { RoleSession, UserCredentials } from '../../../incident/facts/subject.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { type CredentialKind, credentialKind } from '../../../incident/finding/finding-words.ts'
import { denyOlderSessions } from '../../../incident/revocation-document.ts'
import { instanceNamedBy, roleSessionOf } from '../../../incident/values/identifiers.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { type Blocked, blocked, type NotApplicable, notApplicable } from '../../stage.ts'

/** The principal as the finding names it, before anything was asked of AWS. */
export type NamedPrincipal = Pick<
  RoleSession,
  'kind' | 'roleName' | 'roleId' | 'accessKeyId' | 'principalId' | 'sessionName' | 'instanceId' | 'instanceFrom'
>

/** A user's key, long-term or temporary, as the finding names it. */
export interface NamedUserKey extends Pick<UserCredentials, 'kind' | 'accessKeyId' | 'principalId'> {
  readonly userName: string
}

/** A federated user's session, as the finding names it. The user that obtained it stands in no finding. */
export interface NamedFederated {
  readonly kind: 'federated'
  readonly accessKeyId: string
  /** Such as `111122223333:bob`. */
  readonly principalId: string
  readonly federatedName: string
}

type Elsewhere = readonly [why: string, remedy: string]

const longTermKey = ({ userName, accessKeyId }: Finding): string => {
  if (userName === undefined || accessKeyId === undefined)
    return accessKeyId === undefined
      ? 'deactivate the key in IAM; then deny the sessions made with it'
      : `find its user: aws iam get-access-key-last-used --access-key-id ${accessKeyId}; deactivate the key, and deny the sessions made with it`
  const deactivate = `aws iam update-access-key --user-name ${shellWord(userName)} --access-key-id ${accessKeyId} --status Inactive`
  return `deactivate it: ${deactivate}; then deny the sessions made with it: ${denyOlderSessions('user', userName)}`
}

const userSession = ({ userName }: Finding): string =>
  userName === undefined
    ? 'put an inline policy on the user that denies * where aws:TokenIssueTime is before now, and deactivate the user’s access keys'
    : `deny it: ${denyOlderSessions('user', userName)}; then deactivate the user’s access keys: aws iam list-access-keys --user-name ${shellWord(userName)} lists them`

const unknownCredentials = ({ accessKeyId }: Finding): string =>
  accessKeyId === undefined
    ? 'find the key in CloudTrail; then respond by --access-key-id'
    : `look the key up in CloudTrail, and its account by: aws sts get-access-key-info --access-key-id ${accessKeyId}; then respond by --access-key-id`

/** Why nothing is denied of the root user: what is done by hand has a stage of its own. */
export const NO_POLICY_BINDS_ROOT = 'these are credentials of the root user, which no policy of the account can deny'

/** What the runbook contains, and the root user, of which it verifies what is done by hand. */
type Contained = 'root' | 'instance-role-session' | 'role-session' | 'long-term-key' | 'user-session' | 'federated'

/** Credentials that this runbook does not contain: why not, and what you do by hand. */
const elsewhere = (kind: Exclude<CredentialKind, Contained>, finding: Finding): Elsewhere =>
  kind === 'unknown' ? [BY_HAND_WHY[kind], unknownCredentials(finding)] : BY_HAND[kind]

const BY_HAND_WHY = {
  unknown: 'the finding does not say what kind of credentials these are',
} as const

/** Those for which no command can be written. */
const BY_HAND: Readonly<Record<Exclude<CredentialKind, Contained | keyof typeof BY_HAND_WHY>, Elsewhere>> = {
  'other-account': [
    'the principal belongs to another account',
    'inform its owner, or AWS Trust & Safety; in your account, remove the access that it has',
  ],
  service: ['the principal is an AWS service', 'check the configuration of the service; there is nothing to revoke here'],
}

/** The roles that EC2 itself has for an instance: no role of IAM, so no policy reaches their sessions ("Instance identity roles"). */
const OF_EC2_ITSELF = /^aws:ec2-/

/** The role session or the user's key that the finding is about; or why this runbook does not contain it, and what you do by hand. */
export const namedPrincipal = (finding: Finding): NamedPrincipal | NamedUserKey | NamedFederated | Blocked | NotApplicable => {
  const kind = credentialKind(finding)
  if (kind === 'long-term-key' || kind === 'user-session') return userKey(finding, kind)
  if (kind === 'federated') return federatedUser(finding)
  if (kind === 'root') return notApplicable(NO_POLICY_BINDS_ROOT)
  if (kind !== 'instance-role-session' && kind !== 'role-session') return blocked(...elsewhere(kind, finding))
  if (OF_EC2_ITSELF.test(finding.userName ?? '')) return ofEc2Itself(finding)
  return kind === 'role-session' ? roleSession(finding) : instanceSession(finding)
}

/** A user's key needs no more than the user's name: a long-term key may be named without a principal id. */
const userKey = (finding: Finding, kind: 'long-term-key' | 'user-session'): NamedUserKey | Blocked => {
  const { principalId = '', accessKeyId, userName } = finding
  if (!accessKeyId || !userName)
    return blocked(
      kind === 'long-term-key'
        ? 'the finding names no user for this long-term access key'
        : `the finding names no ${[!accessKeyId && 'access key id', !userName && 'user name'].filter(Boolean).join(' and no ')} for this session of an IAM user`,
      kind === 'long-term-key' ? longTermKey(finding) : userSession(finding),
    )
  return { kind: kind === 'long-term-key' ? 'user-key' : 'user-session', accessKeyId, principalId, userName }
}

/** GuardDuty and CloudTrail name a federated user `account:name`. */
const federatedUser = ({ accountId, principalId, accessKeyId, userName }: Finding): NamedFederated | Blocked => {
  const federatedName = /^\d{12}:(.+)$/s.exec(principalId ?? '')?.[1] ?? userName
  if (!accessKeyId || !federatedName)
    return namesNo([!accessKeyId && 'access key id', !federatedName && 'name of the federated user'])
  return { kind: 'federated', accessKeyId, principalId: principalId ?? `${accountId}:${federatedName}`, federatedName }
}

/** EC2 gives the instance identity role the rights of a few of its own features only. */
export const IDENTITY_ROLE = 'aws:ec2-instance'

/** Why nothing is denied of an instance identity role. */
export const NO_POLICY_ON_IDENTITY =
  'these are credentials of an instance identity role: IAM has no such role, so no policy can deny them; EC2 gives them the rights of a few of its own features only'

const ofEc2Itself = ({ userName = '' }: Finding): Blocked | NotApplicable =>
  userName === IDENTITY_ROLE
    ? notApplicable(NO_POLICY_ON_IDENTITY)
    : blocked(
        `${userName} is a principal of EC2’s own infrastructure, not a role of IAM: no policy can deny its sessions`,
        'look at the calls in CloudTrail, and open a case with AWS Support if they are not EC2’s',
      )

const namesNo = (missing: readonly (string | false)[]): Blocked =>
  blocked(
    `the finding names no ${missing.filter(Boolean).join(' and no ')}`,
    'find the key in CloudTrail, and respond by --access-key-id',
  )

/** A session that is not named after an instance. Instance details of the finding do not make it one. */
const roleSession = ({ principalId, accessKeyId, userName }: Finding): NamedPrincipal | Blocked => {
  if (!principalId || !accessKeyId || !userName)
    return namesNo([!principalId && 'principal id', !accessKeyId && 'access key id', !userName && 'role name'])
  const [roleId = ''] = principalId.split(':')
  const sessionName = principalId.slice(roleId.length + 1)
  return { kind: 'role-session', roleName: userName, roleId, accessKeyId, principalId, sessionName }
}

const instanceSession = ({ principalId, accessKeyId, userName, instanceId }: Finding): NamedPrincipal | Blocked => {
  const { roleId = '', sessionName = '' } = roleSessionOf(principalId) ?? {}
  const fromSession = instanceNamedBy(principalId)
  const instance = fromSession ?? instanceId
  if (!principalId || !accessKeyId || !userName || !instance)
    return namesNo([
      !principalId && 'principal id',
      !accessKeyId && 'access key id',
      !userName && 'role name',
      !instance && 'instance id',
    ])
  if (fromSession && instanceId && fromSession !== instanceId) {
    return blocked(
      `the finding contradicts itself: the session belongs to ${fromSession}, its instance details name ${instanceId}`,
      'find in CloudTrail which instance used the key, and respond by --instance-id',
    )
  }
  return {
    kind: 'role-session',
    roleName: userName,
    roleId,
    accessKeyId,
    principalId,
    sessionName,
    instanceId: instance,
    instanceFrom: fromSession ? 'principal id' : 'instance details',
  }
}
