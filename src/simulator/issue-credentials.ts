import { HOUR_SECONDS, MINUTE_SECONDS, SECOND_MS } from '../incident/values/duration.ts'
import type { Account, AccountRole, Instance, User } from './account/account.ts'
import type { CredentialPrincipal, IssuedCredential } from './account/credentials.ts'
import type { WebIdentityToken } from './account/holdings.ts'
import { timeIn } from './agenda.ts'
import { floorToSecond } from './clock.ts'
import { between } from './random.ts'
import { recordIssue } from './records/record.ts'

/** In four of four public CloudTrail records of EC2's AssumeRole, expiration − issue is 6 h 35 min. */
const INSTANCE_SESSION_SECONDS = 6 * HOUR_SECONDS + 35 * MINUTE_SECONDS

const KEY_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const BASE64_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** When the metadata service begins to hand a set out, and what it then shows as LastUpdated. Both ms. */
interface HandOut {
  readonly from: number
  readonly lastUpdated: number
}

const textFrom = (random: () => number, characters: string, length: number): string => {
  let text = ''
  while (text.length < length) text += characters.charAt(Math.floor(random() * characters.length))
  return text
}

/** A new access key id that the account does not know yet: `ASIA…` for a session, `AKIA…` for a user. */
export const newAccessKeyId = (account: Account, prefix: 'ASIA' | 'AKIA'): string => {
  const id = `${prefix}${textFrom(account.random, KEY_CHARACTERS, 16)}`
  return account.credentials.find(id) ? newAccessKeyId(account, prefix) : id
}

/** A new secret access key: 40 characters. */
const newSecretAccessKey = (account: Account): string => textFrom(account.random, BASE64_CHARACTERS, 40)

/** What a session is limited to and tagged with by whoever makes it. */
export type SessionLimits = Pick<IssuedCredential, 'sessionPolicies' | 'sessionTags' | 'viaConsole' | 'assumedRoot'>

const registerSession = (
  account: Account,
  principal: CredentialPrincipal,
  issuedAt: number,
  seconds: number,
): IssuedCredential => ({
  accessKeyId: newAccessKeyId(account, 'ASIA'),
  secretAccessKey: newSecretAccessKey(account),
  sessionToken: `IQoJb3JpZ2luX2Vj${textFrom(account.random, BASE64_CHARACTERS, 284)}`,
  principal,
  issuedAt: floorToSecond(issuedAt),
  expiresAt: floorToSecond(issuedAt) + seconds * SECOND_MS,
})

const roleSession = (role: AccountRole, sessionName: string): CredentialPrincipal => ({
  type: 'role-session',
  roleName: role.name,
  roleId: role.id,
  sessionName,
})

/** The role of an instance, by way of its instance profile; undefined when it has none. */
export const roleOfInstance = (account: Account, instance: Instance): AccountRole | undefined => {
  const profile = instance.profileName === undefined ? undefined : account.instanceProfiles.get(instance.profileName)
  return profile?.roleName === undefined ? undefined : account.roles.get(profile.roleName)
}

/**
 * EC2 takes credentials of the instance's role and hands them out over IMDSv1 ('1.0') or IMDSv2 ('2.0'): always two
 * separate sets, which is why differing keys prove nothing. Recorded as AssumeRole by the service. `issuedAt` in ms;
 * without `handOut` the set is handed out at its issue. Throws RangeError for an instance without a role.
 */
export const issueInstanceCredentials = (
  account: Account,
  instance: Instance,
  delivery: '1.0' | '2.0',
  issuedAt: number,
  handOut: HandOut = { from: floorToSecond(issuedAt), lastUpdated: floorToSecond(issuedAt) },
): IssuedCredential => {
  const role = roleOfInstance(account, instance)
  if (!role) throw new RangeError(`${instance.id} has no role`)
  const session = registerSession(account, roleSession(role, instance.id), issuedAt, INSTANCE_SESSION_SECONDS)
  const credential = account.credentials.register({ ...session, ec2RoleDelivery: delivery, instanceId: instance.id })
  instance.delivered[delivery === '1.0' ? 'v1' : 'v2'].push({ accessKeyId: credential.accessKeyId, ...handOut })
  recordIssue(account, credential)
  return credential
}

/** Both sets in the same second, as at every start of an instance; LastUpdated is then a few seconds late at most. */
export const issueAtStart = (account: Account, instance: Instance, issuedAt: number): void => {
  const lastUpdated = floorToSecond(issuedAt) + Math.floor(between(account.random, 0, 4)) * SECOND_MS
  for (const delivery of ['1.0', '2.0'] as const) {
    issueInstanceCredentials(account, instance, delivery, issuedAt, { from: floorToSecond(issuedAt), lastUpdated })
  }
}

