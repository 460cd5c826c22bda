import { given } from '../../../incident/values/given.ts'
import { type Instant, isBefore, later, plus, wholeSecond } from '../../../incident/values/instant.ts'
import { rawText } from '../../../incident/values/untrusted.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { type Lookup, type LookupPage, lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { cloudTrails, trailRegions } from '../cloudtrail-regions.ts'

/** An attacker makes many calls: of so many in a Region the newest are read. */
export const MOST_CALLS = { pages: 30, items: 500 }

/** Seconds after which CloudTrail has a record ("CloudTrail event delivery"). */
const DELIVERY = 900

/** The newest calls of somebody in every Region that is searched. */
export interface NewestCalls {
  /** The newest first. */
  readonly calls: readonly CloudTrailRecord[]
  readonly raw: readonly string[]
  /** Calls from before are not read, as there are too many. Absent where all are. */
  readonly readBackTo?: Instant
  /** Why calls may be missing that are not older than that, a sentence each. */
  readonly incomplete: readonly string[]
}

export const byAge = (a: CloudTrailRecord, b: CloudTrailRecord): number => Date.parse(b.at) - Date.parse(a.at)

/** Looks calls up in every Region. What cannot be read is said. */
export const newestCalls = async (lookup: Lookup, region: string, context: Context): Promise<NewestCalls> => {
  const clients = cloudTrails(trailRegions(region, context), context)
  const found = await Promise.all(clients.map((one) => newestIn(one, lookup)))
  const cuts = found.flatMap(({ readBackTo }) => readBackTo ?? [])
  const calls = new Map(found.flatMap(({ records }) => records).map((record) => [record.eventId, record]))
  return {
    calls: [...calls.values()].sort(byAge),
    raw: found.flatMap(({ raw }) => raw),
    incomplete: [...new Set(found.flatMap(({ incomplete }) => incomplete))],
    ...given({ readBackTo: cuts.length > 0 ? cuts.reduce(later) : undefined }),
  }
}

/** The newest calls in a Region, and from when on these are all. */
const newestIn = async (
  { client, region }: ReturnType<typeof cloudTrails>[number],
  lookup: Lookup,
): Promise<LookupPage & Pick<NewestCalls, 'readBackTo'>> => {
  const page = await lookupEvents(client, region, lookup, MOST_CALLS)
  const oldest = page.records.at(-1)
  if (page.raw.length < MOST_CALLS.items || !oldest) return page
  return { ...page, incomplete: [], readBackTo: oldest.at }
}

/** What a record says of its caller, in a sentence. */
export const plainText = (text: string): string => text.replace(/[^\w.:/@+=,-]/g, '?').slice(0, 200)

/** Where a call came from, in a sentence. */
export const sourceText = ({ source }: CloudTrailRecord): string => plainText(rawText(source))

/** It needs no right, so it answers under every deny and counts neither way. */
const ANSWERS_ALWAYS = 'GetCallerIdentity'

/** Whether a call shows that its credentials are let in. */
export const succeeded = ({ outcome, eventName }: CloudTrailRecord): boolean => outcome === 'ok' && eventName !== ANSWERS_ALWAYS

/** What of a look at calls says whether they are all there. */
export type CallsRead = Pick<NewestCalls, 'incomplete' | 'readBackTo'> & { readonly at: Instant }

/** How far calls were read, as a sentence says it. */
export const readWords = ({ at, incomplete }: CallsRead): string =>
  `CloudTrail, read at ${wholeSecond(at)}${incomplete.length > 0 ? ', with gaps' : ''}; records arrive up to 15 minutes late`

/** Why an empty list of calls since then says nothing; undefined where it does. */
export const unreadSince = (since: Instant, { incomplete, readBackTo }: CallsRead): string | undefined => {
  if (incomplete.length > 0) return `not all of CloudTrail could be read: ${incomplete.join('; ')}`
  return readBackTo && isBefore(since, readBackTo)
    ? `there are too many calls: those before ${readBackTo} are not read`
    : undefined
}

/** When records of calls until then have arrived. */
export const arrivedBy = (since: Instant): Instant => wholeSecond(plus(since, DELIVERY))
