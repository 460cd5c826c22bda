import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../incident/values/duration.ts'
import type { Account, AccountRole } from '../../account/account.ts'
import { iamArn, roleArn } from '../../account/arns.ts'
import { type IssuedCredential, principalArn, principalId } from '../../account/credentials.ts'
import type { WebIdentityToken } from '../../account/holdings.ts'
import { timeIn } from '../../agenda.ts'
import { issueSession, issueWebIdentityToken, newAccessKeyId } from '../../issue-credentials.ts'
import { recordEvent, uuidFrom } from '../../records/record.ts'
import { serveCall } from '../../serve-call.ts'
import { assumeRoleWithWebIdentity } from '../../services/sts/web-identity.ts'
import { NAT_ADDRESS } from '../machines.ts'
import type { StandardAccount } from '../standard-account.ts'
import { type CallingWorkload, consumerActs, issuedAt, issuedElements, roleFor, underKey, writeUsualCalls } from './issued.ts'
import type { SubjectBuilder } from './subject.ts'
import { webIdentityTrust } from './trusts.ts'

const AUDIENCE = 'sts.amazonaws.com'
const SERVICE_ACCOUNT = 'system:serviceaccount:shop:payments'

/** Pods call through the NAT gateway of their network. */
const POD: CallingWorkload = {
  sourceIp: NAT_ADDRESS,
  userAgent: 'Boto3/1.35.20 md/Botocore#1.35.20 os/linux#5.10.223 md/arch#x86_64 lang/python#3.12.5',
}

const providerIn = (account: Account): string => `oidc.eks.${account.region}.amazonaws.com/id/5F0A1B2C3D4E5F60718293A4B5C6D7E8`

/** Takes a session of the role with a token, as whoever holds it may at the moment; undefined when it is refused. */
const assumedWith = (
  account: Account,
  role: AccountRole,
  token: WebIdentityToken,
  sourceIp: string,
): IssuedCredential | undefined => {
  const input = { RoleArn: roleArn(account, role.name), RoleSessionName: 'botocore-session', WebIdentityToken: token.token }
  const { provider, subject, audience } = token
  const principal = { type: 'web-identity', provider, subject, audience } as const
  const credential = { accessKeyId: '', secretAccessKey: '', principal, issuedAt: timeIn(account) }
  const call = {
    ...({
      service: 'sts',
      operation: 'AssumeRoleWithWebIdentity',
      input,
      accessKeyId: '',
      region: account.region,
      sourceIp,
    } as const),
    ...{ userAgent: POD.userAgent, requestId: uuidFrom(account.random) },
  }
  try {
    const answer = serveCall(account, assumeRoleWithWebIdentity, { call, credential }) as { Credentials: { AccessKeyId: string } }
    return account.credentials.find(answer.Credentials.AccessKeyId)
  } catch {
    return undefined
  }
}

const recordFirstIssue = (account: Account, role: AccountRole, token: WebIdentityToken, session: IssuedCredential): void => {
  const { provider, subject, audience } = token
  const principal = { type: 'web-identity', provider, subject, audience } as const
  const name = session.principal.type === 'role-session' ? session.principal.sessionName : ''
  recordEvent(account, {
    credential: { accessKeyId: '', secretAccessKey: '', principal, issuedAt: session.issuedAt },
    ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRoleWithWebIdentity', readOnly: true, at: session.issuedAt },
    ...{ sourceIp: POD.sourceIp, userAgent: POD.userAgent },
    requestParameters: { RoleArn: roleArn(account, role.name), RoleSessionName: name },
    responseElements: {
      ...issuedElements(session),
      SubjectFromWebIdentityToken: subject,
      AssumedRoleUser: { AssumedRoleId: principalId(account, session.principal), Arn: principalArn(account, session.principal) },
      Provider: iamArn(account, 'oidc-provider', provider),
      Audience: audience,
    },
    resources: [
      { type: 'AWS::IAM::AccessKey', name: session.accessKeyId },
      { type: 'AWS::STS::AssumedRole', name },
      { type: 'AWS::STS::AssumedRole', name: principalId(account, session.principal) },
      { type: 'AWS::IAM::Role', name: roleArn(account, role.name) },
    ],
  })
}

/** The service accounts of the cluster that the role's trust policy names now, the stolen one first where it is still there. */
const subjectsNamed = (account: Account, role: AccountRole): readonly string[] => {
  const { trustPolicy } = account.roles.get(role.name) ?? role
  return [...new Set(trustPolicy.match(/system:serviceaccount:[\w.-]+:[\w.-]+/g) ?? [])]
}

/**
 * The pods of the role, which the platform team restarts under whatever service account the trust policy names: a new service account gets
 * a token of its own, and the pods take new sessions every hour.
 */
const podsOf = (
  { account }: StandardAccount,
  role: AccountRole,
  first: { token: WebIdentityToken; session: IssuedCredential },
) => {
  let { token, session }: { token: WebIdentityToken; session: IssuedCredential | undefined } = first
  let at = timeIn(account)
  return (): IssuedCredential | undefined => {
    const now = timeIn(account)
    const subjects = subjectsNamed(account, role)
    const subject = subjects.includes(token.subject) ? token.subject : subjects[0]
    const isMoved = subject !== undefined && subject !== token.subject
    if (isMoved || now >= token.expiresAt - HOUR_MS) {
      token = issueWebIdentityToken(account, { ...token, subject: subject ?? token.subject })
    }
    if (isMoved || session === undefined || now >= at + 50 * MINUTE_MS) {
      session = assumedWith(account, role, token, POD.sourceIp)
      at = now
    }
    return session
  }
}

/** A pod's web identity token and a session that was taken with it, both stolen: the token takes more until it expires. */
export const webIdentitySession: SubjectBuilder = (standard, names, remoteIp) => {
  const { account, now } = standard
  const provider = providerIn(account)
  const arn = iamArn(account, 'oidc-provider', provider)
  account.identityProviders.set(arn, { arn, createdAt: now - 200 * DAY_MS, source: `https://${provider}`, clientIds: [AUDIENCE] })
  const trustPolicy = webIdentityTrust(arn, provider, SERVICE_ACCOUNT)
  const role = roleFor(standard, names, { name: 'payments', id: 'AROAXCSEC6TN5PAYMNTS7', trustPolicy })
  const token = issueWebIdentityToken(account, { provider, subject: SERVICE_ACCOUNT, audience: AUDIENCE }, now - 3 * HOUR_MS)
  const sessionName = names.sessionName ?? 'botocore-session-1795561200'
  const issued = issueSession(account, role, sessionName, 12 * 3600, issuedAt(standard))
  const stolen = underKey(standard, issued, names.accessKeyId)
  recordFirstIssue(account, role, token, stolen)
  writeUsualCalls(standard, { ...stolen, accessKeyId: newAccessKeyId(account, 'ASIA') }, POD, 20)
  const newCredentials = podsOf(standard, role, { token, session: stolen })
  return {
    ...{ stolen, roleName: role.name, newCredentials, mint: () => assumedWith(account, role, token, remoteIp) },
    begin: () => consumerActs(standard, newCredentials, POD),
    stolenToken: { roleArn: roleArn(account, role.name), token: token.token },
  }
}
