import { type ConditionKey, parseCondition } from './conditions.ts'

/** Action or NotAction, Resource or NotResource: a list of patterns, and whether it means everything else. */
export interface Patterns {
  readonly patterns: readonly string[]
  readonly negated: boolean
}

export interface ParsedStatement {
  readonly effect: 'Allow' | 'Deny'
  readonly actions: Patterns
  readonly resources: Patterns
  readonly conditions: readonly ConditionKey[]
}

/** An identity-based policy, read and found well-formed. */
export interface ParsedPolicy {
  /** Policy variables exist since language version 2012-10-17; without a Version the older one applies. */
  readonly variables: boolean
  readonly statements: readonly ParsedStatement[]
}

/** A statement of a role's trust policy: it names principals, and its resource is the role. */
interface TrustStatement extends Pick<ParsedStatement, 'effect' | 'actions' | 'conditions'> {
  /** The names under each kind of principal. Everybody, `"Principal": "*"`, stands under every kind as `*`. */
  readonly principals: ReadonlyMap<PrincipalKind, readonly string[]>
}

/** A statement of a resource's own policy: it names principals, and what of the resource it is about. */
interface ResourcePolicyStatement extends ParsedStatement, Pick<TrustStatement, 'principals'> {}

export interface ParsedResourcePolicy {
  readonly variables: boolean
  readonly statements: readonly ResourcePolicyStatement[]
}

export interface ParsedTrustPolicy {
  readonly variables: boolean
  readonly statements: readonly TrustStatement[]
}

type PrincipalKind = (typeof PRINCIPAL_KINDS)[number]

type Json = Readonly<Record<string, unknown>>

const VERSIONS = new Set(['2012-10-17', '2008-10-17'])
const POLICY_ELEMENTS = new Set(['Version', 'Id', 'Statement'])
const STATEMENT_ELEMENTS = new Set(['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'])
const TRUST_ELEMENTS = new Set(['Sid', 'Effect', 'Principal', 'Action', 'Condition'])
const PRINCIPAL_KINDS = ['AWS', 'Federated', 'Service', 'CanonicalUser'] as const
const ACTION = /^(\*|[\w*?-]+:[\w*?-]+)$/
const RESOURCE = /^(\*|arn:.+)$/s

const syntaxError = (what: string): Error => new Error(`Syntax errors in policy: ${what}.`)

const objectOf = (value: unknown, what: string): Json => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw syntaxError(`${what} is not an object`)
  return value as Json
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

const refuseUnknown = (element: Json, known: ReadonlySet<string>): void => {
  const unknown = Object.keys(element).find((name) => !known.has(name))
  if (unknown === 'Principal' || unknown === 'NotPrincipal') throw new Error('Policy document should not specify a principal.')
  if (unknown !== undefined) throw syntaxError(`the element "${unknown}" is not known`)
}

const patternsOf = (statement: Json, name: 'Action' | 'Resource'): Patterns => {
  const negated = Object.hasOwn(statement, `Not${name}`)
  if (negated && Object.hasOwn(statement, name)) throw syntaxError(`a statement has both ${name} and Not${name}`)
  const value = statement[negated ? `Not${name}` : name]
  const patterns = value === undefined ? [] : listOf(value)
  if (patterns.length === 0) throw new Error(`Policy statement must contain ${name.toLowerCase()}s.`)
  if (!patterns.every((pattern) => typeof pattern === 'string')) throw syntaxError(`${name} holds something that is not text`)
  return { patterns, negated }
}

const actionsOf = (statement: Json): Patterns => {
  const actions = patternsOf(statement, 'Action')
  if (actions.patterns.every((pattern) => ACTION.test(pattern))) return actions
  throw new Error('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.')
}

const resourcesOf = (statement: Json): Patterns => {
  const resources = patternsOf(statement, 'Resource')
  const unfit = resources.patterns.find((pattern) => !RESOURCE.test(pattern))
  if (unfit === undefined) return resources
  throw new Error(`Resource ${unfit} must be in ARN format or "*".`)
}

const conditionValues = (value: unknown, key: string): string[] => {
  const values = listOf(value)
  const readable = values.every((entry) => ['string', 'number', 'boolean'].includes(typeof entry))
  if (!readable || values.length === 0) throw syntaxError(`the values of the condition key "${key}" cannot be read`)
  return values.map(String)
}

const conditionsOf = (block: unknown): ConditionKey[] =>
  Object.entries(objectOf(block, 'Condition')).flatMap(([operator, keys]) =>
    Object.entries(objectOf(keys, `Condition ${operator}`)).map(([key, value]) =>
      parseCondition(operator, key, conditionValues(value, key)),
    ),
  )

