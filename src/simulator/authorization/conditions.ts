import { given } from '../../incident/values/given.ts'
import { bool, type Comparison, comparisons } from './comparisons.ts'
import { expandVariables, type RequestContext, variableNames } from './context.ts'
import { wildcardTokens } from './pattern.ts'

/** One key of a Condition block, under the operator it stands below. */
export interface ConditionKey {
  readonly operator: Operator
  readonly key: string
  readonly values: readonly string[]
}

interface Operator {
  readonly comparison: Comparison
  readonly negated: boolean
  readonly quantifier?: 'ForAnyValue' | 'ForAllValues'
  readonly ifExists: boolean
  /** Null asks whether the key is there, not what it holds. */
  readonly asksForAbsence: boolean
}

const OPERATOR = /^(?:(ForAnyValue|ForAllValues):)?(.*?)(IfExists)?$/s
const NEGATED = /^(String|Arn|Date|Numeric)Not(Equals|EqualsIgnoreCase|Like)$|^Not(IpAddress)$/

const operatorOf = (name: string): Operator | undefined => {
  const [, quantifier, base = '', ifExists] = OPERATOR.exec(name) ?? []
  if (name === 'Null') return { comparison: bool, negated: false, ifExists: false, asksForAbsence: true }
  const negation = NEGATED.exec(base)
  const positive = negation ? `${negation[1] ?? ''}${negation[2] ?? ''}${negation[3] ?? ''}` : base
  const comparison = comparisons.get(positive)
  if (!comparison) return undefined
  return {
    comparison,
    negated: negation !== null,
    ifExists: ifExists !== undefined,
    asksForAbsence: false,
    ...given({ quantifier: quantifier === 'ForAnyValue' || quantifier === 'ForAllValues' ? quantifier : undefined }),
  }
}

/** A condition as it can be evaluated. Throws an Error with a sentence for an unknown operator or a value it cannot hold. */
export const parseCondition = (operatorName: string, key: string, values: readonly string[]): ConditionKey => {
  const operator = operatorOf(operatorName)
  if (!operator) throw new Error(`Invalid Condition type : ${operatorName}.`)
  if (!/^[\w./-]+:./.test(key)) throw new Error('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.')
  const unfit = values.find((value) => !operator.comparison.accepts(value))
  if (unfit !== undefined) throw new Error(`Syntax errors in policy: ${operatorName} cannot compare ${key} with "${unfit}".`)
  return { operator, key, values }
}

const isMatched = ({ operator, values }: ConditionKey, actual: string, context: RequestContext, variables: boolean): boolean =>
  values.some((value) => {
    const expected = variables && operator.comparison.variables ? expandVariables(value, context) : wildcardTokens(value)
    return expected !== undefined && operator.comparison.matches(expected, actual)
  })

/**
 * Whether a condition holds for a request ("IAM JSON policy elements: Condition operators"; "Single-valued vs.
 * multivalued context keys"). A positive operator needs the key, a negated one holds without it; ForAllValues holds
 * for no value at all, ForAnyValue never does. `variables` is false for policy language 2008-10-17, which has none.
 */
export const holds = (condition: ConditionKey, context: RequestContext, variables: boolean): boolean => {
  const { operator, key } = condition
  const actual = context.get(key.toLowerCase()) ?? []
  if (operator.asksForAbsence) return isMatched(condition, String(actual.length === 0), context, variables)
  if (actual.length === 0 && operator.ifExists) return true
  const matches = (value: string) => isMatched(condition, value, context, variables) !== operator.negated
  const wantsEvery = operator.quantifier ? operator.quantifier === 'ForAllValues' : operator.negated
  return wantsEvery ? actual.every(matches) : actual.some(matches)
}

/** The context keys that a condition needs from a request, those of its policy variables included. */
export const keysOf = ({ operator, key, values }: ConditionKey, variables: boolean): string[] => [
  key,
  ...(variables && operator.comparison.variables ? values.flatMap(variableNames) : []),
]
