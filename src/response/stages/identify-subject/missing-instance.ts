import { DAY_SECONDS } from '../../../incident/values/duration.ts'
import { plus, wholeSecond } from '../../../incident/values/instant.ts'
import { lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'

/** How long CloudTrail's event history is asked about a termination; an instance that is older than that is not missed today. */
const SINCE = 90 * DAY_SECONDS

/**
 * What is known of an instance that EC2 does not show: CloudTrail's record of its termination, by whom and when; or that there is
 * none, because an empty answer alone does not say that it was terminated.
 */
export const whyMissing = async (instanceId: string, region: string, context: Context): Promise<string> => {
  const window = { from: plus(context.now(), -SINCE), until: context.now() }
  const lookup = { attribute: 'ResourceName' as const, value: instanceId, ...window }
  const { records, incomplete } = await lookupEvents(context.aws(region).cloudtrail, region, lookup, { pages: 2, items: 100 })
  const ended = records.find(({ eventName, outcome }) => eventName === 'TerminateInstances' && outcome === 'ok')
  if (!ended && incomplete.length > 0)
    return 'CloudTrail could not be read to the end, so ir-cred does not know what became of it'
  if (!ended) return 'CloudTrail shows no termination of it (yet), so ir-cred does not know what became of it'
  const by = (ended.sessionArn ?? ended.userName ?? ended.invokedBy ?? 'an unknown principal').replace(/[^\x21-\x7e]/g, '?')
  return `CloudTrail shows that ${by} terminated it at ${wholeSecond(ended.at)}`
}
