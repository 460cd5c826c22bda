import { DAY_MS, HOUR_SECONDS, MINUTE_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { Account, AccountRole, User } from '../account/account.ts'
import { roleArn } from '../account/arns.ts'
import { type IssuedCredential, principalArn, principalId } from '../account/credentials.ts'
import { issueSession, issueUserKey } from '../issue-credentials.ts'
import { iamIdFrom } from '../random.ts'
import { recordEvent } from '../records/record.ts'
import type { ChosenName } from './finding-file.ts'
import { FIRST_CALL_BEFORE } from './incident.ts'
import { accountTrust, workloadPolicy } from './policies.ts'
import { EXAMPLE_HOSTING } from './remotes.ts'
import { addRoleTo, type StandardAccount } from './standard-account.ts'

/** How somebody obtained a session. */
export interface Obtaining {
  readonly role: AccountRole
  /** Whoever assumes a role chooses the name. */
  readonly sessionName: string
  /** ms */
  readonly at: number
  readonly accessKeyId?: string
  readonly region?: string
}

/** A session that a principal of the account obtained by AssumeRole, with CloudTrail's record of it. */
export const obtainSession = (account: Account, by: IssuedCredential, obtaining: Obtaining): IssuedCredential => {
  const { role, sessionName, at, accessKeyId, region } = obtaining
  const issued = issueSession(account, role, sessionName, HOUR_SECONDS, at)
  const session = accessKeyId === undefined ? issued : account.credentials.register({ ...issued, accessKeyId })
  const [id, arn] = [principalId(account, session.principal), principalArn(account, session.principal)]
  recordEvent(account, {
    credential: by,
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    readOnly: true,
    sourceIp: EXAMPLE_HOSTING.ip,
    userAgent: 'aws-cli/2.15.30 Python/3.11.8 Linux/6.1.0 exe/x86_64 prompt/off command/sts.assume-role',
    at,
    ...given({ region }),
    requestParameters: { RoleArn: roleArn(account, role.name), RoleSessionName: sessionName },
    responseElements: {
      Credentials: {
        AccessKeyId: session.accessKeyId,
        SessionToken: session.sessionToken,
        ...given({ Expiration: session.expiresAt === undefined ? undefined : new Date(session.expiresAt) }),
      },
      AssumedRoleUser: { AssumedRoleId: id, Arn: arn },
    },
    resources: [
      { type: 'AWS::IAM::AccessKey', name: session.accessKeyId },
      { type: 'AWS::STS::AssumedRole', name: sessionName },
      { type: 'AWS::STS::AssumedRole', name: id },
      { type: 'AWS::STS::AssumedRole', name: arn },
      { type: 'AWS::IAM::Role', name: roleArn(account, role.name) },
    ],
  })
  return session
}

/** A user with one long-term key, a year old. */
export const addUserWithKey = (account: Account, name: string): IssuedCredential => {
  const createdAt = account.clock.now() - 365 * DAY_MS
  const user: User = {
    ...{ name, path: '/', createdAt, tags: {}, attachedPolicies: [] },
    id: iamIdFrom(account.random, 'AIDA'),
    inline: new Map(),
    deleted: new Map(),
    accessKeys: new Map(),
  }
  account.users.set(name, user)
  return issueUserKey(account, user, createdAt)
}

/** A user's key takes a session of a role of its own, under the name of an instance that has nothing to do with it. */
export const obtainUnderName = ({ account, now }: StandardAccount, chosen: ChosenName): IssuedCredential => {
  const { roleName, roleId, sessionName, accessKeyId } = chosen
  const parts = { name: roleName, id: roleId, path: '/', trustPolicy: accountTrust(account.id) }
  const role = account.roles.get(roleName) ?? addRoleTo(account, now, parts, `${roleName}-rights`, workloadPolicy)
  const at = now - FIRST_CALL_BEFORE - MINUTE_MS
  return obtainSession(account, addUserWithKey(account, `${roleName}-pipeline`), {
    ...{ role, sessionName, at },
    ...given({ accessKeyId }),
  })
}
