import type { ForeignRevocation } from '../../../incident/facts/facts.ts'
import { holderOf, longestSessionOf, type Subject } from '../../../incident/facts/subject.ts'
import { POLICY_NAME } from '../../../incident/revocation-document.ts'
import { DAY_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, plus } from '../../../incident/values/instant.ts'
import { globalRegions } from '../../../incident/values/partition.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import { lookupEverywhere } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { cloudTrails } from '../cloudtrail-regions.ts'

/**
 * Who wrote the revocation, and when: CloudTrail's newest successful PutRolePolicy or PutUserPolicy of that name before `until`, as far back
 * as one may still deny something. Nothing where CloudTrail
 * does not show it; it is shown beside the cut-off, and nothing depends on it.
 */
export const writerOf = async (
  subject: Subject,
  context: Context,
  until: Instant,
): Promise<Pick<ForeignRevocation, 'by' | 'at'>> => {
  const { of, name } = holderOf(subject)
  const [value, member] = of === 'role' ? ['PutRolePolicy', 'roleName'] : ['PutUserPolicy', 'userName']
  const from = plus(until, -longestSessionOf(subject) - DAY_SECONDS)
  const lookup = { attribute: 'EventName' as const, value, from, until }
  const { records } = await lookupEverywhere(cloudTrails(globalRegions(subject.region), context), lookup, {
    pages: 2,
    items: 100,
  })
  const written = records.find(
    ({ eventName, outcome, request }) =>
      eventName === value && outcome === 'ok' && request?.[member] === name && request.policyName === POLICY_NAME,
  )
  if (!written) return {}
  return {
    by: untrusted(written.sessionArn ?? written.userName ?? written.principalId ?? 'an unknown principal'),
    at: written.at,
  }
}
