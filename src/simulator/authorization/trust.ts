import type { Account, AccountRole } from '../account/account.ts'
import { principalArns } from '../account/arns.ts'
import type { CredentialPrincipal } from '../account/credentials.ts'

/** What a role's trust policy says of a caller: named itself, its account named (then its own policies decide), or neither. */
export type Trust = 'names-principal' | 'names-account' | 'none'

interface TrustStatement {
  readonly Effect?: unknown
  readonly Action?: unknown
  readonly Principal?: unknown
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value])

const statementsOf = (trustPolicy: string): readonly TrustStatement[] =>
  listOf((JSON.parse(trustPolicy) as { Statement?: unknown }).Statement).filter(
    (statement): statement is TrustStatement => typeof statement === 'object' && statement !== null,
  )

/** The AWS principals that may assume the role; services and identity providers stand under other keys. */
const trusted = ({ Effect, Action, Principal }: TrustStatement): readonly unknown[] => {
  if (
    Effect !== 'Allow' ||
    !listOf(Action).some((action) => action === 'sts:AssumeRole' || action === 'sts:*' || action === '*')
  ) {
    return []
  }
  if (typeof Principal !== 'object' || Principal === null) return listOf(Principal)
  return listOf((Principal as { readonly AWS?: unknown }).AWS)
}

/** Reads a trust policy's Allow statements for a caller of the same account. Conditions in it are not evaluated. */
export const trustOf = (account: Account, role: AccountRole, principal: CredentialPrincipal): Trust => {
  const names = new Set(statementsOf(role.trustPolicy).flatMap(trusted))
  if (names.has('*') || principalArns(account, principal).some((arn) => names.has(arn))) return 'names-principal'
  const isAccount = names.has(account.id) || names.has(`arn:${account.partition}:iam::${account.id}:root`)
  return isAccount ? 'names-account' : 'none'
}
