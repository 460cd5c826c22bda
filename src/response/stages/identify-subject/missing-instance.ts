import { plus, wholeSecond } from '../../../incident/values/instant.ts'
import { EVENT_HISTORY_SECONDS, lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'

/**
 * What is known of an instance that EC2 does not show: CloudTrail's record of its termination, by which principal and when; or that there is
 * none, because an empty answer alone does not say that it was terminated.
 */
export const whyMissing = async (instanceId: string, region: string, context: Context): Promise<string> => {
  const { by, incomplete } = await termination(instanceId, region, context)
  if (by !== undefined) return by
  return `${incomplete ? 'CloudTrail could not be read to the end' : 'CloudTrail shows no termination of it (yet)'}, so ir-cred does not know what became of it`
}

/** Who ended an instance that EC2 shows as terminated, as a sentence: CloudTrail's record of it comes minutes later, or cannot be read. */
export const whoTerminated = async (instanceId: string, region: string, context: Context): Promise<string> => {
  const { by, incomplete } = await termination(instanceId, region, context)
  if (by !== undefined) return by
  return incomplete
    ? 'who did it is not known: CloudTrail could not be read to the end'
    : 'CloudTrail does not show who did it (yet)'
}

/** CloudTrail's record of the termination, as a sentence; and whether there may be one that could not be read. */
const termination = async (
  instanceId: string,
  region: string,
  context: Context,
): Promise<{ readonly by?: string; readonly incomplete: boolean }> => {
  const window = { from: plus(context.now(), -EVENT_HISTORY_SECONDS), until: context.now() }
  const lookup = { attribute: 'ResourceName' as const, value: instanceId, ...window }
  const { records, incomplete } = await lookupEvents(context.aws(region).cloudtrail, region, lookup, { pages: 2, items: 100 })
  const ended = records.find(({ eventName, outcome }) => eventName === 'TerminateInstances' && outcome === 'ok')
  if (!ended) return { incomplete: incomplete.length > 0 }
  const by = (ended.sessionArn ?? ended.userName ?? ended.invokedBy ?? 'an unknown principal').replace(/[^\x21-\x7e]/g, '?')
  return { by: `CloudTrail shows that ${by} terminated it at ${wholeSecond(ended.at)}`, incomplete: false }
}
