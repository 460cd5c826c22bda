import { describe, expect, it } from 'vitest'
import type { RoleProfile } from '../../../../src/incident/facts/role-profile.ts'
import { asciiJson } from '../../../../src/incident/values/show.ts'
import { readStatements } from '../../../../src/investigation/enrichment/read-statements.ts'
import { risksIn } from '../../../../src/investigation/enrichment/risks.ts'
import { LINE_LIMIT } from '../../../../src/journal/journal.ts'
import { fittingProfiles } from '../../../../src/response/stages/trace-activity/fitting-profiles.ts'
import { allow, policyOf } from '../../../investigation/enrichment/asked-account.ts'

const policies = Array.from({ length: 25 }, (_, index) => ({
  ...({ kind: 'inline', use: 'permissions', name: { untrusted: `p${index}` } } as const),
  statements: Array.from({ length: 80 }).flatMap(() => readStatements(policyOf(allow('*'))) ?? []),
}))
const tag = { key: { untrusted: '\u{1F600}'.repeat(64) }, value: { untrusted: '\u{1F600}'.repeat(128) } }
const role: RoleProfile = {
  ...{ kind: 'role', found: 'found', name: 'web-app', trust: [] },
  ...{ policies, risks: risksIn(policies), tags: Array.from({ length: 50 }, () => tag), incomplete: [] },
}

describe('the profile of a role in the journal', () => {
  it('fits a line of the journal beside the activity', () => {
    expect(asciiJson(role).length).toBeGreaterThan(LINE_LIMIT)
    expect(asciiJson(fittingProfiles({ permissions: role })).length).toBeLessThan(150_000)
  })

  it('marks a policy that does not fit as not read', () => {
    const { permissions } = fittingProfiles({ permissions: role })
    expect(permissions?.policies).toHaveLength(25)
    const unread = permissions?.policies.filter((policy) => policy.unread !== undefined) ?? []
    expect(unread.length).toBeGreaterThan(0)
    expect(permissions?.incomplete.join('\n')).toContain(`${unread.length} more policies are left out of the journal`)
  })

  it('stays as it is when it fits', () => {
    const small: RoleProfile = { ...role, policies: policies.slice(0, 1), risks: [], tags: [tag] }
    expect(fittingProfiles({ permissions: small })).toEqual({ permissions: small })
  })
})
