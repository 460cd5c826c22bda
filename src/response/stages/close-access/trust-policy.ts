import { decodePolicy, plainPolicy, type Statement, statementsOf, valuesOf } from '../../../aws/policy-document.ts'
import type { SourceCredential } from '../../../incident/facts/issue.ts'
import { isAccountId } from '../../../incident/values/identifiers.ts'
import { rawText } from '../../../incident/values/untrusted.ts'

/** An identity as a trust policy knows it, and the call by which it takes a session. */
export interface TrustedCaller {
  readonly under: 'Federated' | 'AWS'
  /** The provider's ARN or name; of another account the ARN of its root. */
  readonly principal: string
  readonly action: string
  /** The condition key that tells the identity from others of the same principal. */
  readonly key: string
  readonly operator: 'StringEquals' | 'StringLike'
  readonly value: string
}

const ACTIONS = {
  'web-identity': 'sts:AssumeRoleWithWebIdentity',
  saml: 'sts:AssumeRoleWithSAML',
  'other-account': 'sts:AssumeRole',
} as const

/**
 * The identity that took the session, as the role's trust policy knows it; undefined where CloudTrail's record does not say it in
 * full. Keys: "Available keys for AWS web identity federation", "… for SAML-based AWS STS federation", aws:userid.
 */
export const trustedCaller = ({ kind, identity }: SourceCredential, partition: string): TrustedCaller | undefined => {
  if (!identity || !(kind === 'web-identity' || kind === 'saml' || kind === 'other-account')) return undefined
  const { trusted } = identity
  const action = ACTIONS[kind]
  const subject = rawText(identity.subject)
  if (kind !== 'other-account') {
    const key = kind === 'saml' ? 'saml:sub' : `${trusted.replace(/^.*:oidc-provider\//, '')}:sub`
    return { under: 'Federated', principal: trusted, action, key, operator: 'StringEquals', value: subject }
  }
  if (!isAccountId(trusted)) return undefined
  // The id of a role's session ends in the session's name, which its caller chooses.
  const isRole = subject.startsWith('AROA')
  return {
    ...{ under: 'AWS', principal: `arn:${partition}:iam::${trusted}:root`, action, key: 'aws:userid' },
    ...(isRole ? { operator: 'StringLike', value: `${subject}:*` } : { operator: 'StringEquals', value: subject }),
  }
}

/** A text that IAM takes as it is: `${` would begin a policy variable ("IAM policy elements: Variables and tags"). */
const literal = (text: string): string => text.replaceAll(/\$(?=\{)/g, '$${$$}')

/** What refuses the identity, and nobody else of the same principal. */
const refusalStatement = ({ under, principal, action, operator, key, value }: TrustedCaller): Statement => ({
  Effect: 'Deny',
  Principal: { [under]: principal },
  Action: action,
  Condition: { [operator]: { [key]: literal(value) } },
})

/** The trust policy with the refusal at its end; what its owner wrote stays as it is. */
export const withRefusal = (document: string, caller: TrustedCaller): string | undefined => {
  const policy = decodePolicy(document)
  if (policy === undefined) return undefined
  const statements = statementsOf(policy)
  const Sid = `IrCredRefuses${statements.length + 1}`
  return JSON.stringify({ ...policy, Statement: [...statements, { Sid, ...refusalStatement(caller) }] })
}

/**
 * Whether the trust policy lets the identity in, as far as its principals, actions and the identity's own condition say: a condition of
 * another kind is taken as fulfilled where it allows, and as not fulfilled where it denies.
 */
export const letsIn = (document: string, caller: TrustedCaller): boolean => {
  const statements = statementsOf(decodePolicy(plainPolicy(document))).filter((one) => appliesTo(one, caller))
  if (statements.some((one) => one.Effect === 'Deny' && refusesFully(one, caller))) return false
  return statements.some((one) => one.Effect === 'Allow' && !excludes(one, caller))
}

const appliesTo = ({ Action, NotAction, NotPrincipal, Principal, Effect }: Statement, caller: TrustedCaller): boolean => {
  if (NotAction !== undefined || NotPrincipal !== undefined) return Effect === 'Allow'
  if (!valuesOf(Action).some((action) => matches(action.toLowerCase(), caller.action.toLowerCase()))) return false
  if (typeof Principal === 'string') return Principal === '*'
  return valuesOf(Principal?.[caller.under]).some((named) => names(named, caller, Effect === 'Allow'))
}

/** A principal of the other account is one that may be the identity: an allow that names it may let it in. */
const names = (named: string, { under, principal }: TrustedCaller, isAllow: boolean): boolean => {
  if (named === '*' || named === principal) return true
  if (under === 'Federated') return false
  const account = principal.split(':')[4] ?? ''
  return named === account || (isAllow && named.split(':')[4] === account)
}

/** No condition, or the identity's own alone. */
const refusesFully = ({ Condition }: Statement, caller: TrustedCaller): boolean => {
  const operators = Object.entries(Condition ?? {})
  const keys = operators.flatMap(([, keysOf]) => Object.keys(keysOf))
  return keys.length === 0 || (keys.length === 1 && operators.every(([operator, one]) => covers(operator, one, caller) === true))
}

/** A condition on the identity's own key that it does not fulfil. */
const excludes = ({ Condition }: Statement, caller: TrustedCaller): boolean =>
  Object.entries(Condition ?? {}).some(([operator, keys]) => covers(operator, keys, caller) === false)

/** Whether the values of the identity's own key cover it; undefined where the operator or the key is another. */
const covers = (
  operator: string,
  keys: Readonly<Record<string, string | readonly string[]>>,
  { key, value }: TrustedCaller,
): boolean | undefined => {
  const own = Object.entries(keys).find(([name]) => name.toLowerCase() === key.toLowerCase())
  if (!own || !/^String(?:Equals|Like)$/i.test(operator)) return undefined
  const isLike = /like$/i.test(operator)
  return valuesOf(own[1]).some((one) => one === literal(value) || (isLike && matches(one, value)))
}

/** IAM's wildcards: `*` is any text, `?` one character. */
const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  ).test(text)
