import { given } from '../../incident/values/given.ts'
import { type Instant, later } from '../../incident/values/instant.ts'
import { lookupEvents } from '../../investigation/sources/lookup-events.ts'
import type { Context } from '../stage.ts'

/** The time of the newest of the responder's own calls that CloudTrail shows in a Region; undefined when it shows none. */
export const newestOwnCall = async (region: string, window: Window, context: Context): Promise<Instant | undefined> =>
  (await trailReach(region, window, context)).seenUpTo

interface Window {
  readonly from: Instant
  readonly until: Instant
}

/** How far CloudTrail can be trusted in a Region. */
export interface TrailReach {
  readonly region: string
  /** The time of the newest own call that it shows: what happened there until then, it has delivered. */
  readonly seenUpTo?: Instant
  /** Why the Region could not be read, in a sentence. */
  readonly notRead?: string
}

/** How far CloudTrail shows what happened in a Region, by the newest of the responder's own calls there. */
export const trailReach = async (region: string, window: Window, context: Context): Promise<TrailReach> => {
  const ours = { attribute: 'AccessKeyId' as const, value: context.responderAccessKeyId, ...window }
  const { records, incomplete } = await lookupEvents(context.aws(region).cloudtrail, region, ours, { pages: 1, items: 50 })
  const seenUpTo = records.map(({ at }) => at).reduce<Instant | undefined>((a, b) => (a ? later(a, b) : b), undefined)
  return { region, ...given({ seenUpTo, notRead: records.length === 0 ? incomplete[0] : undefined }) }
}
