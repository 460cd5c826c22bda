import { DAY_MS, HOUR_SECONDS } from '../../../incident/values/duration.ts'
import type { Account, AccountRole } from '../../account/account.ts'
import { iamArn, roleArn } from '../../account/arns.ts'
import type { IssuedCredential } from '../../account/credentials.ts'
import { issueSession, newAccessKeyId } from '../../issue-credentials.ts'
import { recordEvent } from '../../records/record.ts'
import { type CallingWorkload, consumerActs, issuedAt, issuedElements, roleFor, underKey, writeUsualCalls } from './issued.ts'
import { type Arrival, letIn, renewedHourly, sessionElements } from './let-in.ts'
import type { SubjectBuilder } from './subject.ts'
import { samlTrust } from './trusts.ts'

const AUDIENCE = 'https://signin.aws.amazon.com/saml'
const QUALIFIER = 'Kq3v8m2Zs0pT7nXyWbE1cRfUdGo='

/** A person that a provider vouched for, and the session that was given for it. */
interface SamlIssue {
  readonly role: AccountRole
  /** The provider's ARN. */
  readonly provider: string
  readonly person: string
  readonly session: IssuedCredential
  readonly sourceIp: string
  readonly userAgent: string
}

/** CloudTrail's record of AssumeRoleWithSAML: the caller has an assertion, and no credentials. */
export const recordSamlIssue = (account: Account, issue: SamlIssue): void => {
  const { role, provider, person, session, sourceIp, userAgent } = issue
  const { user, resources } = sessionElements(account, role, session)
  recordEvent(account, {
    identity: { type: 'SAMLUser', principalId: `${QUALIFIER}:${person}`, userName: person, identityProvider: QUALIFIER },
    ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRoleWithSAML', readOnly: true, at: session.issuedAt },
    ...{ sourceIp, userAgent },
    requestParameters: {
      RoleArn: roleArn(account, role.name),
      RoleSessionName: person,
      PrincipalArn: provider,
      DurationSeconds: 43_200,
    },
    responseElements: {
      ...issuedElements(session),
      ...user,
      ...{ Subject: person, SubjectType: 'persistent', Issuer: 'https://idp.acme.example/saml', Audience: AUDIENCE },
      NameQualifier: QUALIFIER,
    },
    resources: resources ?? [],
  })
}

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'

/** A colleague with the same role, whose script runs in the company's network. */
const COLLEAGUE: CallingWorkload = {
  sourceIp: '192.0.2.90',
  userAgent: 'Boto3/1.35.20 md/Botocore#1.35.20 os/linux#6.1.94 lang/python#3.11.8',
}

/** A person signs in at the company's identity provider. Whoever knows the password does so too, and takes session after session. */
export const samlSession: SubjectBuilder = (standard, names, remoteIp) => {
  const { account, now } = standard
  const provider = iamArn(account, 'saml-provider', 'acme-idp')
  const source = '<EntityDescriptor entityID="https://idp.acme.example/saml"/>'
  account.identityProviders.set(provider, { arn: provider, createdAt: now - 500 * DAY_MS, source, clientIds: [] })
  const trustPolicy = samlTrust(provider)
  const role = roleFor(standard, names, { name: 'analysts', id: 'AROAXCSEC6TN5ANALYST7', trustPolicy })
  const person = names.sessionName ?? 'alice@acme.example'
  const arrivalOf = (who: string, { sourceIp, userAgent }: CallingWorkload): Arrival => ({
    caller: {
      ...{ under: 'Federated', action: 'sts:AssumeRoleWithSAML', names: [provider] },
      context: { 'saml:sub': [who], 'saml:aud': [AUDIENCE], 'sts:RoleSessionName': [who] },
    },
    sessionName: who,
    record: (session) => recordSamlIssue(account, { role, provider, person: who, session, sourceIp, userAgent }),
  })
  const first = (who: string, ip: string): IssuedCredential => {
    const issued = issueSession(account, role, who, 12 * HOUR_SECONDS, issuedAt(standard))
    const session = who === person ? underKey(standard, issued, names.accessKeyId) : issued
    recordSamlIssue(account, { role, provider, person: who, session, sourceIp: ip, userAgent: BROWSER })
    return session
  }
  const stolen = first(person, remoteIp)
  const colleague = 'bob@acme.example'
  const take = (): IssuedCredential | undefined => letIn(account, role.name, arrivalOf(colleague, COLLEAGUE))
  const newCredentials = renewedHourly(account, first(colleague, COLLEAGUE.sourceIp), take)
  writeUsualCalls(standard, { ...stolen, accessKeyId: newAccessKeyId(account, 'ASIA') }, COLLEAGUE, 20)
  return {
    ...{ stolen, roleName: role.name, newCredentials, begin: () => consumerActs(standard, newCredentials, COLLEAGUE) },
    mint: () => letIn(account, role.name, arrivalOf(person, { sourceIp: remoteIp, userAgent: BROWSER })),
  }
}
