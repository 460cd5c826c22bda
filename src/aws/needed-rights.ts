import { apiCalls } from './calls.ts'
import { hasOwnStatement, type PolicyStatement, responderPolicy } from './policy.ts'
import { valuesOf } from './policy-document.ts'
import { fill, type PolicyScope, roleArns } from './policy-scope.ts'

/** Actions that a response makes on one resource. */
export interface NeededRights {
  /** `*` where IAM knows no resource; else an ARN, in which `*` stands for what nobody has named. */
  readonly resource: string
  readonly actions: readonly string[]
  /** Condition keys as the call has them, where the policy asks for one. */
  readonly context: Readonly<Record<string, string>>
  /** Set of the Run Command documents, of which a response uses one. */
  readonly isOneOfSeveral?: true
}

/** The rights that a response needs on the roles and instances of the scope: what `ir-cred policy` prints for it, by resource. */
export const neededRights = (scope: PolicyScope): readonly NeededRights[] => {
  const merged = new Map<string, NeededRights>()
  for (const right of [...readingRights(scope), ...changingRights(scope)]) {
    const key = JSON.stringify([right.resource, right.context, right.isOneOfSeveral])
    const actions = [...new Set([...(merged.get(key)?.actions ?? []), ...right.actions])]
    merged.set(key, { ...right, actions })
  }
  return [...merged.values()]
}

/** Reads that are about the role or the instance are made of those that are named. */
const readingRights = (scope: PolicyScope): readonly NeededRights[] =>
  apiCalls.flatMap((call) => {
    const actions = call.actions.filter((action) => !hasOwnStatement(action))
    return actions.length === 0 ? [] : named(call.resource, scope).map((resource) => ({ resource, actions, context: {} }))
  })

const named = (resource: string, scope: PolicyScope): readonly string[] => {
  if (resource.endsWith(':role/*') && scope.roles.length > 0) return roleArns(scope.roles, scope)
  if (resource.endsWith(':instance/*') && scope.instances.length > 0)
    return scope.instances.flatMap((id) => fill(resource.replace(/\*$/, id), scope))
  return fill(resource, scope)
}

/** In a statement about several services, those of the resource's own. Run Command is the only one that is about another's. */
const fitting = (actions: readonly string[], resource: string): readonly string[] => {
  const own = actions.filter((action) => action.startsWith(`${resource.split(':')[2]}:`))
  return own.length > 0 ? own : actions
}

/** The keys as a call has them that the statement allows; one of several values stands for all. */
const contextOf = ({ Condition = {} }: PolicyStatement): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries({ ...Condition.StringEquals, ...Condition.ArnLike }).map(([key, value]) => [
      key,
      [value].flat()[0]?.replace(/\*$/, 'one') ?? '',
    ]),
  )

const changingRights = (scope: PolicyScope): readonly NeededRights[] => {
  const made = new Set(apiCalls.flatMap((call) => call.actions))
  return responderPolicy('respond', { ...scope, awsDocuments: true }).Statement.flatMap((statement) => {
    const actions = valuesOf(statement.Action).filter((action) => hasOwnStatement(action) && made.has(action))
    if (statement.Effect === 'Deny' || actions.length === 0) return []
    const context = contextOf(statement)
    return valuesOf(statement.Resource).map((resource) => ({
      ...{ resource, actions: fitting(actions, resource), context },
      ...(resource.includes(':document/') ? { isOneOfSeveral: true as const } : {}),
    }))
  })
}
