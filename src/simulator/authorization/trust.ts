import { SECOND_MS } from '../../incident/values/duration.ts'
import type { Account, AccountRole } from '../account/account.ts'
import { timeIn } from '../agenda.ts'
import { type ConditionKey, holds, parseCondition } from './conditions.ts'
import { type ContextValues, requestContext } from './context.ts'

/** What a role's trust policy says of a caller: named itself, its account named (then its own policies decide), refused, or neither. */
export type Trust = 'names-principal' | 'names-account' | 'denies' | 'none'

/** Somebody who wants to assume a role, by the names under which a trust policy may let him in. */
export interface TrustCaller {
  /** The kind of principal in the policy: an AWS principal or an identity provider. */
  readonly under: 'AWS' | 'Federated'
  readonly action: 'sts:AssumeRole' | 'sts:AssumeRoleWithWebIdentity'
  readonly names: readonly string[]
  /** Of an AWS principal: the account, which a policy may name in place of the principal. */
  readonly accountId?: string
  readonly context: ContextValues
}

interface TrustStatement {
  readonly Effect?: unknown
  readonly Action?: unknown
  readonly Principal?: unknown
  readonly Condition?: unknown
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value])

const statementsOf = (trustPolicy: string): readonly TrustStatement[] =>
  listOf((JSON.parse(trustPolicy) as { Statement?: unknown }).Statement).filter(
    (statement): statement is TrustStatement => typeof statement === 'object' && statement !== null,
  )

const UNKNOWN_ELEMENTS = ['NotPrincipal', 'NotAction']

/**
 * Reads a trust policy's conditions and elements. Throws an Error with a sentence for what is malformed, or for what the simulated account
 * does not know how to decide by.
 */
export const checkTrustPolicy = (trustPolicy: string): void => {
  for (const statement of statementsOf(trustPolicy)) {
    const unknown = UNKNOWN_ELEMENTS.find((name) => Object.hasOwn(statement, name))
    if (unknown !== undefined) throw new Error(`The simulated account does not know ${unknown} in a trust policy.`)
    conditionsOf(statement)
  }
}

const conditionsOf = ({ Condition }: TrustStatement): readonly ConditionKey[] =>
  Object.entries((Condition ?? {}) as Record<string, Record<string, unknown>>).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => parseCondition(operator, key, listOf(values).map(String))),
  )

const includesAction = ({ Action }: TrustStatement, action: string): boolean =>
  listOf(Action).some(
    (named) =>
      named === action || named === 'sts:*' || named === '*' || (named === 'sts:AssumeRole*' && /^sts:AssumeRole/.test(action)),
  )

const principalsOf = ({ Principal }: TrustStatement, under: TrustCaller['under']): readonly unknown[] => {
  if (typeof Principal !== 'object' || Principal === null) return listOf(Principal)
  return listOf((Principal as Readonly<Record<string, unknown>>)[under])
}

const namedBy = (account: Account, statement: TrustStatement, caller: TrustCaller): 'principal' | 'account' | undefined => {
  const named = new Set(principalsOf(statement, caller.under))
  if (named.has('*') || caller.names.some((name) => named.has(name))) return 'principal'
  const { accountId } = caller
  if (accountId === undefined) return undefined
  return named.has(accountId) || named.has(`arn:${account.partition}:iam::${accountId}:root`) ? 'account' : undefined
}

/** The trust policy that calls are decided by: the newest once it has spread. */
const trustInForce = (account: Account, { trustPolicy, trustBefore }: AccountRole): string => {
  if (!trustBefore) return trustPolicy
  const hasSpread = timeIn(account) >= trustBefore.writtenAt + account.behaviour.policyPropagation * SECOND_MS
  return hasSpread ? trustPolicy : trustBefore.trustPolicy
}

/** What the role's trust policy, as far as it has spread, says of a caller. A deny in it beats every allow. */
export const trustOf = (account: Account, role: AccountRole, caller: TrustCaller): Trust => {
  const context = requestContext(caller.context)
  const applying = statementsOf(trustInForce(account, role))
    .filter((statement) => includesAction(statement, caller.action))
    .filter((statement) => conditionsOf(statement).every((condition) => holds(condition, context, true)))
    .map((statement) => ({ effect: statement.Effect, by: namedBy(account, statement, caller) }))
    .filter(({ by }) => by !== undefined)
  if (applying.some(({ effect }) => effect === 'Deny')) return 'denies'
  const allowing = applying.filter(({ effect }) => effect === 'Allow')
  if (allowing.some(({ by }) => by === 'principal')) return 'names-principal'
  return allowing.length > 0 ? 'names-account' : 'none'
}
