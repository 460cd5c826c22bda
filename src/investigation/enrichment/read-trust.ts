import { decodePolicy, type Statement, statementsOf, valuesOf } from '../../aws/policy-document.ts'
import type { TrustedPrincipal, TrustRead } from '../../incident/facts/role-profile.ts'
import { accountNamedBy, arnOf, isAccountId, isUniqueId } from '../../incident/values/identifiers.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import { conditionsOf, effectOf, textsOf } from './read-statements.ts'

/**
 * Who may take a role, statement by statement; `accountId` is the role's own, so that whoever is outside of it is marked.
 * Undefined for what is no policy document. See "AWS JSON policy elements: Principal".
 */
export const readTrust = (document: string | undefined, accountId: string): readonly TrustRead[] | undefined => {
  const decoded = decodePolicy(document)
  return decoded && statementsOf(decoded).flatMap((statement) => trustOf(statement, accountId))
}

const trustOf = (statement: Statement, accountId: string): readonly TrustRead[] => {
  const effect = effectOf(statement)
  if (!effect) return []
  const except = statement.Principal === undefined && statement.NotPrincipal !== undefined
  return [
    {
      effect,
      except,
      principals: principalsOf(except ? statement.NotPrincipal : statement.Principal, accountId),
      actions: textsOf(statement.Action),
      conditions: conditionsOf(statement),
    },
  ]
}

const principalsOf = (principal: Statement['Principal'], accountId: string): readonly TrustedPrincipal[] => {
  if (typeof principal === 'string') return [awsPrincipal(principal, accountId)]
  if (typeof principal !== 'object' || principal === null || Array.isArray(principal)) return []
  return Object.entries(principal).flatMap(([type, names]) => valuesOf(names).map((name) => principalOf(type, name, accountId)))
}

const principalOf = (type: string, name: string, accountId: string): TrustedPrincipal => {
  if (type === 'Service') return { kind: 'service', name: untrusted(name), external: false }
  return type === 'Federated' ? provider(name, accountId) : awsPrincipal(name, accountId)
}

/** A provider of this account lets its own users in; a public one (`accounts.google.com`) everybody that the conditions let through. */
const provider = (name: string, accountId: string): TrustedPrincipal => {
  const arn = arnOf(name)
  const owner = /^(?:saml|oidc)-provider\//.test(arn?.resource ?? '') ? accountNamedBy(name) : undefined
  const whose = owner === undefined ? {} : { accountId: owner }
  return { kind: 'provider', name: untrusted(name), ...whose, external: owner !== accountId }
}

const KINDS: ReadonlyMap<string, TrustedPrincipal['kind']> = new Map([
  ['root', 'account'],
  ['role', 'role'],
  ['user', 'user'],
  ['assumed-role', 'session'],
  ['federated-user', 'session'],
])

const awsPrincipal = (name: string, accountId: string): TrustedPrincipal => {
  if (name === '*') return { kind: 'anyone', name: untrusted(name), external: true }
  if (isAccountId(name)) return { kind: 'account', name: untrusted(name), accountId: name, external: name !== accountId }
  const owner = accountNamedBy(name)
  const kind = KINDS.get(arnOf(name)?.resource.split('/')[0] ?? '')
  // An id stands where a role or user was deleted: nobody has it any more.
  if (owner === undefined || !kind) return { kind: 'id', name: untrusted(name), external: !isUniqueId(name) }
  return { kind, name: untrusted(name), accountId: owner, external: owner !== accountId }
}
