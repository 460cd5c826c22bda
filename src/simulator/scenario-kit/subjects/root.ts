import { DAY_MS, HOUR_SECONDS, MINUTE_MS, MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { iamArn } from '../../account/arns.ts'
import { type IssuedCredential, principalArn } from '../../account/credentials.ts'
import { issueRootKey, issueRootSession, newAccessKeyId } from '../../issue-credentials.ts'
import { hexFrom } from '../../random.ts'
import { recordEvent, uuidFrom } from '../../records/record.ts'
import { allow, policy } from '../policies.ts'
import type { StandardAccount } from '../standard-account.ts'
import { issuedAt, issuedElements, noWorkload, underKey } from './issued.ts'
import type { SubjectBuilder } from './subject.ts'

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'

/** After the managed policy IAMAuditRootUserCredentials: what AssumeRoot's task may do. */
const AUDIT_TASK = policy(
  allow([
    'iam:ListAccessKeys',
    'iam:ListSigningCertificates',
    'iam:GetLoginProfile',
    'iam:ListMFADevices',
    'iam:GetAccountSummary',
    'iam:GetUser',
  ]),
)

const ASSUMED_BEFORE = 6 * MINUTE_MS

/** Who administers root access in the management account of the organization ("Centrally manage root access for member accounts"). */
const centralAdmin = ({ account, now }: StandardAccount): IssuedCredential =>
  account.credentials.register({
    accessKeyId: newAccessKeyId(account, 'ASIA'),
    secretAccessKey: hexFrom(account.random, 40),
    sessionToken: `IQoJb3JpZ2luX2Vj${hexFrom(account.random, 284)}`,
    principal: { type: 'role-session', roleName: 'root-access', roleId: 'AROAMANAGEMENTROOTACC', sessionName: 'alice' },
    accountId: account.organization?.managementAccountId ?? '999988887777',
    issuedAt: now - 5 * MINUTE_MS,
    expiresAt: now + 43_200_000,
  })

/** What an account has that was made before anybody managed root access: a key of the root user, and a phone of its owner. */
const oldWaysIn = ({ account, now }: StandardAccount): IssuedCredential => {
  account.rootUser.mfaDevices = [{ serial: iamArn(account, 'mfa', 'root-account-mfa-device'), enabledAt: now - 600 * DAY_MS }]
  return issueRootKey(account, now - 600 * DAY_MS)
}

/** The root user's own long-term key, under the id that a finding prescribes. */
const stolenRootKey: SubjectBuilder = (standard, { accessKeyId = '' }) => {
  const { account } = standard
  const { accessKeyId: madeAs, ...made } = oldWaysIn(standard)
  const key = account.rootUser.accessKeys.get(madeAs)
  account.rootUser.accessKeys.delete(madeAs)
  if (key) account.rootUser.accessKeys.set(accessKeyId, { ...key, id: accessKeyId })
  const stolen = account.credentials.register({ ...made, accessKeyId })
  return { stolen, roleName: standard.role.name, management: centralAdmin(standard), ...noWorkload(standard) }
}

/** A session of the console, after somebody signed in with the root user's password. */
export const stolenRootSession: SubjectBuilder = (standard, names, remoteIp) => {
  if (names.accessKeyId?.startsWith('AKIA')) return stolenRootKey(standard, names, remoteIp)
  const { account } = standard
  const stolen = underKey(standard, issueRootSession(account, 12 * HOUR_SECONDS, issuedAt(standard)), names.accessKeyId)
  recordEvent(account, {
    identity: { type: 'Root', principalId: account.id, arn: principalArn(account, { type: 'root' }), accountId: account.id },
    ...{ eventSource: 'signin.amazonaws.com', eventName: 'ConsoleLogin', eventType: 'AwsConsoleSignIn', readOnly: false },
    ...{ sourceIp: remoteIp, userAgent: BROWSER, at: stolen.issuedAt },
    responseElements: { ConsoleLogin: 'Success' },
  })
  oldWaysIn(standard)
  return { stolen, roleName: standard.role.name, management: centralAdmin(standard), ...noWorkload(standard) }
}

/** A root session of 15 minutes, taken by AssumeRoot from the management account: there are no root keys to delete. */
export const assumedRootSession: SubjectBuilder = (standard, names, remoteIp) => {
  const { account } = standard
  const management = account.organization?.managementAccountId ?? '999988887777'
  const issued = issueRootSession(account, 15 * MINUTE_SECONDS, standard.now - ASSUMED_BEFORE, {
    ...{ sessionPolicies: [AUDIT_TASK], assumedRoot: true },
  })
  const stolen = underKey(standard, issued, names.accessKeyId)
  recordEvent(account, {
    identity: { type: 'AWSAccount', principalId: 'AROAMANAGEMENTADMIN77:central-admin', accountId: management },
    ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRoot', readOnly: true, sharedEventId: uuidFrom(account.random) },
    ...{ sourceIp: remoteIp, userAgent: 'aws-cli/2.15.30 Python/3.11.8 command/sts.assume-root', at: stolen.issuedAt },
    requestParameters: {
      TargetPrincipal: account.id,
      TaskPolicyArn: { Arn: 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials' },
      DurationSeconds: 900,
    },
    responseElements: issuedElements(stolen),
    resources: [{ type: 'AWS::IAM::AccessKey', name: stolen.accessKeyId }],
  })
  account.rootUser.hasPassword = false
  return {
    ...{ stolen, roleName: standard.role.name, attackBefore: ASSUMED_BEFORE - MINUTE_MS, management: centralAdmin(standard) },
    ...noWorkload(standard),
  }
}
