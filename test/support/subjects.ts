import { HOUR_SECONDS, SECOND_MS } from '../../src/incident/values/duration.ts'
import { roleArn } from '../../src/simulator/account/arns.ts'
import { type IssuedCredential, principalArn, principalId } from '../../src/simulator/account/credentials.ts'
import { decide } from '../../src/simulator/authorization/authorize.ts'
import { issueSession } from '../../src/simulator/issue-credentials.ts'
import { recordEvent, recordIssue } from '../../src/simulator/records/record.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { aboutSession } from './obtained-session.ts'
import { mainOf } from './scenario.ts'

/** Seconds before now. */
const AGO = 2_400

interface Issued {
  readonly sessionName: string
  readonly roleName?: string
  /** Default: some time ago. Milliseconds since the epoch. */
  readonly issuedAt?: number
}

/** A session of a role, which nothing has recorded the issue of. */
export const unrecorded = (
  { account }: BuiltScenario,
  { roleName = 'web-app', sessionName, issuedAt }: Issued,
): IssuedCredential => {
  const role = account.roles.get(roleName)
  if (!role) throw new Error(`no role ${roleName}`)
  return issueSession(account, role, sessionName, 6 * HOUR_SECONDS, issuedAt ?? account.clock.now() - AGO * SECOND_MS)
}

/** A session that a service took for what it runs, with CloudTrail's record of the issue. */
export const takenByService = (built: BuiltScenario, service: string, issued: Issued): IssuedCredential => {
  const session = unrecorded(built, issued)
  recordIssue(built.account, session, service)
  return session
}

/** A session that somebody got for a web identity: a token of an identity provider, and no AWS credentials. */
export const takenByWebIdentity = (built: BuiltScenario, provider: string, subject: string, issued: Issued): IssuedCredential => {
  const { account } = built
  const session = unrecorded(built, issued)
  const role = roleArn(account, issued.roleName ?? 'web-app')
  const [id, arn] = [principalId(account, session.principal), principalArn(account, session.principal)]
  const providerArn = `arn:aws:iam::${account.id}:oidc-provider/${provider}`
  recordEvent(account, {
    ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRoleWithWebIdentity', readOnly: true, at: session.issuedAt },
    ...{ sourceIp: '198.51.100.23', userAgent: 'unknown/1.0' },
    identity: {
      type: 'WebIdentityUser',
      principalId: `${providerArn}:sts.amazonaws.com:${subject}`,
      userName: subject,
      identityProvider: providerArn,
    },
    requestParameters: { RoleArn: role, RoleSessionName: issued.sessionName },
    responseElements: {
      Credentials: { AccessKeyId: session.accessKeyId, SessionToken: session.sessionToken },
      SubjectFromWebIdentityToken: subject,
      AssumedRoleUser: { AssumedRoleId: id, Arn: arn },
      Provider: providerArn,
      Audience: 'sts.amazonaws.com',
    },
    resources: [
      { type: 'AWS::IAM::AccessKey', name: session.accessKeyId },
      { type: 'AWS::STS::AssumedRole', name: id },
      { type: 'AWS::IAM::Role', name: role },
    ],
  })
  return session
}

/** Makes the scenario's finding one about these credentials, which somebody uses from the attacker's address. */
export const stolen = (built: BuiltScenario, credential: IssuedCredential): IssuedCredential => {
  aboutSession(built, credential)
  const { Resource } = mainOf(built)
  const { type } = credential.principal
  const UserType = type === 'user' ? 'IAMUser' : type === 'federated-user' ? 'FederatedUser' : 'AssumedRole'
  Object.assign((Resource as { AccessKeyDetails: object }).AccessKeyDetails, { UserType })
  recordEvent(built.account, {
    ...{ credential, eventSource: 's3.amazonaws.com', eventName: 'ListBuckets', readOnly: true },
    ...{ sourceIp: '198.51.100.23', userAgent: 'unknown/1.0', at: built.account.clock.now() - 1_200_000 },
  })
  return credential
}

/** What IAM answers to a call with these credentials now. */
export const answerTo = ({ account }: BuiltScenario, credential: IssuedCredential): string =>
  decide(
    account,
    credential,
    { action: 's3:ListAllMyBuckets', resource: '*' },
    { sourceIp: '198.51.100.23', userAgent: 'x', region: account.region },
  ).decision