/**
 * Both sets anew on a running instance. They are handed out up to `behaviour.lastUpdatedLag` after their issue, and
 * LastUpdated is the hand-out: so LastUpdated after a cut-off does not prove an issue after it.
 */
export const issueAtRefresh = (account: Account, instance: Instance, issuedAt: number): void => {
  const from = floorToSecond(issuedAt + between(account.random, 0.1, 1) * account.behaviour.lastUpdatedLag * SECOND_MS)
  for (const delivery of ['1.0', '2.0'] as const) {
    issueInstanceCredentials(account, instance, delivery, issuedAt, { from, lastUpdated: from })
  }
}

/** The credentials that the metadata service hands out at a time (ms); undefined before the first. */
export const handedOut = (
  account: Account,
  instance: Instance,
  delivery: '1.0' | '2.0',
  at: number,
): IssuedCredential | undefined => {
  const set = instance.delivered[delivery === '1.0' ? 'v1' : 'v2'].findLast(({ from }) => from <= at)
  return set && account.credentials.find(set.accessKeyId)
}

/** A session of a role for somebody who assumed it: a person, a function, the attacker. Not recorded: the call for it is. */
export const issueSession = (
  account: Account,
  role: AccountRole,
  sessionName: string,
  seconds: number,
  issuedAt: number = timeIn(account),
  limits: SessionLimits = {},
): IssuedCredential =>
  account.credentials.register({ ...registerSession(account, roleSession(role, sessionName), issuedAt, seconds), ...limits })

/** A session of a user (GetSessionToken, the console): its key is an `ASIA…` too, but there is no role behind it. */
export const issueUserSession = (
  account: Account,
  user: User,
  seconds: number,
  issuedAt: number = timeIn(account),
  limits: SessionLimits = {},
): IssuedCredential => {
  const principal: CredentialPrincipal = { type: 'user', userName: user.name, userId: user.id }
  return account.credentials.register({ ...registerSession(account, principal, issuedAt, seconds), ...limits })
}

/** A session that a broker took for one of its own users (GetFederationToken): the user's permissions, cut to the session policies. */
export const issueFederatedSession = (
  account: Account,
  user: User,
  federatedName: string,
  seconds: number,
  limits: SessionLimits,
  issuedAt: number = timeIn(account),
): IssuedCredential => {
  const principal: CredentialPrincipal = { type: 'federated-user', userName: user.name, userId: user.id, federatedName }
  return account.credentials.register({ ...registerSession(account, principal, issuedAt, seconds), ...limits })
}

/** A session of the root user: of the console, or of AssumeRoot from the management account. */
export const issueRootSession = (
  account: Account,
  seconds: number,
  issuedAt: number = timeIn(account),
  limits: SessionLimits = {},
): IssuedCredential =>
  account.credentials.register({ ...registerSession(account, { type: 'root' }, issuedAt, seconds), viaConsole: true, ...limits })

/** A long-term key of the root user, active at once. */
export const issueRootKey = (account: Account, createdAt: number = timeIn(account)): IssuedCredential => {
  const id = newAccessKeyId(account, 'AKIA')
  account.rootUser.accessKeys.set(id, { id, createdAt, status: 'Active', changedAt: createdAt })
  return account.credentials.register({
    ...{ accessKeyId: id, secretAccessKey: newSecretAccessKey(account), principal: { type: 'root' }, issuedAt: createdAt },
  })
}

/** A token of an identity provider for one of its subjects, good for a day as a pod's is by default. Times in ms. */
export const issueWebIdentityToken = (
  account: Account,
  { provider, subject, audience }: Pick<WebIdentityToken, 'provider' | 'subject' | 'audience'>,
  issuedAt: number = timeIn(account),
): WebIdentityToken => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const [iat, exp] = [floorToSecond(issuedAt) / SECOND_MS, floorToSecond(issuedAt) / SECOND_MS + 24 * HOUR_SECONDS]
  const claims = { iss: `https://${provider}`, sub: subject, aud: [audience], iat, exp }
  const signature = textFrom(account.random, `${KEY_CHARACTERS}0189_-`, 86)
  const token = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${signature}`
  const held = { token, provider, subject, audience, issuedAt: iat * SECOND_MS, expiresAt: exp * SECOND_MS }
  account.webIdentityTokens.set(token, held)
  return held
}

/** A long-term key for a user, active at once. */
export const issueUserKey = (account: Account, user: User, createdAt: number = timeIn(account)): IssuedCredential => {
  const id = newAccessKeyId(account, 'AKIA')
  user.accessKeys.set(id, { id, createdAt, status: 'Active', changedAt: createdAt })
  const principal: CredentialPrincipal = { type: 'user', userName: user.name, userId: user.id }
  return account.credentials.register({
    accessKeyId: id,
    secretAccessKey: newSecretAccessKey(account),
    principal,
    issuedAt: createdAt,
  })
}
