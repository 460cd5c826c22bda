import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import type { SuspectKind } from '../../../incident/facts/closure.ts'
import type { Instant } from '../../../incident/values/instant.ts'
import type { CloudTrailRecord } from '../../../investigation/record.ts'
import { type Lookup, lookupEverywhere } from '../../../investigation/sources/lookup-events.ts'
import type { Context } from '../../stage.ts'
import { cloudTrails } from '../cloudtrail-regions.ts'

/** A credential that is known to be or to have been the attacker's, or may be, and its calls. */
export interface Suspect {
  readonly kind: SuspectKind
  /** The access key id, or the user's name of a console password. */
  readonly name: string
  /** Newest first. */
  readonly calls: readonly CloudTrailRecord[]
  /** What made it, for a key or password that the attacker made. */
  readonly artefact?: PersistenceArtefact
  /** It was made inactive or deleted since, so that nobody gets in with it. */
  readonly isGone?: boolean
}

/** So many credentials of one kind are followed; more are counted. Each takes a call in every Region, two of which are made in a second. */
export const MOST = 30
/** Pages of 50 calls that are read of one credential in a Region, newest first. */
const PAGES = { pages: 20, items: 1000 }

/** How CloudTrail is read for the last look: in all Regions at once, with what was read and what could not be. */
export interface TrailReading {
  readonly raw: string[]
  readonly incomplete: string[]
  lookup(lookup: Pick<Lookup, 'attribute' | 'value' | 'from'>): Promise<readonly CloudTrailRecord[]>
  /** The newest calls of a time that is over, a page a Region: they can show that there were some, and never that there were none. */
  glimpse(lookup: Lookup): Promise<readonly CloudTrailRecord[]>
  callsOf(kind: SuspectKind, accessKeyId: string, from: Instant): Promise<Suspect>
  /** The first so many; the others are counted. */
  first(names: readonly string[], what: string): readonly string[]
}

/** The reading of a last look, in these Regions. */
export const readingOf = (regions: readonly string[], context: Context): TrailReading => {
  const clients = cloudTrails(regions, context)
  const [raw, incomplete]: [string[], string[]] = [[], []]
  const lookup: TrailReading['lookup'] = async (asked) => {
    const page = await lookupEverywhere(clients, { ...asked, until: context.now() }, PAGES)
    raw.push(...page.raw)
    incomplete.push(...page.incomplete)
    return page.records
  }
  return {
    raw,
    incomplete,
    lookup,
    glimpse: async (asked) => {
      const page = await lookupEverywhere(clients, asked, { pages: 1, items: 50 })
      raw.push(...page.raw)
      return page.records
    },
    callsOf: async (kind, name, from) => {
      context.progress(`asking CloudTrail for the calls of ${name} in ${regions.length} Region${regions.length === 1 ? '' : 's'}`)
      return { kind, name, calls: await lookup({ attribute: 'AccessKeyId', value: name, from }) }
    },
    first: (names, what) => {
      if (names.length > MOST) incomplete.push(`${names.length - MOST} more ${what} were not followed`)
      return names.slice(0, MOST)
    },
  }
}
