import { type Instant, later } from '../../incident/values/instant.ts'
import { lookupEvents } from '../../investigation/sources/lookup-events.ts'
import type { Context } from '../stage.ts'

/**
 * The time of the newest of the responder's own calls that CloudTrail shows in a Region: what happened there until then, it has
 * delivered. Undefined when it shows none.
 */
export const newestOwnCall = async (
  region: string,
  window: { readonly from: Instant; readonly until: Instant },
  context: Context,
): Promise<Instant | undefined> => {
  const ours = { attribute: 'AccessKeyId' as const, value: context.responderAccessKeyId, ...window }
  const { records } = await lookupEvents(context.aws(region).cloudtrail, region, ours, { pages: 1, items: 50 })
  return records.map(({ at }) => at).reduce<Instant | undefined>((newest, at) => (newest ? later(newest, at) : at), undefined)
}
