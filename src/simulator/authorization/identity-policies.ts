import { SECOND_MS } from '../../incident/values/duration.ts'
import type { Account, AccountRole, User } from '../account/account.ts'
import type { ManagedPolicy } from '../account/holdings.ts'
import type { Group, RolePolicy } from '../account/identities.ts'
import { timeIn } from '../agenda.ts'
import type { NamedPolicy } from './evaluate.ts'
import { parsePolicy } from './policy.ts'

/** Which state of the policies counts: what IAM has stored, or what has reached the services that decide about calls. */
type Basis = 'stored' | 'spread'

type Holder = Pick<AccountRole | User, 'inline' | 'deleted' | 'attachedPolicies' | 'boundary'> & Pick<User, 'groups'>

/** The document a call is evaluated against at a time (ms), while the newest one may still be spreading. */
const spreadDocument = (policy: RolePolicy, at: number, propagationMs: number): string | undefined =>
  at >= policy.writtenAt + propagationMs ? policy.document : policy.before

const spreadInline = (account: Account, { inline, deleted }: Holder): [name: string, document: string][] => {
  const at = timeIn(account)
  const propagationMs = account.behaviour.policyPropagation * SECOND_MS
  const written = [...inline].map(([name, policy]) => [name, spreadDocument(policy, at, propagationMs)] as const)
  const leaving = [...deleted].filter(([name, { deletedAt }]) => !inline.has(name) && at < deletedAt + propagationMs)
  return [...written, ...leaving.map(([name, { document }]) => [name, document] as const)].flatMap(([name, document]) =>
    document === undefined ? [] : [[name, document]],
  )
}

/** The inline policies of a role or user by name, as text. */
export const inlineDocuments = (account: Account, holder: Holder, basis: Basis): [name: string, document: string][] =>
  basis === 'spread'
    ? spreadInline(account, holder)
    : [...holder.inline].map(([name, { document }]): [string, string] => [name, document])

/** A managed policy. Throws RangeError when the account does not have it: the scenario attached something it never made. */
export const managedPolicy = (account: Account, arn: string): ManagedPolicy => {
  const policy = account.managedPolicies.get(arn)
  if (!policy) throw new RangeError(`the simulated account has no managed policy ${arn}`)
  return policy
}

/** The groups of a user. Throws RangeError for one that the account does not have. */
export const groupsOfUser = (account: Account, { groups = [] }: Pick<User, 'groups'>): Group[] =>
  groups.map((name) => {
    const group = account.groups.get(name)
    if (!group) throw new RangeError(`the simulated account has no group ${name}`)
    return group
  })

/** Everything IAM weighs for a role or user: inline and attached policies, those of its groups, and the permissions boundary. */
export const policiesOf = (account: Account, holder: Holder, basis: Basis): NamedPolicy[] => {
  const named = (kind: NamedPolicy['kind'], name: string, document: string): NamedPolicy => ({
    name,
    kind,
    document: parsePolicy(document),
  })
  const inherited = groupsOfUser(account, holder).flatMap((group) => policiesOf(account, group, basis))
  const managed = holder.attachedPolicies.map((arn) => managedPolicy(account, arn))
  const boundary = holder.boundary === undefined ? [] : [managedPolicy(account, holder.boundary)]
  return [
    ...inlineDocuments(account, holder, basis).map(([name, document]) => named('inline', name, document)),
    ...managed.map(({ name, document }) => named('managed', name, document)),
    ...inherited,
    ...boundary.map(({ name, document }) => named('boundary', name, document)),
  ]
}

/** What is evaluated under a name right now: kept as `before` when the policy is written anew. */
export const documentInForce = (account: Account, holder: Holder, name: string): string | undefined =>
  spreadInline(account, holder).find(([policyName]) => policyName === name)?.[1]
