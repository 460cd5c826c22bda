import { isAwsError } from '../../../aws/failure.ts'
import type { ForeignRevocation } from '../../../incident/facts/facts.ts'
import type { RoleSession } from '../../../incident/facts/subject.ts'
import { DAY_SECONDS } from '../../../incident/values/duration.ts'
import { plus } from '../../../incident/values/instant.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import { lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { POLICY_NAME } from './policy.ts'

/** The longest session of a role: a revocation that is older denies nothing any more. */
const SINCE = 12 * 60 * 60 + DAY_SECONDS

/** The Region in whose event history IAM's calls are ("Global service events"), by partition. */
const IAM_REGION: Readonly<Record<string, string>> = { 'aws-us-gov': 'us-gov-west-1', 'aws-cn': 'cn-north-1' }

/**
 * Who wrote the role's revocation, and when: CloudTrail's newest successful PutRolePolicy of that name. Nothing where CloudTrail
 * does not show it; it is shown beside the cut-off, and nothing depends on it.
 */
export const writerOf = async (
  { role, partition }: RoleSession,
  context: Context,
): Promise<Pick<ForeignRevocation, 'by' | 'at'>> => {
  const region = IAM_REGION[partition] ?? 'us-east-1'
  const window = { from: plus(context.now(), -SINCE), until: context.now() }
  try {
    const { records } = await lookupEvents(
      context.aws(region).cloudtrail,
      region,
      { attribute: 'EventName', value: 'PutRolePolicy', ...window },
      { pages: 2, items: 100 },
    )
    const written = records.find(
      ({ eventName, outcome, request }) =>
        eventName === 'PutRolePolicy' &&
        outcome === 'ok' &&
        request?.roleName === role.name &&
        request.policyName === POLICY_NAME,
    )
    if (!written) return {}
    return {
      by: untrusted(written.sessionArn ?? written.userName ?? written.principalId ?? 'an unknown principal'),
      at: written.at,
    }
  } catch (error) {
    if (!isAwsError(error)) throw error
    return {}
  }
}
