import type { PrincipalIdentity } from '../../incident/facts/activity.ts'
import { given } from '../../incident/values/given.ts'
import { isInstanceId, isRoleArn } from '../../incident/values/identifiers.ts'
import type { Counted } from './activity-fold.ts'
import type { CounterCaller } from './counter.ts'

/** Who made most of the calls in scope: account, role or user, session. Missing where the records do not tell. */
export const principalIdentity = ({ scope }: Pick<Counted, 'scope'>): PrincipalIdentity => {
  const calls = new Map<string, { readonly caller: CounterCaller; events: number }>()
  for (const { caller, events } of scope) {
    const name = [caller.accountId, caller.roleArn, caller.principalId, caller.userName].join(' ')
    const known = calls.get(name)
    if (known) known.events += events
    else calls.set(name, { caller, events })
  }
  const [most, ...others] = [...calls.values()].sort((a, b) => b.events - a.events)
  return most ? { ...describe(most.caller), ...given({ others: others.length || undefined }) } : {}
}

const describe = ({ accountId, roleArn, roleName, principalId, principalKind, sessionName, userName }: CounterCaller) => ({
  ...given({
    accountId: accountId || undefined,
    roleArn: roleArn && isRoleArn(roleArn) ? roleArn : undefined,
    roleName: roleName || undefined,
    principalId: principalId || undefined,
    userName: userName && principalKind === 'IAMUser' ? userName : undefined,
    isRoot: principalKind === 'Root' ? (true as const) : undefined,
    instanceId: sessionName && isInstanceId(sessionName) ? sessionName : undefined,
  }),
})
