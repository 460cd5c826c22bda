import { Failure } from '../../../incident/values/failure.ts'
import { quoted } from '../../../incident/values/quoted.ts'

/** A SELECT with a `?` for every value. The text is ours alone: it does not depend on any value. */
export interface Query {
  /** What it asks, for the progress line: completes "reading …". */
  readonly asks: string
  readonly text: string
  /** The values, in the order of their `?`. */
  readonly values: readonly string[]
}

/** A piece of a query's WHERE clause; the only clause in which Athena takes a `?` ("Use parameterized queries"). */
export interface WhereCondition {
  readonly text: string
  readonly values: readonly string[]
}

/** Nothing by which a value could leave its quotes, whoever reads them: printable ASCII without quotes and backslashes. */
const HARMLESS = /^[\w +=,.@:/-]{1,700}$/

/**
 * A value as a string literal of SQL: Athena takes the values of a query as literals, strings in single quotes ("Use
 * parameterized queries"). Throws a Failure of kind 'usage' for a value that has to be anything but an identifier or a time.
 */
export const literal = (value: string): string => {
  if (HARMLESS.test(value)) return `'${value}'`
  throw new Failure({
    kind: 'usage',
    what: 'A value is not sent into a query',
    why: `${quoted(value)} holds characters that no identifier of AWS has`,
    remedy: 'ask for an access key id, a role or an instance id, or read the log files with --logs',
  })
}

/** Whether `literal` takes a value. */
export const isLiteral = (value: string): boolean => HARMLESS.test(value)

/** A query with its values in it, for a service that binds none. No `?` stands in a text but those for values. */
export const inlined = (text: string, values: readonly string[]): string => {
  const literals = values.map(literal)
  let next = 0
  return text.replace(/\?/g, () => literals[next++] ?? '?')
}

/** Conditions of which all hold. */
export const all = (...conditions: readonly WhereCondition[]): WhereCondition => joined(' AND ', conditions)

/** Conditions of which at least one holds, in parentheses. */
export const any = (...conditions: readonly WhereCondition[]): WhereCondition => {
  const { text, values } = joined(' OR ', conditions)
  return { text: `(${text})`, values }
}

/** A condition turned around: it holds where the other one does not, and where that one cannot tell. */
export const not = ({ text, values }: WhereCondition): WhereCondition => ({ text: `NOT coalesce(${text}, false)`, values })

const joined = (word: string, conditions: readonly WhereCondition[]): WhereCondition => ({
  text: conditions.map(({ text }) => text).join(word),
  values: conditions.flatMap(({ values }) => values),
})
