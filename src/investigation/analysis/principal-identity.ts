import type { PrincipalIdentity } from '../../incident/facts/activity.ts'
import { given } from '../../incident/values/given.ts'
import { isInstanceId, isRoleArn } from '../../incident/values/identifiers.ts'
import type { Counted } from './activity-fold.ts'
import { inOrder } from './call-totals.ts'
import type { CounterCaller } from './counter.ts'
import { joined } from './dictionary.ts'

/** Who made most of the calls in scope: account, role or user, session. Missing where the records do not tell. */
export const principalIdentity = ({ scope }: Pick<Counted, 'scope'>): PrincipalIdentity => {
  const calls = new Map<string, { caller: CounterCaller; events: number }>()
  for (const { caller, events } of scope) {
    const name = joined(caller.accountId, caller.roleArn, caller.principalId, caller.userName)
    const known = calls.get(name)
    if (!known) calls.set(name, { caller, events })
    else {
      known.events += events
      if (inOrder(restOf(caller), restOf(known.caller)) > 0) known.caller = caller
    }
  }
  const [most, ...others] = [...calls].sort(([a, x], [b, y]) => y.events - x.events || inOrder(a, b))
  return most ? { ...describe(most[1].caller), ...given({ others: others.length || undefined }) } : {}
}

/** What records of one caller may tell differently: the order of reading must not decide which is taken. */
const restOf = ({ roleName, principalKind, sessionName }: CounterCaller): string => joined(roleName, principalKind, sessionName)

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
