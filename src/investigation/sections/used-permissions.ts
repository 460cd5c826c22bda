import type { ApiRow } from '../../incident/facts/activity-rows.ts'
import type { PolicyRead, PrincipalProfile, StatementRead } from '../../incident/facts/role-profile.ts'
import { type Block, fields, type Line, type Span, text, warning } from '../../incident/values/block.ts'
import { given } from '../../incident/values/given.ts'
import { rawText, type Untrusted, untrusted } from '../../incident/values/untrusted.ts'
import { inOrder } from '../analysis/call-totals.ts'
import { type GrantedStatement, type MissingGrant, type UsedAndGranted, usedAndGranted } from '../analysis/used-and-granted.ts'
import { inARow } from './account.ts'

/** Names in a line; JSON has them all. */
const SHOWN = 8

const REFUSED_BY: Readonly<Record<MissingGrant['by'], string>> = {
  deny: 'an explicit Deny forbids it',
  'no grant': 'no policy allows it',
  boundary: 'the boundary does not allow it',
  elsewhere: 'its policies allow it: a resource, a condition or another policy (organization, resource) refused',
}

/** What CloudTrail shows as used against what IAM has: what was never needed, what came from elsewhere, what was refused and why. */
export const usedBlocks = (used: UsedAndGranted, { policies }: Pick<PrincipalProfile, 'policies'>): readonly Block[] => {
  if (policies.length === 0) return []
  const { grants, usedWithoutGrant, deniedSince, refused } = used
  const patterns = (isUsed: boolean) => grants.filter((grant) => grant.used.length > 0 === isUsed).map(({ pattern }) => pattern)
  return [
    text('Used (CloudTrail) against allowed (IAM); resources and conditions are not weighed:'),
    fields(
      ['used', counted(patterns(true), grants.length, named)],
      ['never used', counted(patterns(false), grants.length, byService)],
      usedWithoutGrant.length > 0 ? ['not by these', [...named(usedWithoutGrant), NOT_BY_THESE]] : undefined,
      ...refusals(refused),
    ),
    ...(deniedSince.length > 0 ? [warning('Worked then, and an explicit Deny forbids it now: ', ...named(deniedSince))] : []),
    ...(policies.some(({ unread }) => unread !== undefined) ? [text(NOT_ALL_READ)] : []),
  ]
}

const NOT_BY_THESE = ': no policy here allows it; a resource’s own did, or the policies were changed since'
const NOT_ALL_READ = 'Not all policies could be read: what none seems to allow, those may.'

const counted = (patterns: readonly string[], all: number, tell: (patterns: readonly string[]) => readonly Span[]): Line => [
  `${patterns.length} of ${all} allowed patterns`,
  ...(patterns.length > 0 ? [': ', ...tell(patterns)] : []),
]

/** How many patterns of each service, the most first; a pattern over services (`*`) stands for itself. */
const byService = (patterns: readonly string[]): readonly Span[] => {
  const counts = new Map<string, number>()
  for (const pattern of patterns) {
    const service = /^[\w-]+(?=:)/.exec(pattern)?.[0] ?? pattern
    counts.set(service, (counts.get(service) ?? 0) + 1)
  }
  const services = [...counts].sort(([a, x], [b, y]) => y - x || inOrder(a, b))
  return [
    ...inARow(services.slice(0, SHOWN).map(([service, count]) => [untrusted(service), ` (${count})`])),
    ...(services.length > SHOWN ? [` and ${services.length - SHOWN} more`] : []),
  ]
}

/** Patterns are texts of policies, and names of actions texts of records. */
const named = (names: readonly string[]): readonly Span[] => [
  ...inARow(names.slice(0, SHOWN).map((name) => [untrusted(name)])),
  ...(names.length > SHOWN ? [` and ${names.length - SHOWN} more`] : []),
]

const refusals = (refused: readonly MissingGrant[]): readonly (readonly [string, Line])[] =>
  (Object.keys(REFUSED_BY) as MissingGrant['by'][]).flatMap((by) => {
    const actions = refused.filter((refusal) => refusal.by === by).map(({ action }) => action)
    return actions.length === 0 ? [] : [['refused', [...named(actions), `: ${REFUSED_BY[by]}`]] as const]
  })

/** What was called (CloudTrail) set against what the policies say (IAM), boundary and explicit Deny included. */
export const usedOf = ({ policies }: PrincipalProfile, apis: readonly ApiRow[]): UsedAndGranted => {
  const boundary = policies.filter(({ use }) => use === 'boundary')
  const limits = boundary.length > 0 && boundary.every(({ unread }) => unread === undefined)
  return usedAndGranted(apis, heldIn(policies, 'permissions'), ...(limits ? [heldIn(policies, 'boundary')] : []))
}

const heldIn = (policies: readonly PolicyRead[], wanted: PolicyRead['use']): readonly GrantedStatement[] =>
  policies.filter(({ use }) => use === wanted).flatMap(({ statements }) => statements.map(asGranted))

const asGranted = ({ effect, actions, notActions, resources, notResources, conditions }: StatementRead): GrantedStatement => ({
  Effect: effect,
  ...(notActions.length > 0 ? { NotAction: raw(notActions) } : { Action: raw(actions) }),
  ...(notResources.length > 0 ? { NotResource: raw(notResources) } : { Resource: raw(resources) }),
  ...given({ Condition: conditions.length > 0 ? { conditions } : undefined }),
})

/** For comparing only. */
const raw = (texts: readonly Untrusted[]): readonly string[] => texts.map(rawText)
