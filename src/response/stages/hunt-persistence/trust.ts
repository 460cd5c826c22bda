import { decodePolicy, plainPolicy, type Statement, statementsOf } from '../../../aws/policy-document.ts'
import type { PersistenceArtefact, Remedy } from '../../../incident/facts/activity-rows.ts'
import type { TrustedPrincipal } from '../../../incident/facts/role-profile.ts'
import type { Span } from '../../../incident/values/block.ts'
import { accountNamedBy, isUniqueId } from '../../../incident/values/identifiers.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { asciiJson } from '../../../incident/values/show.ts'
import { rawText, type Untrusted } from '../../../incident/values/untrusted.ts'
import { readTrust } from '../../../investigation/enrichment/read-trust.ts'
import { NAMED, writtenPolicyOf } from '../../../investigation/persistence/written-policy.ts'
import { changed, gone, type LookResult, there } from './look.ts'

/** Whether a principal of a trust policy is outside of the account: everybody, another account, somebody else's provider. */
const isOutside = (principal: string, accountId: string): boolean => {
  if (principal === '*') return true
  const account = accountNamedBy(principal)
  if (account !== undefined) return account !== accountId
  if (principal.startsWith('cognito-identity.')) return true
  // A service of AWS, or the unique id that stands for a role or user who is gone.
  return !/\.amazonaws\.com(?:\.cn)?$/.test(principal) && !isUniqueId(principal)
}

/** A service of AWS, the account's own root, which hands on to nobody by itself, and whoever is gone: an id stands for them. */
const isUsual = ({ kind, external }: TrustedPrincipal): boolean =>
  kind === 'service' || (!external && (kind === 'account' || kind === 'id'))

/** Who may assume the role as it stands now, beside whom the record let in. */
export const trustStanding = (encoded: string | undefined, row: PersistenceArtefact, accountId: string): LookResult => {
  const { writtenPolicy, names } = row
  const text = encoded === undefined ? undefined : plainPolicy(encoded)
  const now = text === undefined ? undefined : writtenPolicyOf(text)
  const allowed = readTrust(text, accountId)?.filter(({ effect }) => effect === 'Allow')
  if (text === undefined || !now || !writtenPolicy || !allowed || allowed.some(({ except }) => except))
    return changed('the role has a trust policy; whom the record let in cannot be told')
  const standing = new Map(
    allowed.flatMap(({ principals }) => principals).map((principal) => [rawText(principal.name), principal]),
  )
  const still = writtenPolicy.allowedPrincipals.flatMap((principal) => standing.get(rawText(principal)) ?? [])
  const stillIn = still.map(({ name }) => name)
  const outside = still.filter(({ external }) => external).map(({ name }) => name)
  const remedy = takenOut(text, outside, names.role?.[0])
  if (now.fingerprint === writtenPolicy.fingerprint) {
    return { ...there('the trust policy is the one that the record shows; it lets in ', ...list(stillIn)), ...remedy }
  }
  if (outside.length > 0)
    return { ...there('the trust policy was written anew, and still lets in ', ...list(outside)), ...remedy }
  const unusual = still.filter((principal) => !isUsual(principal)).map(({ name }) => name)
  if (unusual.length > 0) return changed('the trust policy was written anew, and still lets in ', ...list(unusual))
  if (writtenPolicy.allowedPrincipals.length >= NAMED)
    return changed('the trust policy was written anew; not all whom the record let in are known')
  return writtenPolicy.allowedPrincipals.some((principal) => isOutside(rawText(principal), accountId))
    ? gone('the trust policy was written anew: it lets in nobody from outside whom the record let in')
    : changed('the trust policy was written anew since the record')
}

const list = (names: readonly Untrusted[]): readonly Span[] =>
  names.length === 0 ? ['nobody'] : names.flatMap((name, index) => (index > 0 ? [', ', name] : [name]))

/** The trust policy of now without those, as a command; nothing where that cannot be written, or would let in nobody at all. */
const takenOut = (text: string, outside: readonly Untrusted[], role: string | undefined): { readonly remedy?: Remedy } => {
  const document = decodePolicy(text)
  if (!document || outside.length === 0 || role === undefined) return {}
  const names = new Set(outside.map(rawText))
  const Statement = statementsOf(document).flatMap((statement) => withoutPrincipals(statement, names))
  if (Statement.length === 0) return {}
  const policy = shellWord(asciiJson({ ...document, Statement }))
  return {
    remedy: {
      command: `aws iam update-assume-role-policy --role-name ${shellWord(role)} --policy-document ${policy}`,
      note: 'That is the trust policy of now without whom it lets in from outside of the account. Compare it with the role’s template.',
    },
  }
}

/** A statement without these principals; none when it is left without any. */
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
