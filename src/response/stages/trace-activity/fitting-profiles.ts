import type { PolicyRead, PrincipalProfile } from '../../../incident/facts/role-profile.ts'
import { firstFitting, journalSizeOf } from '../../../incident/journal-budget.ts'
import { given } from '../../../incident/values/given.ts'
import type { Profiles } from '../../../investigation/enrichment/profiles.ts'

/** How many characters each part may have, so that the activity fits a line of the journal. */
const ROOM = { policies: 60_000, risks: 20_000, tags: 12_000, trust: 12_000, incomplete: 8_000 } as const

const LEFT_OUT = 'left out of the journal, which has no room for it: `ir-cred investigate --incident` shows it'

/** What IAM and AWS Organizations say, cut to fit a line of the journal; `incomplete` says what is left out. */
export const fittingProfiles = ({ account, permissions }: Profiles): Profiles => ({
  ...given({
    account: account ? withTags(account) : undefined,
    permissions: permissions ? withPolicies(withTags(permissions)) : undefined,
  }),
})

const withTags = <T extends Pick<PrincipalProfile, 'tags' | 'incomplete'>>(profile: T): T => {
  const tags = firstFitting(profile.tags, ROOM.tags)
  const gaps = leftOut(profile.tags.length - tags.length, 'tags')
  return { ...profile, tags, incomplete: [...firstFitting(profile.incomplete, ROOM.incomplete), ...gaps] }
}

/** A policy that does not fit stays as one that was not read, so that nothing is concluded from what it allows. */
const withPolicies = (profile: PrincipalProfile): PrincipalProfile => {
  let room: number = ROOM.policies
  const policies = profile.policies.map((policy): PolicyRead => {
    room -= journalSizeOf(policy.statements)
    return room >= 0 ? policy : { ...policy, statements: [], unread: LEFT_OUT }
  })
  const unread = policies.filter((policy, index) => policy !== profile.policies[index]).length
  const risks = firstFitting(profile.risks, ROOM.risks)
  const gaps = [...leftOut(unread, 'policies'), ...leftOut(profile.risks.length - risks.length, 'far-reaching permissions')]
  return { ...profile, policies, risks, incomplete: [...profile.incomplete, ...gaps] }
}

const leftOut = (count: number, what: string): readonly string[] =>
  count === 0 ? [] : [`${count} more ${what} are ${LEFT_OUT.replace('for it:', 'for them:').replace('shows it', 'shows them')}`]
