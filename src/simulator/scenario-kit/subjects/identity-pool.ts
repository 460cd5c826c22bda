import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import type { Account, AccountRole } from '../../account/account.ts'
import { roleArn } from '../../account/arns.ts'
import type { IssuedCredential } from '../../account/credentials.ts'
import { issueSession, newAccessKeyId } from '../../issue-credentials.ts'
import { hexFrom } from '../../random.ts'
import { recordEvent } from '../../records/record.ts'
import { type CallingWorkload, consumerActs, issuedAt, issuedElements, roleFor, underKey, writeUsualCalls } from './issued.ts'
import { letIn, renewedHourly, sessionElements } from './let-in.ts'
import type { SubjectBuilder } from './subject.ts'
import { identityPoolTrust } from './trusts.ts'

/** The provider that tokens of identity pools are of: a service's own, which no account has to set up. */
const COGNITO = 'cognito-identity.amazonaws.com'
const SESSION = 'CognitoIdentityCredentials'

/** Guests of the application's web page. */
const GUESTS: CallingWorkload = { sourceIp: '192.0.2.140', userAgent: 'aws-sdk-js/3.600.0 ua/2.0 os/iOS#17.5 lang/js' }

const newIdentity = (account: Account): string => {
  const hex = hexFrom(account.random, 32)
  return `${account.region}:${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')}`
}

/** Cognito's call for an identity of the pool, as CloudTrail records it. */
const recordPoolIssue = (
  account: Account,
  role: AccountRole,
  pool: string,
  identity: string,
  session: IssuedCredential,
): void => {
  const { user, resources } = sessionElements(account, role, session)
  recordEvent(account, {
    identity: {
      type: 'WebIdentityUser',
      principalId: `${COGNITO}:${pool}:${identity}`,
      userName: identity,
      identityProvider: COGNITO,
    },
    ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRoleWithWebIdentity', readOnly: true, at: session.issuedAt },
    ...{ sourceIp: COGNITO, userAgent: COGNITO },
    requestParameters: { RoleArn: roleArn(account, role.name), RoleSessionName: SESSION, DurationSeconds: 3_600 },
    responseElements: {
      ...issuedElements(session),
      ...user,
      ...{ SubjectFromWebIdentityToken: identity, Provider: COGNITO, Audience: pool },
    },
    resources: resources ?? [],
  })
}

/** A session of the role of a pool that knows guests: whoever knows the pool's id takes another under a new identity each time. */
export const identityPoolSession: SubjectBuilder = (standard, names) => {
  const { account, now } = standard
  const pool = newIdentity(account)
  const role = roleFor(standard, names, {
    ...{ name: 'app-guest', id: 'AROAXCSEC6TN5APPGST77', trustPolicy: identityPoolTrust(pool) },
  })
  account.identityPools.set(pool, { id: pool, name: 'acme-app', allowsGuests: true, tags: { team: 'app' } })
  const take = (): IssuedCredential | undefined => {
    if (account.identityPools.get(pool)?.allowsGuests !== true) return undefined
    const identity = newIdentity(account)
    const context = {
      [`${COGNITO}:aud`]: [pool],
      [`${COGNITO}:sub`]: [identity],
      [`${COGNITO}:amr`]: ['unauthenticated'],
    }
    const caller = { under: 'Federated', action: 'sts:AssumeRoleWithWebIdentity', names: [COGNITO], context } as const
    return letIn(account, role.name, {
      ...{ caller, sessionName: SESSION, record: (session) => recordPoolIssue(account, role, pool, identity, session) },
    })
  }
  const first = (): IssuedCredential =>
    issueSession(account, role, names.sessionName ?? SESSION, HOUR_SECONDS, issuedAt(standard))
  // An hour is over soon in a simulated account: the finding's session lasts a little longer.
  const stolen = underKey(
    standard,
    { ...first(), expiresAt: now + 4 * HOUR_SECONDS * 1000 },
    names.accessKeyId ?? newAccessKeyId(account, 'ASIA'),
  )
  recordPoolIssue(account, role, pool, newIdentity(account), stolen)
  writeUsualCalls(standard, { ...stolen, accessKeyId: newAccessKeyId(account, 'ASIA') }, GUESTS, 20)
  const guest = first()
  recordPoolIssue(account, role, pool, newIdentity(account), guest)
  const newCredentials = renewedHourly(account, guest, take)
  return {
    ...{ stolen, roleName: role.name, newCredentials, mint: take },
    begin: () => consumerActs(standard, newCredentials, GUESTS),
  }
}
