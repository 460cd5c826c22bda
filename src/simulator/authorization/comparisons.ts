import { BlockList, isIP } from 'node:net'
import { SECOND_MS } from '../../incident/values/duration.ts'
import { epochOf, parseInstant } from '../../incident/values/instant.ts'
import { matchesTokens, patternText, type Token } from './pattern.ts'

/** How one value of a policy is held against one value of the request. */
export interface Comparison {
  readonly matches: (expected: readonly Token[], actual: string) => boolean
  /** Whether a policy may hold this value. */
  readonly accepts: (value: string) => boolean
  /** Policy variables work only with string and ARN operators ("IAM policy elements: Variables and tags"). */
  readonly variables: boolean
}

const W3C_DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?)?)?$/
const NUMBER = /^[+-]?\d+(\.\d+)?$/

/** Milliseconds since the epoch, from the W3C's ISO 8601 forms or epoch seconds. A time of day without a zone is no date. */
const dateOf = (text: string): number | undefined => {
  const parts = W3C_DATE.exec(text)
  if (!parts) return /^\d+$/.test(text) ? Number(text) * SECOND_MS : undefined
  const [, year, month = '01', day = '01', time = '00:00', seconds = ':00', zone = 'Z'] = parts
  const instant = parseInstant(`${year}-${month}-${day}T${time}${seconds}${zone}`)
  return instant && epochOf(instant)
}

const numberOf = (text: string): number | undefined => (NUMBER.test(text) ? Number(text) : undefined)

const onText = (matches: (expected: readonly Token[], actual: string) => boolean): Comparison => ({
  matches,
  accepts: () => true,
  variables: true,
})

const onValue =
  <T>(read: (text: string) => T | undefined) =>
  (holds: (actual: T, expected: T) => boolean): Comparison => ({
    matches: (expected, actual) => {
      const [left, right] = [read(actual), read(patternText(expected))]
      return left !== undefined && right !== undefined && holds(left, right)
    },
    accepts: (value) => read(value) !== undefined,
    variables: false,
  })

const onDate = onValue(dateOf)
const onNumber = onValue(numberOf)

const ordered = (kind: string, compare: typeof onDate): Record<string, Comparison> => ({
  [`${kind}Equals`]: compare((actual, expected) => actual === expected),
  [`${kind}LessThan`]: compare((actual, expected) => actual < expected),
  [`${kind}LessThanEquals`]: compare((actual, expected) => actual <= expected),
  [`${kind}GreaterThan`]: compare((actual, expected) => actual > expected),
  [`${kind}GreaterThanEquals`]: compare((actual, expected) => actual >= expected),
})

const splitArn = (tokens: readonly Token[]): Token[][] => {
  const parts: Token[][] = [[]]
  for (const token of tokens) {
    if (token.char === ':' && parts.length < 6) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}

/**
 * ArnEquals and ArnLike are the same: each of the six parts by itself, with wildcards ("Condition operators", ARN).
 * A pattern of fewer parts, such as a lone `*`, has its last part stand for all the rest.
 */
const arnMatches = (expected: readonly Token[], actual: string): boolean => {
  const patterns = splitArn(expected)
  const parts = actual.split(':')
  const last = patterns.length - 1
  return patterns.every((pattern, index) =>
    matchesTokens(pattern, index < last ? (parts[index] ?? '') : parts.slice(last).join(':')),
  )
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

const rangeOf = (text: string): BlockList | undefined => {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const longest = isIP(address) === 6 ? 128 : 32
  const bits = Number(prefix ?? longest)
  if (isIP(address) === 0 || bits > longest) return undefined
  const range = new BlockList()
  range.addSubnet(address, bits, familyOf(address))
  return range
}

const address: Comparison = {
  matches: (expected, actual) => isIP(actual) !== 0 && rangeOf(patternText(expected))?.check(actual, familyOf(actual)) === true,
  accepts: (value) => rangeOf(value) !== undefined,
  variables: false,
}

const truthOf = (text: string): string | undefined => (/^(true|false)$/i.test(text) ? text.toLowerCase() : undefined)

/** Bool, and the value of Null. */
export const bool: Comparison = onValue(truthOf)((actual, expected) => actual === expected)

/** The comparisons behind the condition operators, by the operator's name without negation. */
export const comparisons: ReadonlyMap<string, Comparison> = new Map(
  Object.entries({
    StringEquals: onText((expected, actual) => patternText(expected) === actual),
    StringEqualsIgnoreCase: onText((expected, actual) => patternText(expected).toLowerCase() === actual.toLowerCase()),
    StringLike: onText(matchesTokens),
    ArnEquals: onText(arnMatches),
    ArnLike: onText(arnMatches),
    ...ordered('Date', onDate),
    ...ordered('Numeric', onNumber),
    Bool: bool,
    BinaryEquals: { ...onText((expected, actual) => patternText(expected) === actual), variables: false },
    IpAddress: address,
  }),
)
