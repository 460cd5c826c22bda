import type { ApiRow } from '../../incident/facts/activity-rows.ts'
import type {
  ConditionRead,
  LastUse,
  PolicyRead,
  PrincipalProfile,
  RiskRemark,
  RoleProfile,
  StatementRead,
  TrustedPrincipal,
  TrustRead,
  UserKey,
  UserProfile,
} from '../../incident/facts/role-profile.ts'
import { type Block, fields, type Line, list, type Span, text, warning } from '../../incident/values/block.ts'
import { HOUR_SECONDS } from '../../incident/values/duration.ts'
import { flattenUntrusted } from '../../incident/values/show.ts'
import type { Untrusted } from '../../incident/values/untrusted.ts'
import { RISK_SENTENCE } from '../enrichment/risks.ts'
import { inARow, tagSpans } from './account.ts'
import { usedBlocks, usedOf } from './used-permissions.ts'

/** The rows of a list that a screen has room for; JSON has them all. */
const ROWS = 25

/**
 * With which permissions it was done: who may take the role (or what the user has), the policies as IAM has them now, and what
 * was used of them by CloudTrail. What could not be read is `incomplete` of the profile, and not shown here.
 */
export const permissionBlocks = (profile: PrincipalProfile, apis: readonly ApiRow[]): readonly Block[] => {
  if (profile.found === 'gone')
    return [text(`IAM has no ${profile.kind} ${profile.name} any more: its permissions are not known.`)]
  return [
    fields(...whoFields(profile)),
    ...(profile.kind === 'role' ? trustBlocks(profile) : keyBlocks(profile)),
    ...policyBlocks(profile),
    ...riskBlocks(profile.risks),
    ...usedBlocks(usedOf(profile, apis), profile),
  ]
}

type Field = readonly [label: string, line: Line] | undefined

const whoFields = (profile: PrincipalProfile): readonly Field[] => {
  const { kind, name, path, id, createdAt, tags } = profile
  return [
    [kind, `${name}${path === undefined || path === '/' ? '' : `, path ${path}`}${id === undefined ? '' : `, ${id}`} (IAM)`],
    createdAt ? ['made', [{ at: createdAt }]] : undefined,
    ...(kind === 'role' ? roleFields(profile) : userFields(profile)),
    tags.length > 0 ? ['tags', tagSpans(tags)] : undefined,
  ]
}

const roleFields = ({ found, description, maxSessionDuration, lastUsed }: RoleProfile): readonly Field[] => [
  description ? ['described as', [description]] : undefined,
  maxSessionDuration === undefined ? undefined : ['sessions', `up to ${hours(maxSessionDuration)}`],
  found === 'found'
    ? ['last used', lastUsed ? lastUsedSpans(lastUsed) : 'never, of what IAM looks back on (400 days)']
    : undefined,
]

const hours = (seconds: number): string => {
  const whole = seconds / HOUR_SECONDS
  return whole === 1 ? '1 hour' : `${Number(whole.toFixed(1))} hours`
}

/** IAM's last use is hours late at times: it is shown with its source. */
const lastUsedSpans = ({ at, region, service }: LastUse): readonly Span[] => [
  { at },
  ...(region ? [' in ', region] : []),
  ...(service ? [', ', service] : []),
  ' (IAM, which may be hours late)',
]

const userFields = ({ groups, mfa, consolePassword, passwordLastUsed }: UserProfile): readonly Field[] => [
  groups.length > 0 ? ['groups', inARow(groups.map((group) => [group]))] : undefined,
  ['MFA', mfa.length > 0 ? inARow(mfa.map(({ serial }) => [serial])) : 'no device that IAM names'],
  consolePassword === undefined
    ? undefined
    : [
        'console',
        consolePassword
          ? ['has a password', ...(passwordLastUsed ? [', last used ', { at: passwordLastUsed }] : [])]
          : 'has no password',
      ],
]

const trustBlocks = ({ trust }: RoleProfile): readonly Block[] => {
  if (trust.length === 0) return []
  const outsiders = trust.some(letsOutsidersIn)
  return [
    outsiders
      ? warning('The role may be taken from outside of its account, by its trust policy (IAM):')
      : text('Who may take the role, by its trust policy (IAM):'),
    list(trust.slice(0, ROWS).map(trustLine)),
  ]
}

const keyBlocks = ({ keys }: UserProfile): readonly Block[] =>
  keys.length === 0 ? [] : [text('Its long-term keys (IAM):'), list(keys.map(keyLine))]

const keyLine = ({ accessKeyId, status, createdAt, lastUsed }: UserKey): Line => [
  `${accessKeyId}, ${status}`,
  ...(createdAt ? [', made ', { at: createdAt }] : []),
  ...(lastUsed ? [', last used ', ...lastUsedSpans(lastUsed)] : []),
]

const policyBlocks = ({ policies, kind, found }: PrincipalProfile): readonly Block[] => {
  if (policies.length === 0) return found === 'found' ? [text(`IAM names no policy of the ${kind}.`)] : []
  const lines = policies.flatMap(policyLines)
  return [
    text('What its policies say (IAM, as they stand now):'),
    list([...lines.slice(0, ROWS), ...(lines.length > ROWS ? [`${lines.length - ROWS} more statements`] : [])]),
  ]
}

