import type { Finding } from '../../../incident/finding/finding.ts'
import { credentialKind } from '../../../incident/finding/finding-words.ts'
import { instanceNamedBy, roleSessionOf } from '../../../incident/values/identifiers.ts'
import { type Assessment, blocked } from '../../stage.ts'

/** The principal as the finding names it, before anything was asked of AWS. */
export interface NamedPrincipal {
  readonly roleName: string
  readonly roleId: string
  readonly accessKeyId: string
  readonly principalId: string
  readonly sessionName: string
  readonly instanceId: string
  readonly instanceFrom: 'principal id' | 'instance details'
}

type Stopped = Assessment<never> & { status: 'blocked' }

/** What to do by hand about credentials that this runbook does not handle. */
const BY_HAND: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
  'long-term-key': [
    'this is a long-term access key of an IAM user; there is no role session to revoke and nothing on an instance to rotate',
    'deactivate it: aws iam update-access-key --user-name <user> --access-key-id <key> --status Inactive; then deny sessions minted from it with an inline policy on the user that denies * where aws:TokenIssueTime is before now',
  ],
  'user-session': [
    'this is a session of an IAM user (GetSessionToken, or made by AWS on the user’s behalf), not of a role',
    'put an inline policy on the user that denies * where aws:TokenIssueTime is before now, and deactivate the user’s access keys',
  ],
  'role-session': [
    'this role session does not belong to an EC2 instance: it is a person’s, a function’s or another account’s session',
    'in IAM, open the role and choose Revoke sessions; then redeploy the workload or have the people sign in again',
  ],
  federated: [
    'this is a federated user’s session',
    'put a deny on the IAM user that called GetFederationToken; federated sessions last up to 36 hours',
  ],
  root: [
    'these are credentials of the root user, whose permissions cannot be denied',
    'sign in as root, delete its access keys, change the password and the MFA device',
  ],
  'other-account': [
    'the principal belongs to another account',
    'tell its owner, or AWS Trust & Safety; in your account, remove the access it was given',
  ],
  service: ['the principal is an AWS service', 'look at the service’s configuration; there is nothing to revoke here'],
  unknown: [
    'the finding does not say what kind of credentials these are',
    'look the key up: aws sts get-access-key-info, and CloudTrail by its id; then respond by --access-key-id',
  ],
}

/** The instance role's session that the finding is about, or why this runbook does not act on it and what to do by hand. */
export const namedPrincipal = (finding: Finding): NamedPrincipal | Stopped => {
  const kind = credentialKind(finding)
  if (kind === 'instance-role-session') return instanceSession(finding)
  const [why, remedy] = BY_HAND[kind] ?? BY_HAND.unknown ?? ['', '']
  return blocked(why, remedy) as Stopped
}

const instanceSession = ({ principalId, accessKeyId, userName, instanceId }: Finding): NamedPrincipal | Stopped => {
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
    ) as Stopped
  }
  if (fromSession && instanceId && fromSession !== instanceId) {
    return blocked(
      `the finding contradicts itself: the session belongs to ${fromSession}, its instance details name ${instanceId}`,
      'find out in CloudTrail which instance used the key, and respond by --instance-id',
    ) as Stopped
  }
  return {
    roleName: userName,
    roleId,
    accessKeyId,
    principalId,
    sessionName,
    instanceId: instance,
    instanceFrom: fromSession ? 'principal id' : 'instance details',
  }
}
