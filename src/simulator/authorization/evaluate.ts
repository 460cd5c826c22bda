import { holds, keysOf } from './conditions.ts'
import { type ContextValues, expandVariables, type RequestContext, requestContext, variableNames } from './context.ts'
import { matchesTokens, wildcardTokens } from './pattern.ts'
import type { ParsedPolicy, ParsedStatement, Patterns } from './policy.ts'

export interface NamedPolicy {
  readonly name: string
  /** A boundary, and a policy passed for one session, grant nothing: they only say what the other policies may grant. */
  readonly kind: 'inline' | 'managed' | 'boundary' | 'session' | 'resource' | 'control'
  readonly document: ParsedPolicy
}

export interface AccessRequest {
  /** Such as `iam:PutRolePolicy`. */
  readonly action: string
  /** The ARN, or `*` for an action that knows no resources. */
  readonly resource: string
  readonly context: ContextValues
}

interface MatchedStatement {
  readonly policy: string
  /** Counted from 0 within its policy. */
  readonly statement: number
}

export interface Decision {
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny'
  /** The statements that decided: the denying ones, or the allowing ones; none for an implicit deny. */
  readonly matched: readonly MatchedStatement[]
  /** Context keys that the policies ask for and the request does not have, as first written. */
  readonly missingContextKeys: readonly string[]
}

interface Match extends MatchedStatement {
  readonly effect: ParsedStatement['effect']
  readonly kind: NamedPolicy['kind']
}

const covers = ({ patterns, negated }: Patterns, matches: (pattern: string) => boolean): boolean =>
  patterns.some(matches) !== negated

/** Whether a statement is about an action, such as `sts:AssumeRole`: in any case of letters, wildcards heeded. */
export const matchesAction = ({ actions }: Pick<ParsedStatement, 'actions'>, action: string): boolean =>
  covers(actions, (pattern) => matchesTokens(wildcardTokens(pattern.toLowerCase()), action.toLowerCase()))

const matchesResource = (statement: ParsedStatement, resource: string, context: RequestContext, variables: boolean): boolean =>
  covers(statement.resources, (pattern) => {
    const tokens = variables ? expandVariables(pattern, context) : wildcardTokens(pattern)
    return tokens !== undefined && matchesTokens(tokens, resource)
  })

const applies = (statement: ParsedStatement, request: AccessRequest, context: RequestContext, variables: boolean): boolean =>
  matchesAction(statement, request.action) &&
  matchesResource(statement, request.resource, context, variables) &&
  statement.conditions.every((condition) => holds(condition, context, variables))

const matchesOf = ({ name, kind, document }: NamedPolicy, request: AccessRequest, context: RequestContext): Match[] =>
  document.statements.flatMap((statement, index) =>
    applies(statement, request, context, document.variables)
      ? [{ policy: name, statement: index, effect: statement.effect, kind }]
      : [],
  )

const keysAskedFor = ({ variables, statements }: ParsedPolicy): string[] =>
  statements.flatMap(({ resources, conditions }) => [
    ...(variables ? resources.patterns.flatMap(variableNames) : []),
    ...conditions.flatMap((condition) => keysOf(condition, variables)),
  ])

const missingKeys = (policies: readonly NamedPolicy[], context: RequestContext): string[] => {
  const missing = new Map<string, string>()
  for (const key of policies.flatMap(({ document }) => keysAskedFor(document))) {
    const name = key.toLowerCase()
    if (!context.has(name) && !missing.has(name)) missing.set(name, key)
  }
  return [...missing.values()]
}

const LIMITS = ['boundary', 'session'] as const

/** Whether each kind of limit that there is allows the request too. */
const isWithinLimits = (policies: readonly NamedPolicy[], matches: readonly Match[]): boolean =>
  LIMITS.every((limit) => !policies.some(({ kind }) => kind === limit) || matches.some(({ kind }) => kind === limit))

/**
 * Decides a request as IAM does within one account ("Policy evaluation logic"): any explicit deny beats every allow,
 * an allow is needed, and where there is a permissions boundary or a session policy, one of each of these too.
 */
export const evaluate = (policies: readonly NamedPolicy[], request: AccessRequest): Decision => {
  const context = requestContext(request.context)
  const matches = policies.flatMap((policy) => matchesOf(policy, request, context))
  const denies = matches.filter(({ effect }) => effect === 'Deny')
  const isGranted = matches.some(({ kind }) => kind === 'inline' || kind === 'managed' || kind === 'resource')
  const isAllowed = isGranted && isWithinLimits(policies, matches)
  const decision = denies.length > 0 ? 'explicitDeny' : isAllowed ? 'allowed' : 'implicitDeny'
  const deciding = { explicitDeny: denies, allowed: matches, implicitDeny: [] }[decision]
  return {
    decision,
    matched: deciding.map(({ policy, statement }) => ({ policy, statement })),
    missingContextKeys: missingKeys(policies, context),
  }
}