const effectOf = (value: unknown): 'Allow' | 'Deny' => {
  if (value === 'Allow' || value === 'Deny') return value
  throw syntaxError('Effect must be Allow or Deny')
}

const parseStatement = (value: unknown): ParsedStatement => {
  const statement = objectOf(value, 'a statement')
  refuseUnknown(statement, STATEMENT_ELEMENTS)
  return {
    effect: effectOf(statement.Effect),
    actions: actionsOf(statement),
    resources: resourcesOf(statement),
    conditions: statement.Condition === undefined ? [] : conditionsOf(statement.Condition),
  }
}

const principalsOf = (value: unknown): TrustStatement['principals'] => {
  if (value === undefined) throw new Error('Missing required field Principal')
  if (value === '*') return new Map(PRINCIPAL_KINDS.map((kind) => [kind, ['*']]))
  const named = objectOf(value, 'Principal')
  const unknown = Object.keys(named).find((kind) => !PRINCIPAL_KINDS.some((known) => known === kind))
  if (unknown !== undefined) throw new Error(`Invalid principal in policy: ${JSON.stringify(unknown)}`)
  return new Map(PRINCIPAL_KINDS.filter((kind) => Object.hasOwn(named, kind)).map((kind) => [kind, namesOf(named[kind])]))
}

const namesOf = (value: unknown): readonly string[] => {
  const names = listOf(value)
  if (names.length > 0 && names.every((name) => typeof name === 'string')) return names
  throw syntaxError('Principal holds something that is not text')
}

const parseTrustStatement = (value: unknown): TrustStatement => {
  const statement = objectOf(value, 'a statement')
  const notKnown = ['NotPrincipal', 'NotAction'].find((name) => Object.hasOwn(statement, name))
  if (notKnown !== undefined) throw new Error(`The simulated account does not know ${notKnown} in a trust policy.`)
  if (Object.hasOwn(statement, 'Resource')) throw new Error('Has prohibited field Resource')
  refuseUnknown(statement, TRUST_ELEMENTS)
  return {
    effect: effectOf(statement.Effect),
    principals: principalsOf(statement.Principal),
    actions: actionsOf(statement),
    conditions: statement.Condition === undefined ? [] : conditionsOf(statement.Condition),
  }
}

const parseResourceStatement = (value: unknown): ResourcePolicyStatement => {
  const { Principal, ...rest } = objectOf(value, 'a statement')
  if (Object.hasOwn(rest, 'NotPrincipal')) throw new Error('The simulated account does not know NotPrincipal in a bucket policy.')
  return { ...parseStatement(rest), principals: principalsOf(Principal) }
}

const checkStatementIds = (statements: readonly unknown[]): void => {
  const ids = statements.map((statement) => objectOf(statement, 'a statement').Sid).filter((id) => id !== undefined)
  const unfit = ids.find((id) => typeof id !== 'string' || !/^[A-Za-z0-9]*$/.test(id))
  if (unfit !== undefined) throw syntaxError(`the Sid ${JSON.stringify(unfit)} may hold letters and digits only`)
  const named = ids.filter((id) => id !== '')
  if (new Set(named).size < named.length) throw new Error('Statement IDs (SID) in a single policy must be unique.')
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw syntaxError('the document is not JSON')
  }
}

const readDocument = <S>(
  text: string,
  readStatement: (value: unknown) => S,
): { variables: boolean; statements: readonly S[] } => {
  const document = objectOf(jsonOf(text), 'the document')
  refuseUnknown(document, POLICY_ELEMENTS)
  const version = document.Version ?? '2008-10-17'
  if (typeof version !== 'string' || !VERSIONS.has(version)) throw syntaxError('Version must be 2012-10-17 or 2008-10-17')
  const statements = document.Statement === undefined ? [] : listOf(document.Statement)
  if (statements.length === 0) throw syntaxError('the document has no Statement')
  checkStatementIds(statements)
  return { variables: version === '2012-10-17', statements: statements.map(readStatement) }
}

/**
 * Reads an identity-based policy strictly, as IAM does when it is stored. Throws an Error whose message is the
 * sentence for MalformedPolicyDocument.
 */
export const parsePolicy = (text: string): ParsedPolicy => readDocument(text, parseStatement)

/**
 * Reads the trust policy of a role as strictly. Throws an Error with a sentence for what is malformed, or for what the simulated account
 * does not know how to decide by.
 */
export const parseTrustPolicy = (text: string): ParsedTrustPolicy => readDocument(text, parseTrustStatement)

/** Reads the policy of a resource (a bucket) as strictly. Throws an Error with a sentence, as parseTrustPolicy does. */
export const parseResourcePolicy = (text: string): ParsedResourcePolicy => readDocument(text, parseResourceStatement)
