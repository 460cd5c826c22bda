import type { ConditionRead, PolicyRead, StatementRead, TrustedPrincipal, TrustRead } from '../../incident/facts/role-profile.ts'
import type { Line, Span } from '../../incident/values/block.ts'
import type { Untrusted } from '../../incident/values/untrusted.ts'
import { inARow } from './account.ts'

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
export const policyLines = (policy: PolicyRead): readonly Line[] => {
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
export const trustLine = ({ effect, except, principals, actions, conditions }: TrustRead): Line => [
  effect === 'Allow' ? 'may be taken by ' : 'may not be taken by ',
  ...(except ? ['everybody but '] : []),
  ...inARow(principals.slice(0, PRINCIPALS).map(principalSpans)),
  ...(principals.length > PRINCIPALS ? [` and ${principals.length - PRINCIPALS} more`] : []),
  ' with ',
  ...some(actions, ACTIONS),
  ...conditionSpans(conditions),
]

/** Whether a statement lets in somebody from outside of the account. */
export const letsOutsidersIn = ({ effect, except, principals }: TrustRead): boolean =>
  effect === 'Allow' && (except || principals.some(({ external }) => external))
