import type { ForeignRevocation } from '../../../incident/facts/facts.ts'
import type { RoleSession } from '../../../incident/facts/subject.ts'
import { POLICY_NAME } from '../../../incident/revocation-document.ts'
import { DAY_SECONDS, LONGEST_ROLE_SESSION_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, plus } from '../../../incident/values/instant.ts'
import { globalRegions } from '../../../incident/values/partition.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import { lookupEverywhere } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { cloudTrails } from '../cloudtrail-regions.ts'

/** The longest session of a role: a revocation that is older denies nothing any more. */
const SINCE = LONGEST_ROLE_SESSION_SECONDS + DAY_SECONDS

/**
 * Who wrote the role's revocation, and when: CloudTrail's newest successful PutRolePolicy of that name before `until`. Nothing where CloudTrail
 * does not show it; it is shown beside the cut-off, and nothing depends on it.
 */
export const writerOf = async (
  { role, region }: RoleSession,
  context: Context,
  until: Instant,
): Promise<Pick<ForeignRevocation, 'by' | 'at'>> => {
  const lookup = { attribute: 'EventName' as const, value: 'PutRolePolicy', from: plus(until, -SINCE), until }
  const { records } = await lookupEverywhere(cloudTrails(globalRegions(region), context), lookup, { pages: 2, items: 100 })
  const written = records.find(
    ({ eventName, outcome, request }) =>
      eventName === 'PutRolePolicy' && outcome === 'ok' && request?.roleName === role.name && request.policyName === POLICY_NAME,
  )
  if (!written) return {}
  return {
    by: untrusted(written.sessionArn ?? written.userName ?? written.principalId ?? 'an unknown principal'),
    at: written.at,
  }
}
