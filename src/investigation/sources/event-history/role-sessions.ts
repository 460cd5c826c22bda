import { isCallOf, type PrincipalRef } from '../../question.ts'
import type { CloudTrailRecord } from '../../record.ts'
import { principalName } from '../../source.ts'
import { sessionIssued } from './lookups.ts'

/** The names of roles' sessions: what LookupEvents finds a role's calls by. */
export interface RoleSessions {
  /** From now on the names of this principal's sessions are noted, if it is a role. */
  follow(principal: PrincipalRef): void
  /** Notes the session that a record is a call of, and the one that it obtained. */
  note(record: CloudTrailRecord): void
  names(principal: PrincipalRef): readonly string[]
  /** What was left out, a sentence each. */
  leftOut(): readonly string[]
}

/** A role with more of them is not read whole: each takes a call a Region at the least. */
const MOST_NAMES = 200

/** How STS writes a session's name. */
const NAME = /^[\w+=,.@-]{2,64}$/

export const roleSessions = (): RoleSessions => {
  const roles = new Map<string, { readonly principal: PrincipalRef; readonly names: Set<string>; readonly others: Set<string> }>()
  return {
    follow: (principal) => {
      const name = principalName(principal)
      if (principal.kind === 'role' && !roles.has(name)) roles.set(name, { principal, names: new Set(), others: new Set() })
    },
    note: (record) => {
      for (const role of roles.values()) {
        const name = isCallOf(role.principal, record) ? record.sessionName : sessionIssued(role.principal, record)
        if (name === undefined || !NAME.test(name) || role.names.has(name)) continue
        if (role.names.size < MOST_NAMES) role.names.add(name)
        else role.others.add(name)
      }
    },
    names: (principal) => [...(roles.get(principalName(principal))?.names ?? [])],
    leftOut: () =>
      [...roles.values()]
        .filter(({ others }) => others.size > 0)
        .map(
          ({ principal, others }) =>
            `role ${principal.value} has more than ${MOST_NAMES} sessions, and ${others.size} of them were not looked up`,
        ),
  }
}
