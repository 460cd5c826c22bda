import { decodePolicy, type Statement, statementsOf, valuesOf } from '../../aws/policy-document.ts'
import type { ConditionRead, StatementRead } from '../../incident/facts/role-profile.ts'
import { given } from '../../incident/values/given.ts'
import { type Untrusted, untrusted } from '../../incident/values/untrusted.ts'

/** The statements of an identity policy; undefined for what is no policy document. */
export const readStatements = (document: string | undefined): readonly StatementRead[] | undefined => {
  const decoded = decodePolicy(document)
  return decoded && statementsOf(decoded).flatMap(statementOf)
}

const statementOf = (statement: Statement): readonly StatementRead[] => {
  const effect = effectOf(statement)
  if (!effect) return []
  return [
    {
      ...given({ sid: statement.Sid === undefined || statement.Sid === '' ? undefined : untrusted(String(statement.Sid)) }),
      effect,
      actions: textsOf(statement.Action),
      notActions: textsOf(statement.NotAction),
      resources: textsOf(statement.Resource),
      notResources: textsOf(statement.NotResource),
      conditions: conditionsOf(statement),
    },
  ]
}

/** IAM writes nothing but Allow and Deny; undefined for what it would refuse. */
export const effectOf = ({ Effect }: Statement): 'Allow' | 'Deny' | undefined =>
  Effect === 'Allow' || Effect === 'Deny' ? Effect : undefined

export const textsOf = (value: Parameters<typeof valuesOf>[0]): readonly Untrusted[] => valuesOf(value).map(untrusted)

/** The conditions of a statement. Their values may be written as booleans and numbers, and mean the same as text. */
export const conditionsOf = ({ Condition }: Statement): readonly ConditionRead[] =>
  entriesOf(Condition).flatMap(([operator, keys]) =>
    entriesOf(keys).map(([key, values]) => ({
      operator: untrusted(operator),
      key: untrusted(key),
      values: [values].flat().map((value) => untrusted(typeof value === 'string' ? value : JSON.stringify(value))),
    })),
  )

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
