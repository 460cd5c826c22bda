import type { AccountProfile, ListedAccount, OrganizationStep } from '../../incident/facts/account-profile.ts'
import type { Tag } from '../../incident/facts/role-profile.ts'
import { type Block, fields, type Line, type Span } from '../../incident/values/block.ts'
import { flattenUntrusted } from '../../incident/values/show.ts'

/** The rows of a list that a screen has room for; JSON has them all. */
const SHOWN = 12

/** Where it happened, each line with its source. What could not be read is `incomplete` of the profile, and not shown here. */
export const accountBlocks = (profile: AccountProfile): readonly Block[] => {
  const { accountId, alias, organization, name, email, status, joinedAt, path, tags, listed } = profile
  return [
    fields(
      ['account', alias ? [accountId, ', alias ', alias, ' (IAM)'] : accountId],
      name || email || status
        ? ['named', by('AWS Organizations', inARow([name, email, status].flatMap((text) => (text ? [[text]] : []))))]
        : undefined,
      joinedAt ? ['joined', [{ at: joinedAt }, ' (AWS Organizations)']] : undefined,
      organization
        ? [
            'organization',
            `${organization.id}${organization.managementAccountId ? `, managed by ${organization.managementAccountId}` : ''} (AWS Organizations)`,
          ]
        : undefined,
      path.length > 0 ? ['lies in', by('AWS Organizations', inARow(path.map(stepName), ' / '))] : undefined,
      tags.length > 0 ? ['tags', by('AWS Organizations', tagSpans(tags))] : undefined,
      listed ? ['your file', listedLine(listed)] : undefined,
    ),
  ]
}

const by = (source: string, spans: readonly Span[]): Line => [...spans, ` (${source})`]

/** Pieces one after the other, with something between them. */
export const inARow = (pieces: readonly (readonly Span[])[], between = ', '): readonly Span[] =>
  pieces.flatMap((piece, index) => (index === 0 ? piece : [between, ...piece]))

const stepName = ({ kind, id, name }: OrganizationStep): readonly Span[] => [name ?? (kind === 'root' ? 'Root' : id)]

/** Tags as `key=value`, the first ones. */
export const tagSpans = (tags: readonly Tag[]): readonly Span[] => [
  ...inARow(tags.slice(0, SHOWN).map(({ key, value }) => [key, '=', value])),
  ...(tags.length > SHOWN ? [` and ${tags.length - SHOWN} more`] : []),
]

const listedLine = ({ owner, environment, dataClass, further }: ListedAccount): Line => {
  const known: (readonly Span[])[] = [
    ...(owner ? [['owner ', owner]] : []),
    ...(environment ? [['environment ', environment]] : []),
    ...(dataClass ? [['data class ', dataClass]] : []),
  ]
  const others = further.slice(0, SHOWN).map(({ name, value }) => [name, ' ', value])
  const pieces = [...known, ...others]
  return pieces.length === 0 ? 'lists the account and says nothing of it' : inARow(pieces)
}

/** The account for JSON: complete, texts raw; what nothing tells is null. */
export const accountJson = (profile: AccountProfile): object => ({
  accountId: profile.accountId,
  alias: flat(profile.alias),
  name: flat(profile.name),
  email: flat(profile.email),
  status: flat(profile.status),
  joinedAt: profile.joinedAt ?? null,
  organization: profile.organization ?? null,
  path: flat(profile.path),
  tags: flat(profile.tags),
  listed: flat(profile.listed),
  incomplete: profile.incomplete,
})

/** For JSON only, which escapes what is in it. */
const flat = (value: unknown): unknown => flattenUntrusted(value) ?? null
