import type { Account } from '../account/account.ts'
import { roleArn } from '../account/arns.ts'
import { type CredentialPrincipal, principalArn } from '../account/credentials.ts'
import type { NamedPolicy } from './evaluate.ts'
import { type ParsedResourcePolicy, parseResourcePolicy } from './policy.ts'

const BUCKET = /^arn:[^:]+:s3:::([^/]+)/

type Statement = ParsedResourcePolicy['statements'][number]

/** A statement that names the account leaves an allow to the account's own policies; a deny binds everybody in it. */
const isAbout = (account: Account, { principals, effect }: Statement, names: readonly string[]): boolean => {
  const named = principals.get('AWS') ?? []
  if (named.includes('*') || names.some((name) => named.includes(name))) return true
  return effect === 'Deny' && (named.includes(account.id) || named.includes(`arn:${account.partition}:iam::${account.id}:root`))
}

/** The policy of the bucket that a resource lies in, as far as it is about a principal of the account. It is decided by at once. */
export const bucketPolicies = (account: Account, principal: CredentialPrincipal, resource: string): readonly NamedPolicy[] => {
  const text = account.buckets.get(BUCKET.exec(resource)?.[1] ?? '')?.policy
  if (text === undefined) return []
  const { variables, statements } = parseResourcePolicy(text)
  const session = principalArn(account, principal)
  const names = principal.type === 'role-session' ? [session, roleArn(account, principal.roleName)] : [session]
  return [
    {
      ...{ name: 'bucket-policy', kind: 'resource' },
      document: { variables, statements: statements.filter((statement) => isAbout(account, statement, names)) },
    },
  ]
}
