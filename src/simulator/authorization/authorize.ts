import { SECOND_MS } from '../../incident/values/duration.ts'
import type { Account, AccountRole, User } from '../account/account.ts'
import { accountOf, type CredentialPrincipal, type IssuedCredential, principalArn } from '../account/credentials.ts'
import type { RootUser } from '../account/identities.ts'
import { inRegion } from '../account/regional.ts'
import { timeIn } from '../agenda.ts'
import { type Call, ServiceError } from '../call.ts'
import type { Authorization, Operation } from '../service.ts'
import { bucketPolicies } from './bucket-policy.ts'
import type { ContextValues } from './context.ts'
import { type Decision, evaluate, type NamedPolicy } from './evaluate.ts'
import { policiesOf } from './identity-policies.ts'
import { parsePolicy } from './policy.ts'
import { accessDenied, type DenialReason, expiredCredentials, unknownCredentials } from './refusals.ts'
import { type RequestOrigin, requestKeys } from './request-context.ts'

/**
 * Whose policies a principal has: a federated user those of the IAM user behind it. A role or user that was deleted and made again under
 * its name is another one: old sessions have no permissions in it.
 */
const holderOf = (account: Account, principal: CredentialPrincipal): AccountRole | User | undefined => {
  if (principal.type === 'root' || principal.type === 'web-identity') return undefined
  if (principal.type === 'role-session') return sameId(account.roles.get(principal.roleName), principal.roleId)
  return sameId(account.users.get(principal.userName), principal.userId)
}

const sameId = <H extends { readonly id: string }>(holder: H | undefined, id: string): H | undefined =>
  holder?.id === id ? holder : undefined

/** GetFederationToken, "Permissions": without a session policy a federated user may do nothing. */
const NOTHING: NamedPolicy = { name: 'session-none', kind: 'session', document: { variables: true, statements: [] } }

const sessionLimits = ({ principal, sessionPolicies = [] }: IssuedCredential): NamedPolicy[] => {
  if (sessionPolicies.length === 0) return principal.type === 'federated-user' ? [NOTHING] : []
  return sessionPolicies.map((document, index) => ({
    name: `session-${index}`,
    kind: 'session',
    document: parsePolicy(document),
  }))
}

/** No policy of the account binds its root user; a session of AssumeRoot is limited to its task policy. */
const ROOT: NamedPolicy = {
  name: 'root',
  kind: 'inline',
  document: parsePolicy('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'),
}

/** Policies of the organization deny its members, and never its management account; what they allow is not simulated ("SCP evaluation"). */
const controlPolicies = ({ id, organization }: Account): NamedPolicy[] =>
  !organization || organization.managementAccountId === id
    ? []
    : [...organization.controlPolicies.values()]
        .filter(({ targets }) => targets.has(id))
        .map(({ name, content }) => {
          const document = parsePolicy(content)
          const statements = document.statements.filter(({ effect }) => effect === 'Deny')
          return { name, kind: 'control', document: { ...document, statements } }
        })

const spreadPolicies = (account: Account, credential: IssuedCredential, { resource }: Authorization): NamedPolicy[] => {
  const ofOthers = [...bucketPolicies(account, credential.principal, resource), ...controlPolicies(account)]
  if (credential.principal.type === 'root') return [ROOT, ...sessionLimits(credential), ...ofOthers]
  const holder = holderOf(account, credential.principal)
  return holder ? [...policiesOf(account, holder, 'spread'), ...sessionLimits(credential), ...ofOthers] : []
}

const contextOf = (
  account: Account,
  credential: IssuedCredential,
  origin: RequestOrigin,
  asked: Authorization,
): ContextValues => ({
  ...requestKeys(account, credential, origin),
  ...Object.fromEntries(Object.entries(asked.context ?? {}).map(([key, value]) => [key, [value]])),
})

/**
 * Decides what IAM says to an action with a credential at the account's time: against the policies as far as they
 * have spread, so that a deny written a second ago does not bite yet. Knows any action, of services simulated or not.
 */
export const decide = (account: Account, credential: IssuedCredential, asked: Authorization, origin: RequestOrigin): Decision => {
  const { action, resource } = asked
  return evaluate(spreadPolicies(account, credential, asked), {
    action,
    resource,
    context: contextOf(account, credential, origin, asked),
  })
}

const LIMITS = ['boundary', 'session'] as const

const NAMES: Readonly<Record<(typeof LIMITS)[number], DenialReason['by']>> = {
  boundary: 'permissions boundary',
  session: 'session policy',
}

/** Which kind of policy stands in the way: asked again without each kind of limit, the answer tells. */
const reasonOf = (account: Account, credential: IssuedCredential, asked: Authorization, origin: RequestOrigin): DenialReason => {
  const policies = spreadPolicies(account, credential, asked)
  const request = { ...asked, context: contextOf(account, credential, origin, asked) }
  const explicit = evaluate(policies, request).decision === 'explicitDeny'
  const without = (limits: readonly NamedPolicy['kind'][]) =>
    evaluate(
      policies.filter(({ kind }) => !limits.includes(kind)),
      request,
    ).decision
  if (explicit && without(['control']) !== 'explicitDeny') return { explicit, by: 'service control policy' }
  if (explicit && without(['resource']) !== 'explicitDeny') return { explicit, by: 'resource-based policy' }
  const identityOnly = without(LIMITS)
  if (explicit ? identityOnly === 'explicitDeny' : identityOnly !== 'allowed') return { explicit, by: 'identity-based policy' }
  const isBoundary = explicit ? without(['session']) === 'explicitDeny' : without(['session']) !== 'allowed'
  return { explicit, by: NAMES[isBoundary ? 'boundary' : 'session'] }
}

