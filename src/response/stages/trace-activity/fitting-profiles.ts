import type { PolicyRead, PrincipalProfile } from '../../../incident/facts/role-profile.ts'
import { firstFitting, journalSizeOf } from '../../../incident/journal-budget.ts'
import type { Profiles } from '../../../investigation/enrichment/profiles.ts'

/** Characters, together with an activity of the room that a part may have no more than a journal's line has. */
const ROOM = { policies: 60_000, risks: 20_000, tags: 12_000, trust: 12_000, incomplete: 8_000 } as const

const LEFT_OUT = 'left out of the journal, which has no room for it: ir-cred investigate --incident shows it'

/** What IAM and AWS Organizations say, as much of it as a journal's line has room for; what is left out is said. */
export const fittingProfiles = ({ account, permissions }: Profiles): Profiles => ({
  ...(account ? { account: withTags(account) } : {}),
  ...(permissions ? { permissions: withPolicies(withTags(permissions)) } : {}),
})

const withTags = <T extends Pick<PrincipalProfile, 'tags' | 'incomplete'>>(profile: T): T => {
  const tags = firstFitting(profile.tags, ROOM.tags)
  const said = leftOut(profile.tags.length - tags.length, 'tags')
  return { ...profile, tags, incomplete: [...firstFitting(profile.incomplete, ROOM.incomplete), ...said] }
}

/** A policy that has no room stays as one that was not read: nothing is said of what it allows. */
const withPolicies = (profile: PrincipalProfile): PrincipalProfile => {
  let room: number = ROOM.policies
  const policies = profile.policies.map((policy): PolicyRead => {
    room -= journalSizeOf(policy.statements)
    return room >= 0 ? policy : { ...policy, statements: [], unread: LEFT_OUT }
  })
  const unread = policies.filter((policy, index) => policy !== profile.policies[index]).length
  const risks = firstFitting(profile.risks, ROOM.risks)
  const said = [...leftOut(unread, 'policies'), ...leftOut(profile.risks.length - risks.length, 'far-reaching permissions')]
  return { ...profile, policies, risks, incomplete: [...profile.incomplete, ...said] }
}

const leftOut = (count: number, what: string): readonly string[] =>
  count === 0 ? [] : [`${count} more ${what} are ${LEFT_OUT.replace('for it:', 'for them:').replace('shows it', 'shows them')}`]
