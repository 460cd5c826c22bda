import { decodePolicy, plainPolicy, type Statement, statementsOf } from '../../aws/policy-document.ts'
import type { PersistenceArtefact, Remedy } from '../../incident/facts/activity-rows.ts'
import type { TrustedPrincipal } from '../../incident/facts/role-profile.ts'
import type { Span } from '../../incident/values/block.ts'
import { accountNamedBy, isUniqueId } from '../../incident/values/identifiers.ts'
import { shellWord } from '../../incident/values/shell-word.ts'
import { asciiJson } from '../../incident/values/show.ts'
import { rawText, type Untrusted } from '../../incident/values/untrusted.ts'
import { readTrust } from '../enrichment/read-trust.ts'
import { changed, gone, type LookResult, there } from './rule.ts'
import { PRINCIPALS_KEPT, writtenPolicyOf } from './written-policy.ts'

/**
 * A role's trust policy as IAM has it now, compared with the one in the record: the artefact is there while the policy lets in
 * a principal outside the account that the record let in, and the remedy is then the policy of now without such principals.
 */
export const trustStanding = (encoded: string | undefined, artefact: PersistenceArtefact, accountId: string): LookResult => {
  const { writtenPolicy, names } = artefact
  const text = encoded === undefined ? undefined : plainPolicy(encoded)
  const now = text === undefined ? undefined : writtenPolicyOf(text)
  const allows = readTrust(text, accountId)?.filter(({ effect }) => effect === 'Allow')
  if (text === undefined || !now || !writtenPolicy || !allows || allows.some(({ except }) => except))
    return changed('the role has a trust policy; ir-cred cannot tell whether it still allows the principals in the record')
  const { fingerprint, allowedPrincipals } = writtenPolicy
  const trusted = new Map(allows.flatMap(({ principals }) => principals).map((principal) => [rawText(principal.name), principal]))
  const still = allowedPrincipals.flatMap((principal) => trusted.get(rawText(principal)) ?? [])
  const external = still.filter((principal) => principal.external).map(({ name }) => name)
  const remedy = withoutExternal(text, external, names.role?.[0])
  if (now.fingerprint === fingerprint)
    return {
      ...there('the trust policy is the one in the record; it allows ', ...list(still.map(({ name }) => name))),
      ...remedy,
    }
  if (external.length > 0)
    return { ...there('the trust policy was changed since the record, and still allows ', ...list(external)), ...remedy }
  const unusual = still.filter((principal) => !isUsual(principal)).map(({ name }) => name)
  if (unusual.length > 0) return changed('the trust policy was changed since the record, and still allows ', ...list(unusual))
  if (allowedPrincipals.length >= PRINCIPALS_KEPT)
    return changed(`the trust policy was changed since the record, which allowed more than ${PRINCIPALS_KEPT} principals`)
  return allowedPrincipals.some((principal) => isExternal(rawText(principal), accountId))
    ? gone('the trust policy was changed: it allows none of the external principals in the record')
    : changed('the trust policy was changed since the record')
}

/** Whether a principal is outside the account: everybody, another account, or an identity provider that is not the account's. */
const isExternal = (principal: string, accountId: string): boolean => {
  if (principal === '*') return true
  const account = accountNamedBy(principal)
  if (account !== undefined) return account !== accountId
  if (principal.startsWith('cognito-identity.')) return true
  // An AWS service, or the unique id that stands for a deleted role or user.
  return !/\.amazonaws\.com(?:\.cn)?$/.test(principal) && !isUniqueId(principal)
}

/** An AWS service, the account's own root (which grants nothing by itself), and the id of a deleted principal. */
const isUsual = ({ kind, external }: TrustedPrincipal): boolean =>
  kind === 'service' || (!external && (kind === 'account' || kind === 'id'))

const list = (names: readonly Untrusted[]): readonly Span[] =>
  names.length === 0 ? ['nobody'] : names.flatMap((name, index) => (index > 0 ? [', ', name] : [name]))

/** A command that writes the trust policy without these principals; nothing if no statement would be left. */
const withoutExternal = (
  text: string,
  external: readonly Untrusted[],
  role: string | undefined,
): { readonly remedy?: Remedy } => {
  const document = decodePolicy(text)
  if (!document || external.length === 0 || role === undefined) return {}
  const names = new Set(external.map(rawText))
  const Statement = statementsOf(document).flatMap((statement) => withoutPrincipals(statement, names))
  if (Statement.length === 0) return {}
  const policy = shellWord(asciiJson({ ...document, Statement }))
  return {
    remedy: {
      command: `aws iam update-assume-role-policy --role-name ${shellWord(role)} --policy-document ${policy}`,
      note: 'This is the current trust policy without its external principals. Compare it with the role’s template.',
    },
  }
}

/** A statement without these principals; nothing if none is left. */
const withoutPrincipals = (statement: Statement, names: ReadonlySet<string>): readonly Statement[] => {
  const { Effect, Principal } = statement
  if (Effect !== 'Allow' || Principal === undefined) return [statement]
  if (typeof Principal === 'string') return names.has(Principal) ? [] : [statement]
  const kept = Object.entries(Principal).flatMap(([kind, value]) => {
    const left = [value].flat().filter((name) => !names.has(name))
    return left.length > 0 ? [[kind, left.length === 1 ? (left[0] ?? '') : left] as const] : []
  })
  return kept.length > 0 ? [{ ...statement, Principal: Object.fromEntries(kept) }] : []
}
