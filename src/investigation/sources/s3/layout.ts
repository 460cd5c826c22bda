import { DAY_MS } from '../../../incident/values/duration.ts'
import { isAccountId } from '../../../incident/values/identifiers.ts'
import { epochOf, type Instant } from '../../../incident/values/instant.ts'
import { REGION } from '../../../incident/values/region.ts'
import type { TimeRange } from '../../question.ts'

/**
 * Where a prefix stands in a bucket of CloudTrail logs ("Finding your CloudTrail log files"):
 * `…/AWSLogs/[organization/]account/CloudTrail/region/year/month/day/`.
 */
export type LayoutLevel = 'outside' | 'AWSLogs' | 'organization' | 'account' | 'trail' | 'region' | 'year' | 'month' | 'day'

/** Which accounts and Regions are wanted; all, where nothing is said. */
export interface Wanted {
  readonly accounts?: readonly string[]
  readonly regions?: readonly string[]
}

const ORGANIZATION = /^o-[a-z0-9]{10,32}$/

const isWanted = (name: string, wanted: readonly string[] | undefined): boolean => wanted === undefined || wanted.includes(name)

const accountIn = (name: string, { accounts }: Wanted): LayoutLevel | undefined =>
  isAccountId(name) && isWanted(name, accounts) ? 'account' : undefined

/** What a folder of a place is. Digests, Insights and other services' logs are none of ours: undefined. */
const BELOW: Readonly<Record<LayoutLevel, (name: string, wanted: Wanted) => LayoutLevel | undefined>> = {
  outside: (name) => (name === 'AWSLogs' ? 'AWSLogs' : 'outside'),
  AWSLogs: (name, wanted) => (ORGANIZATION.test(name) ? 'organization' : accountIn(name, wanted)),
  organization: accountIn,
  account: (name) => (name === 'CloudTrail' ? 'trail' : undefined),
  trail: (name, { regions }) => (REGION.test(name) && isWanted(name, regions) ? 'region' : undefined),
  region: (name) => (/^\d{4}$/.test(name) ? 'year' : undefined),
  year: (name) => (/^\d{2}$/.test(name) ? 'month' : undefined),
  month: (name) => (/^\d{2}$/.test(name) ? 'day' : undefined),
  day: () => undefined,
}

/** Where the folder leads; undefined when nothing that is wanted lies in it. */
export const placeBelow = (place: LayoutLevel, name: string, wanted: Wanted): LayoutLevel | undefined =>
  BELOW[place](name, wanted)

/** Where a prefix stands, by its whole folders. What the responder names is wanted. Undefined for a folder beside the logs. */
export const placeOf = (prefix: string): LayoutLevel | undefined => {
  const folders = prefix.split('/').slice(0, -1)
  const logs = folders.lastIndexOf('AWSLogs')
  if (logs < 0) return 'outside'
  return folders.slice(logs + 1).reduce<LayoutLevel | undefined>((place, name) => place && placeBelow(place, name, {}), 'AWSLogs')
}

/** Folders are named by the day of delivery, which may be the day after a call, and hardly ever later. */
const MARGIN_DAYS = 1

/**
 * The folders below a Region's that can hold records of the range, the newest first: days, and whole months and years where
 * all of their days are in it. One empty text, which is everything, when the range has no beginning.
 */
export const dateFolders = ({ from, until }: TimeRange, now: Instant): readonly string[] => {
  if (from === undefined) return ['']
  const first = dayOf(from) - MARGIN_DAYS
  const last = dayOf(until ?? now) + MARGIN_DAYS
  const folders: string[] = []
  for (let day = last; day >= first; ) {
    const [folder, begin] = largestFolder(day, first)
    folders.push(folder)
    day = begin - 1
  }
  return folders
}

const dayOf = (instant: Instant): number => Math.floor(epochOf(instant) / DAY_MS)

/** The largest folder that ends with the day and does not begin before the first one; and the day on which it begins. */
const largestFolder = (day: number, first: number): readonly [folder: string, begin: number] => {
  const date = new Date(day * DAY_MS)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  const [ofYear, ofMonth] = [Date.UTC(year, 0) / DAY_MS, Date.UTC(year, month) / DAY_MS]
  const iso = date.toISOString()
  if (day === Date.UTC(year + 1, 0) / DAY_MS - 1 && ofYear >= first) return [`${iso.slice(0, 4)}/`, ofYear]
  if (day === Date.UTC(year, month + 1) / DAY_MS - 1 && ofMonth >= first)
    return [`${iso.slice(0, 7).replace('-', '/')}/`, ofMonth]
  return [`${iso.slice(0, 10).replaceAll('-', '/')}/`, day]
}