/** Who has long-term keys. */
const keyHolderOf = (account: Account, principal: CredentialPrincipal): User | RootUser | undefined => {
  if (principal.type === 'root') return account.rootUser
  return principal.type === 'user' ? account.users.get(principal.userName) : undefined
}

const isActive = (account: Account, credential: IssuedCredential): boolean => {
  const { accessKeyId, principal, sessionToken } = credential
  if (accountOf(account, credential) !== account.id) return true
  const holder = keyHolderOf(account, principal)
  if (!holder) return principal.type !== 'user' || sessionToken !== undefined
  const key = holder.accessKeys.get(accessKeyId)
  // A long-term key that was deleted, or whose user was; sessions have no key of their own.
  if (!key) return sessionToken !== undefined
  const hasSpread = timeIn(account) >= key.changedAt + account.behaviour.policyPropagation * SECOND_MS
  return hasSpread ? key.status === 'Active' : true
}

/**
 * GetSessionToken and GetFederationToken, "Permissions": a user's session without MFA calls no IAM, and of STS two operations; a federated
 * user's calls no IAM, and of STS GetCallerIdentity. A session of the console may call both.
 */
const isBarredSession = ({ service, operation }: Call, { principal, sessionToken, viaConsole }: IssuedCredential): boolean => {
  if (principal.type === 'federated-user') {
    return service === 'iam' || (service === 'sts' && operation !== 'GetCallerIdentity')
  }
  if (principal.type !== 'user' || sessionToken === undefined || viaConsole) return false
  return service === 'iam' || (service === 'sts' && !['AssumeRole', 'GetCallerIdentity', 'GetSessionToken'].includes(operation))
}

/** Services that answer everywhere; all others know an account's credentials only where the account has enabled the Region. */
const GLOBAL: ReadonlySet<string> = new Set(['iam', 'organizations'])

/** "Activating and deactivating AWS STS in an AWS Region", "Specify which AWS Regions your account can use". */
const refuseDisabledRegion = ({ enabledRegions, id }: Account, { service, region }: Call): void => {
  if (GLOBAL.has(service) || enabledRegions.includes(region)) return
  if (service !== 'sts') throw unknownCredentials(service)
  const message = `STS is not activated in this region for account:${id}. Your account administrator can activate STS in this region using the IAM Console.`
  throw new ServiceError('RegionDisabledException', message, 403)
}

const isExpired = (account: Account, { expiresAt = Infinity }: IssuedCredential): boolean => expiresAt <= timeIn(account)

/** Whether AWS takes the credentials for authentic: expired ones, and a key that is inactive or deleted, end before anything is recorded. */
export const areAuthentic = (account: Account, credential: IssuedCredential): boolean =>
  !isExpired(account, credential) && isActive(account, credential)

const refuseUnusable = (account: Account, call: Call, credential: IssuedCredential): void => {
  refuseDisabledRegion(account, call)
  if (isExpired(account, credential)) throw expiredCredentials(call.service)
  if (!isActive(account, credential) || isBarredSession(call, credential)) throw unknownCredentials(call.service)
}

/** The refusal of one action, or undefined when it is allowed. */
const refusalOf = (
  account: Account,
  credential: IssuedCredential,
  asked: Authorization,
  call: Pick<Call, 'service' | 'sourceIp' | 'userAgent' | 'region'>,
): ReturnType<typeof accessDenied> | undefined => {
  const isStranger = accountOf(account, credential) !== account.id
  // What another account's policies say is not simulated: whoever comes from there may ask Detective about a graph, and nothing here.
  if (isStranger && call.service === 'detective') return undefined
  if (!isStranger && decide(account, credential, asked, call).decision === 'allowed') return undefined
  const principal = principalArn({ ...account, id: accountOf(account, credential) }, credential.principal)
  const named = { principalArn: principal, action: asked.action, resource: asked.resource }
  return accessDenied(call.service, named, reasonOf(account, credential, asked, call))
}

/**
 * Lets a call pass or throws the service's own ServiceError: expired or inactive credentials, or an action that the
 * caller's policies do not allow at the account's time. An operation with an empty list of authorizations
 * (GetCallerIdentity) passes even under a deny.
 */
export const authorizeCall = (account: Account, operation: Operation, call: Call, credential: IssuedCredential): void => {
  refuseUnusable(account, call, credential)
  const asked = operation.authorize?.(inRegion(account, call.region), call.input as never) ?? [
    { action: `${call.service}:${call.operation}`, resource: '*' },
  ]
  for (const authorization of asked) {
    const refusal = refusalOf(account, credential, authorization, call)
    if (refusal) throw refusal
  }
}
