import type { InstanceRoleSession } from '../../../incident/facts/subject.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { type CredentialKind, credentialKind } from '../../../incident/finding/finding-words.ts'
import { denyOlderSessions } from '../../../incident/revocation-document.ts'
import { instanceNamedBy, roleSessionOf } from '../../../incident/values/identifiers.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { type Blocked, blocked } from '../../stage.ts'

/** The principal as the finding names it, before anything was asked of AWS. */
export type NamedPrincipal = Pick<
  InstanceRoleSession,
  'kind' | 'roleName' | 'roleId' | 'accessKeyId' | 'principalId' | 'sessionName' | 'instanceId' | 'instanceFrom'
>

type ByHand = readonly [why: string, remedy: string]

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

const roleSession = ({ userName }: Finding): string =>
  `${userName === undefined ? 'in IAM, open the role and choose Revoke sessions' : `revoke the sessions of the role: ${denyOlderSessions('role', userName)}`}; then redeploy the workload, or have the people sign in again`

const unknownCredentials = ({ accessKeyId }: Finding): string =>
  accessKeyId === undefined
    ? 'find the key in CloudTrail; then respond by --access-key-id'
    : `look the key up in CloudTrail, and its account by: aws sts get-access-key-info --access-key-id ${accessKeyId}; then respond by --access-key-id`

/** Credentials that this runbook does not contain: why not, and what you do by hand. */
const byHand = (kind: Exclude<CredentialKind, 'instance-role-session'>, finding: Finding): ByHand => {
  switch (kind) {
    case 'long-term-key':
      return [BY_HAND_WHY[kind], longTermKey(finding)]
    case 'user-session':
      return [BY_HAND_WHY[kind], userSession(finding)]
    case 'role-session':
      return [BY_HAND_WHY[kind], roleSession(finding)]
    case 'unknown':
      return [BY_HAND_WHY[kind], unknownCredentials(finding)]
    default:
      return BY_HAND[kind]
  }
}

const BY_HAND_WHY = {
  'long-term-key':
    'this is a long-term access key of an IAM user: there is no role session to revoke, and no instance to restart',
  'user-session': 'this is a session of an IAM user (made by GetSessionToken, or by AWS on the user’s behalf), not of a role',
  unknown: 'the finding does not say what kind of credentials these are',
  'role-session': 'this role session was not issued to an EC2 instance: it belongs to a person, a function or another account',
} as const

/** Those for which no command can be written. */
const BY_HAND: Readonly<Record<Exclude<CredentialKind, 'instance-role-session' | keyof typeof BY_HAND_WHY>, ByHand>> = {
  federated: [
    'this is the session of a federated user',
    'put a deny on the IAM user that called GetFederationToken; federated sessions last up to 36 hours',
  ],
  root: [
    'these are credentials of the root user, whose permissions cannot be denied',
    'sign in as root, delete its access keys, change the password and the MFA device',
  ],
  'other-account': [
    'the principal belongs to another account',
    'inform its owner, or AWS Trust & Safety; in your account, remove the access that it has',
  ],
  service: ['the principal is an AWS service', 'check the configuration of the service; there is nothing to revoke here'],
}

/** The instance role's session that the finding is about; or why this runbook does not contain it, and what you do by hand. */
export const namedPrincipal = (finding: Finding): NamedPrincipal | Blocked => {
  const kind = credentialKind(finding)
  return kind === 'instance-role-session' ? instanceSession(finding) : blocked(...byHand(kind, finding))
}

const instanceSession = ({ principalId, accessKeyId, userName, instanceId }: Finding): NamedPrincipal | Blocked => {
  const { roleId = '', sessionName = '' } = roleSessionOf(principalId) ?? {}
  const fromSession = instanceNamedBy(principalId)
  const instance = fromSession ?? instanceId
  if (!principalId || !accessKeyId || !userName || !instance) {
    const missing = [
      !principalId && 'principal id',
      !accessKeyId && 'access key id',
      !userName && 'role name',
      !instance && 'instance id',
    ].filter(Boolean)
    return blocked(
      `the finding names no ${missing.join(' and no ')}`,
      'find the key in CloudTrail, and respond by --access-key-id',
    )
  }
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
