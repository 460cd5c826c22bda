import { DAY_MS, HOUR_SECONDS } from '../../../incident/values/duration.ts'
import type { User } from '../../account/account.ts'
import { type IssuedCredential, principalArn, principalId } from '../../account/credentials.ts'
import { issueFederatedSession, issueUserKey, issueUserSession } from '../../issue-credentials.ts'
import { recordEvent } from '../../records/record.ts'
import { allow, policy } from '../policies.ts'
import type { StandardAccount } from '../standard-account.ts'
import { type CallingWorkload, consumerActs, issuedAt, issuedElements, underKey, writeUsualCalls } from './issued.ts'
import { renewedHourly } from './let-in.ts'
import type { SubjectBuilder, SubjectNames } from './subject.ts'

/** What a deployment may do. Enough to be worth stealing. */
const userPolicy = policy(
  allow(['s3:ListAllMyBuckets', 's3:GetBucketLocation', 'ec2:Describe*', 'iam:List*', 'sts:GetFederationToken']),
  allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::acme-web-uploads/*'),
)

/** The build servers of the owner, from which the user's key has been used for weeks. */
const BUILD_SERVER: CallingWorkload = {
  sourceIp: '192.0.2.90',
  userAgent: 'Boto3/1.35.20 md/Botocore#1.35.20 os/linux#6.1.94 lang/python#3.11.8',
}

const AGENT = 'aws-cli/2.15.30 Python/3.11.8 Linux/6.1.0 exe/x86_64 prompt/off'

const addSubjectUser = (
  { account, now }: StandardAccount,
  { name = 'deploy-bot', id = 'AIDAXCSEC6TN4DEPLOYBT' }: SubjectNames,
): User => {
  const createdAt = now - 365 * DAY_MS
  const user: User = {
    ...{ name, id, path: '/', createdAt, tags: { Owner: 'platform-team' }, attachedPolicies: [] },
    inline: new Map([
      ['deploy', { document: userPolicy.replaceAll('arn:aws:', `arn:${account.partition}:`), writtenAt: createdAt }],
    ]),
    deleted: new Map(),
    accessKeys: new Map(),
  }
  account.users.set(name, user)
  return user
}

const longTermKey = (standard: StandardAccount, user: User, accessKeyId?: string): IssuedCredential => {
  const { account, now } = standard
  const issued = issueUserKey(account, user, now - 200 * DAY_MS)
  if (accessKeyId === undefined) return issued
  user.accessKeys.clear()
  user.accessKeys.set(accessKeyId, {
    ...{ id: accessKeyId, createdAt: issued.issuedAt, changedAt: issued.issuedAt },
    status: 'Active',
  })
  return underKey(standard, issued, accessKeyId)
}

/** The newest active key of the user that is not the stolen one: somebody makes it by hand, and hands it to the build server. */
const newestKey = ({ account }: StandardAccount, userName: string, stolen: string): IssuedCredential | undefined => {
  const keys = [...(account.users.get(userName)?.accessKeys.values() ?? [])]
  const newest = keys
    .filter(({ id, status }) => id !== stolen && status === 'Active')
    .sort((a, b) => b.createdAt - a.createdAt)[0]
  return newest && account.credentials.find(newest.id)
}

const withConsumer = (standard: StandardAccount, user: User, key: IssuedCredential) => {
  const newCredentials = () => newestKey(standard, user.name, key.accessKeyId)
  writeUsualCalls(standard, key, BUILD_SERVER, 30)
  return { newCredentials, begin: () => consumerActs(standard, () => newCredentials() ?? key, BUILD_SERVER) }
}

/** A user's long-term key, used by a build server and by the attacker. */
export const stolenUserKey: SubjectBuilder = (standard, names) => {
  const user = addSubjectUser(standard, names)
  const stolen = longTermKey(standard, user, names.accessKeyId)
  return { stolen, roleName: standard.role.name, ...withConsumer(standard, user, stolen) }
}

const recordMint = (
  { account }: StandardAccount,
  parent: IssuedCredential,
  eventName: 'GetSessionToken' | 'GetFederationToken',
  session: IssuedCredential,
  sourceIp: string,
): void => {
  const { principal } = session
  const own = principal.type === 'federated-user'
  recordEvent(account, {
    ...{ credential: parent, eventSource: 'sts.amazonaws.com', eventName, readOnly: true, sourceIp, at: session.issuedAt },
    userAgent: `${AGENT} command/sts.${own ? 'get-federation-token' : 'get-session-token'}`,
    requestParameters: own ? { Name: principal.federatedName } : null,
    responseElements: {
      ...issuedElements(session),
      ...(own
        ? { FederatedUser: { FederatedUserId: principalId(account, principal), Arn: principalArn(account, principal) } }
        : {}),
    },
    resources: [{ type: 'AWS::IAM::AccessKey', name: session.accessKeyId }],
  })
}

/** A session that the attacker minted from a user's long-term key, which the attacker has too. */
export const stolenUserSession: SubjectBuilder = (standard, names, remoteIp) => {
  const user = addSubjectUser(standard, names)
  const parent = longTermKey(standard, user)
  const issued = issueUserSession(standard.account, user, 36 * HOUR_SECONDS, issuedAt(standard))
  const stolen = underKey(standard, issued, names.accessKeyId)
  recordMint(standard, parent, 'GetSessionToken', stolen, remoteIp)
  const mint = () => {
    const key = standard.account.users.get(user.name)?.accessKeys.get(parent.accessKeyId)
    if (key?.status !== 'Active') return undefined
    const session = issueUserSession(standard.account, user, 12 * HOUR_SECONDS)
    recordMint(standard, parent, 'GetSessionToken', session, remoteIp)
    return session
  }
  return { stolen, roleName: standard.role.name, mint, ...withConsumer(standard, user, parent) }
}

/** A session that a broker took for one of its own users, and that the attacker has. The broker goes on taking sessions for the others. */
export const stolenFederatedSession: SubjectBuilder = (standard, names) => {
  const { account } = standard
  const user = addSubjectUser(standard, { kind: 'user-key', name: 'token-broker', id: 'AIDAXCSEC6TN5BROKER77' })
  const broker = longTermKey(standard, user)
  const limits = { sessionPolicies: [userPolicy.replaceAll('arn:aws:', `arn:${account.partition}:`)] }
  const sessionOf = (name: string, at?: number): IssuedCredential =>
    issueFederatedSession(account, user, name, 12 * HOUR_SECONDS, limits, at)
  const stolen = underKey(standard, sessionOf(names.sessionName ?? 'bob', issuedAt(standard)), names.accessKeyId)
  recordMint(standard, broker, 'GetFederationToken', stolen, BUILD_SERVER.sourceIp)
  const take = (at?: number): IssuedCredential | undefined => {
    if (account.users.get(user.name)?.accessKeys.get(broker.accessKeyId)?.status !== 'Active') return undefined
    const session = sessionOf('carol', at)
    recordMint(standard, broker, 'GetFederationToken', session, BUILD_SERVER.sourceIp)
    return session
  }
  writeUsualCalls(standard, broker, BUILD_SERVER, 30)
  const newCredentials = renewedHourly(account, take(issuedAt(standard)) ?? broker, take)
  return {
    ...{ stolen, roleName: standard.role.name, newCredentials },
    begin: () => consumerActs(standard, newCredentials, BUILD_SERVER),
  }
}