const riskBlocks = (risks: readonly RiskRemark[]): readonly Block[] =>
  risks.length === 0 ? [] : [warning('Far-reaching permissions:'), list(risks.slice(0, ROWS).map(riskLine)), text(RISK_SENTENCE)]

const riskLine = ({ rule, policy, group, pattern, narrowed }: RiskRemark): Line => [
  `${rule}: `,
  pattern,
  ' in ',
  policy,
  ...(group ? [' of group ', group] : []),
  narrowed ? ', narrowed by a resource or a condition' : '',
]

/** The permissions for JSON: complete, texts raw; what nothing tells is null. */
export const permissionsJson = (profile: PrincipalProfile, apis: readonly ApiRow[]): object => ({
  ...commonOf(profile),
  ...(profile.kind === 'role' ? roleOf(profile) : userOf(profile)),
  policies: flat(profile.policies),
  risks: flat(profile.risks),
  used: usedOf(profile, apis),
  incomplete: profile.incomplete,
})

const commonOf = ({ kind, found, name, arn, id, path, createdAt, tags }: PrincipalProfile) => ({
  kind,
  found,
  name,
  arn: arn ?? null,
  id: id ?? null,
  path: path ?? null,
  createdAt: createdAt ?? null,
  tags: flat(tags),
})

const roleOf = ({ description, maxSessionDuration, trust, lastUsed }: RoleProfile) => ({
  description: flat(description),
  maxSessionDuration: maxSessionDuration ?? null,
  trust: flat(trust),
  lastUsed: flat(lastUsed),
})

const userOf = ({ groups, keys, mfa, consolePassword, passwordLastUsed }: UserProfile) => ({
  groups: flat(groups),
  keys: flat(keys),
  mfa: flat(mfa),
  consolePassword: consolePassword ?? null,
  passwordLastUsed: passwordLastUsed ?? null,
})

/** For JSON only, which escapes what is in it. */
const flat = (value: unknown): unknown => flattenUntrusted(value) ?? null

/** How many names a line shows before it says how many more there are. */
const ACTIONS = 4
const RESOURCES = 2
const PRINCIPALS = 6

/** A policy's name with where it comes from. */
const policyName = ({ name, kind, version, group, use }: PolicyRead): readonly Span[] => [
  name,
  ` (${use === 'boundary' ? 'boundary, ' : ''}${kind}`,
  ...(version ? [' ', version] : []),
  ...(group ? [', of group ', group] : []),
  ')',
]

/** A policy in lines for people: a statement each, shortened. */
const policyLines = (policy: PolicyRead): readonly Line[] => {
  const name = policyName(policy)
  if (policy.unread !== undefined) return [[...name, `: ${policy.unread}`]]
  if (policy.statements.length === 0) return [[...name, ' says nothing']]
  return policy.statements.map((statement, index) => [...(index === 0 ? [...name, ': '] : ['  ']), ...statementSpans(statement)])
}

const statementSpans = (statement: StatementRead): readonly Span[] => {
  const { effect, actions, notActions, resources, notResources, conditions } = statement
  return [
    `${effect} `,
    ...(notActions.length > 0 ? ['all but ', ...some(notActions, ACTIONS)] : some(actions, ACTIONS)),
    ' on ',
    ...(notResources.length > 0 ? ['all but ', ...some(notResources, RESOURCES)] : some(resources, RESOURCES)),
    ...conditionSpans(conditions),
  ]
}

const some = (texts: readonly Untrusted[], most: number): readonly Span[] => [
  ...inARow(texts.slice(0, most).map((text) => [text])),
  ...(texts.length > most ? [` and ${texts.length - most} more`] : []),
]

const conditionSpans = (conditions: readonly ConditionRead[]): readonly Span[] =>
  conditions.length === 0
    ? []
    : [
        ' if ',
        ...inARow(
          conditions.map(({ operator, key, values }) => [key, ' ', operator, ' ', ...some(values, RESOURCES)]),
          ' and ',
        ),
      ]

const WORDS: Readonly<Record<TrustedPrincipal['kind'], string>> = {
  account: 'account ',
  role: 'role ',
  user: 'user ',
  session: 'session ',
  id: '',
  service: '',
  provider: 'identity provider ',
  anyone: 'anyone ',
}

const principalSpans = ({ kind, name, external }: TrustedPrincipal): readonly Span[] => [
  WORDS[kind],
  name,
  ...(external && kind !== 'anyone' ? [', outside of the account'] : []),
]

/** A statement of a trust policy: who, by which action, under which conditions. */
const trustLine = ({ effect, except, principals, actions, conditions }: TrustRead): Line => [
  effect === 'Allow' ? 'may be taken by ' : 'may not be taken by ',
  ...(except ? ['everybody but '] : []),
  ...inARow(principals.slice(0, PRINCIPALS).map(principalSpans)),
  ...(principals.length > PRINCIPALS ? [` and ${principals.length - PRINCIPALS} more`] : []),
  ' with ',
  ...some(actions, ACTIONS),
  ...conditionSpans(conditions),
]

/** Whether a statement lets in somebody from outside of the account. */
const letsOutsidersIn = ({ effect, except, principals }: TrustRead): boolean =>
  effect === 'Allow' && (except || principals.some(({ external }) => external))
