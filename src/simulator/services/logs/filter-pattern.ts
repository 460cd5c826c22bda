import { ServiceError } from '../../call.ts'

/** Whether an event is one that a filter pattern asks for, by its text and what that says. */
type Matches = (text: string, parsed: unknown) => boolean

const unknownPattern = (pattern: string): ServiceError =>
  new ServiceError(
    'InvalidParameterException',
    `The simulated account does not know the filter pattern ${pattern}: nothing was read. It knows terms, such as "AccessDenied", and { $.member = "value" } with = or !=, joined by &&.`,
  )

const COMPARISON = /^\$((?:\.\w+)+)\s*(!?=)\s*(?:"([^"]*)"|([\w.:/*-]+))$/

const valueAt = (parsed: unknown, path: string): unknown =>
  path
    .split('.')
    .slice(1)
    .reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
      parsed,
    )

/** A value with `*` for any text at either end. */
const fits = (value: string, pattern: string): boolean => {
  const whole = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${whole.join('.*')}$`, 's').test(value)
}

const comparisonOf = (text: string, pattern: string): Matches => {
  const [, path = '', operator, quoted, bare] = COMPARISON.exec(text.trim()) ?? []
  if (operator === undefined) throw unknownPattern(pattern)
  const wanted = quoted ?? bare ?? ''
  return (_, parsed) => {
    const value = valueAt(parsed, path)
    const isIt = value !== undefined && value !== null && typeof value !== 'object' && fits(String(value), wanted)
    return operator === '=' ? isIt : !isIt
  }
}

const termsOf = (pattern: string): Matches => {
  const terms = [...pattern.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
  if (terms.some((term) => /^[?\-%[{]/.test(term))) throw unknownPattern(pattern)
  return (text) => terms.every((term) => text.includes(term))
}

/** What a filter pattern asks for ("Filter pattern syntax"), as far as it is known here. Throws InvalidParameterException. */
export const filterOf = (pattern: string): Matches => {
  const inBraces = /^\{(.*)\}$/s.exec(pattern.trim())?.[1]
  if (inBraces === undefined) return termsOf(pattern)
  const comparisons = inBraces.split('&&').map((part) => comparisonOf(part.trim().replace(/^\((.*)\)$/s, '$1'), pattern))
  return (text, parsed) => comparisons.every((matches) => matches(text, parsed))
}
