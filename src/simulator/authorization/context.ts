import { literalTokens, type Token, wildcardTokens } from './pattern.ts'

/** The values of a request's context keys. Key names are not case-sensitive; an absent key was not in the request. */
export type ContextValues = ReadonlyMap<string, readonly string[]> | Readonly<Record<string, readonly string[]>>

/** The same by lower-case key, without keys that have no value. */
export type RequestContext = ReadonlyMap<string, readonly string[]>

const VARIABLE = /\$\{([^}]{0,256})\}/
const NAME_AND_DEFAULT = /^([^,\s]+)(?:\s*,\s*'([^']*)')?$/
const ESCAPED = new Set(['*', '?', '$'])

const entriesOf = (values: ContextValues): Iterable<readonly [string, readonly string[]]> =>
  values instanceof Map ? values : Object.entries(values)

/** A request's context as it is looked up. */
export const requestContext = (values: ContextValues): RequestContext =>
  new Map([...entriesOf(values)].filter(([, list]) => list.length > 0).map(([key, list]) => [key.toLowerCase(), list]))

const resolve = (reference: string, context: RequestContext): Token[] | undefined => {
  if (ESCAPED.has(reference)) return literalTokens(reference)
  const [, name = '', fallback] = NAME_AND_DEFAULT.exec(reference.trim()) ?? []
  const values = context.get(name.toLowerCase()) ?? []
  const value = values.length === 1 ? values[0] : fallback
  return value === undefined ? undefined : literalTokens(value)
}

/**
 * A policy's text as a pattern, with `${aws:username}` and the like replaced from the request.
 * Undefined when a variable has no value: such a text matches nothing ("IAM policy elements: Variables and tags",
 * Variables with no value). Keys with several values cannot be variables. A value from the request is never a
 * wildcard, or whoever chooses a session name could widen a policy.
 */
export const expandVariables = (text: string, context: RequestContext): Token[] | undefined => {
  const tokens: Token[] = []
  for (const [index, piece] of text.split(VARIABLE).entries()) {
    const expanded = index % 2 === 0 ? wildcardTokens(piece) : resolve(piece, context)
    if (!expanded) return undefined
    for (const token of expanded) tokens.push(token)
  }
  return tokens
}

/** The context keys that the variables of a text ask for, as written. */
export const variableNames = (text: string): string[] =>
  text
    .split(VARIABLE)
    .filter((piece, index) => index % 2 === 1 && !ESCAPED.has(piece))
    .map((reference) => NAME_AND_DEFAULT.exec(reference.trim())?.[1] ?? reference)
