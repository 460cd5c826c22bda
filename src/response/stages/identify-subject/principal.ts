import type { InstanceRoleSession } from '../../../incident/facts/subject.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { type CredentialKind, credentialKind } from '../../../incident/finding/finding-words.ts'
import { instanceNamedBy, roleSessionOf } from '../../../incident/values/identifiers.ts'
import { type Blocked, blocked } from '../../stage.ts'

/** The principal as the finding names it, before anything was asked of AWS. */
export type NamedPrincipal = Pick<
  InstanceRoleSession,
  'kind' | 'roleName' | 'roleId' | 'accessKeyId' | 'principalId' | 'sessionName' | 'instanceId' | 'instanceFrom'
>

/** Credentials that this runbook does not contain: why not, and what you do by hand. */
const BY_HAND: Readonly<Record<Exclude<CredentialKind, 'instance-role-session'>, readonly [why: string, remedy: string]>> = {
  'long-term-key': [
    'this is a long-term access key of an IAM user: there is no role session to revoke, and no instance to restart',
    'deactivate it: aws iam update-access-key --user-name <user> --access-key-id <key> --status Inactive; then deny the sessions made with it by an inline policy on the user that denies * where aws:TokenIssueTime is before now',
  ],
  'user-session': [
    'this is a session of an IAM user (made by GetSessionToken, or by AWS on the user’s behalf), not of a role',
    'put an inline policy on the user that denies * where aws:TokenIssueTime is before now, and deactivate the user’s access keys',
  ],
  'role-session': [
    'this role session was not issued to an EC2 instance: it belongs to a person, a function or another account',
    'in IAM, open the role and choose Revoke sessions; then redeploy the workload, or have the people sign in again',
  ],
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
  unknown: [
    'the finding does not say what kind of credentials these are',
    'look the key up with aws sts get-access-key-info and in CloudTrail; then respond by --access-key-id',
  ],
}

/** The instance role's session that the finding is about; or why this runbook does not contain it, and what you do by hand. */
export const namedPrincipal = (finding: Finding): NamedPrincipal | Blocked => {
  const kind = credentialKind(finding)
  return kind === 'instance-role-session' ? instanceSession(finding) : blocked(...BY_HAND[kind])
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
