import type { ApiRow } from '../../incident/facts/activity-rows.ts'
import type {
  LastUse,
  PrincipalProfile,
  RiskRemark,
  RoleProfile,
  UserKey,
  UserProfile,
} from '../../incident/facts/role-profile.ts'
import { type Block, fields, type Line, list, type Span, text, warning } from '../../incident/values/block.ts'
import { HOUR_SECONDS } from '../../incident/values/duration.ts'
import { flattenUntrusted } from '../../incident/values/show.ts'
import { inARow, tagSpans } from './account.ts'
import { usedOf } from './held-statements.ts'
import { RISK_SENTENCE } from './risks.ts'
import { letsOutsidersIn, policyLines, trustLine } from './statement-lines.ts'
import { usedBlocks } from './used-blocks.ts'

/** The rows of a list that a screen has room for; JSON has them all. */
const ROWS = 25

/**
 * With which permissions it was done: who may take the role (or what the user has), the policies as IAM has them now, and what
 * was used of them by CloudTrail. What could not be read is `incomplete` of the profile, and not told here.
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

/** IAM's last use is hours late at times: it is told with its witness. */
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
