import { SECOND_MS } from '../../incident/values/duration.ts'
import type { Account, AccountRole } from '../account/account.ts'
import { timeIn } from '../agenda.ts'
import { holds } from './conditions.ts'
import { type ContextValues, requestContext } from './context.ts'
import { matchesAction } from './evaluate.ts'
import { type ParsedTrustPolicy, parseTrustPolicy } from './policy.ts'

/** What a role's trust policy says of a caller: named itself, its account named (then its own policies decide), refused, or neither. */
export type Trust = 'names-principal' | 'names-account' | 'denies' | 'none'

/** Somebody who wants to assume a role, by the names under which a trust policy may let him in. */
export interface TrustCaller {
  /** The kind of principal in the policy: an AWS principal, an identity provider or an AWS service. */
  readonly under: 'AWS' | 'Federated' | 'Service'
  readonly action: 'sts:AssumeRole' | 'sts:AssumeRoleWithWebIdentity' | 'sts:AssumeRoleWithSAML'
  readonly names: readonly string[]
  /** Of an AWS principal: the account, which a policy may name in place of the principal. */
  readonly accountId?: string
  readonly context: ContextValues
}

type TrustStatement = ParsedTrustPolicy['statements'][number]

const namedBy = (account: Account, statement: TrustStatement, caller: TrustCaller): 'principal' | 'account' | undefined => {
  const named = new Set(statement.principals.get(caller.under))
  if (named.has('*') || caller.names.some((name) => named.has(name))) return 'principal'
  const { accountId } = caller
  if (accountId === undefined) return undefined
  return named.has(accountId) || named.has(`arn:${account.partition}:iam::${accountId}:root`) ? 'account' : undefined
}

/** The trust policy that calls are decided by: the newest once it has spread. */
export const trustInForce = (account: Account, { trustPolicy, trustBefore }: AccountRole): string => {
  if (!trustBefore) return trustPolicy
  const hasSpread = timeIn(account) >= trustBefore.writtenAt + account.behaviour.policyPropagation * SECOND_MS
  return hasSpread ? trustPolicy : trustBefore.trustPolicy
}

/** What the role's trust policy, as far as it has spread, says of a caller. A deny in it beats every allow. */
export const trustOf = (account: Account, role: AccountRole, caller: TrustCaller): Trust => {
  const context = requestContext(caller.context)
  const { statements, variables } = parseTrustPolicy(trustInForce(account, role))
  const applying = statements
    .filter((statement) => matchesAction(statement, caller.action))
    .filter(({ conditions }) => conditions.every((condition) => holds(condition, context, variables)))
    .map((statement) => ({ effect: statement.effect, by: namedBy(account, statement, caller) }))
    .filter(({ by }) => by !== undefined)
  if (applying.some(({ effect }) => effect === 'Deny')) return 'denies'
  const allowing = applying.filter(({ effect }) => effect === 'Allow')
  if (allowing.some(({ by }) => by === 'principal')) return 'names-principal'
  return allowing.length > 0 ? 'names-account' : 'none'
}
