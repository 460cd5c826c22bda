import { decodePolicy, plainPolicy, type Statement, statementsOf, valuesOf } from './policy-document.ts'

/** A statement of a function's resource policy as `AddPermission` can make it again. */
export interface FunctionPermission {
  readonly StatementId: string
  readonly Action: string
  readonly Principal: '*'
}

/** A statement that lets anybody invoke a function. */
export interface OpenStatement {
  readonly sid: string
  readonly statement: Statement
}

const INVOKES = ['lambda:InvokeFunction', 'lambda:InvokeAsync']

/**
 * The statements of a function's resource policy that let anybody invoke it: without a condition, or with one that only says who is not
 * let in. A statement about function URLs holds no more than the URL lets through, and is closed with it.
 */
export const statementsForAnybody = (policy: string): readonly OpenStatement[] =>
  statementsOf(decodePolicy(plainPolicy(policy))).flatMap((statement) => {
    const { Sid } = statement
    return Sid !== undefined && isForAnybody(statement) ? [{ sid: Sid, statement }] : []
  })

const isForAnybody = ({ Effect, Principal, Action, Condition }: Statement): boolean =>
  Effect === 'Allow' &&
  (Principal === '*' || (typeof Principal === 'object' && valuesOf(Principal.AWS).includes('*'))) &&
  valuesOf(Action).some((action) => INVOKES.some((invokes) => covers(action, invokes))) &&
  Object.keys(Condition ?? {}).every((operator) => /(?:^|:)(?:String|Arn|Numeric|Date)?Not|^Null$/.test(operator))

const covers = (pattern: string, action: string): boolean => {
  const text = pattern.toLowerCase()
  return text.endsWith('*') ? action.toLowerCase().startsWith(text.slice(0, -1)) : text === action.toLowerCase()
}

/** What makes the statement again; undefined where `AddPermission` has no parameters for it. */
export const permissionOf = ({ Sid, Action, Condition, Effect, Principal }: Statement): FunctionPermission | undefined => {
  const [action, another] = valuesOf(Action)
  const isPlain = Effect === 'Allow' && Condition === undefined && action !== undefined && another === undefined
  const isAll = Principal === '*' || JSON.stringify(Principal) === '{"AWS":"*"}'
  return Sid !== undefined && isPlain && isAll ? { StatementId: Sid, Action: action, Principal: '*' } : undefined
}
