import { DAY_MS } from '../../../incident/values/duration.ts'
import { isAccountId } from '../../../incident/values/identifiers.ts'
import { epochOf, type Instant, parseInstant } from '../../../incident/values/instant.ts'
import { REGION } from '../../../incident/values/region.ts'
import type { TimeRange } from '../../question.ts'
import { besideLogs, mayHoldAt, mayHoldRecordsOf } from '../log-files/discover/file-names.ts'
import { type Bucket, type LogObject, listObjects } from './bucket.ts'
import { inTurn } from './in-parallel.ts'

export interface Search extends Wanted {
  readonly range: TimeRange
  readonly now: Instant
}

/** Finds the digest files below the bucket's prefix that name log files of the range. */
export async function* findDigests(bucket: Bucket, search: Search): AsyncGenerator<readonly LogObject[]> {
  const prefix = bucket.address.prefix.replace(/(AWSLogs\/(?:o-[a-z0-9]+\/)?\d{12}\/CloudTrail)(?=\/|$)/, '$1-Digest')
  const prefixes = await prefixesBelow({ ...bucket, address: { ...bucket.address, prefix } }, { ...search, isOfDigests: true })
  for await (const { objects } of inTurn(prefixes.map((each) => () => listObjects(bucket, each))))
    yield objects.filter(({ key }) => besideLogs(key) === 'digest' && mayNameFilesOf(key, search.range))
}

/** A digest ends within an hour after the log files that it names. Files without a time in their names may be of any. */
const mayNameFilesOf = (key: string, range: TimeRange): boolean => {
  const [, day, hour] = /_(\d{8})T(\d{2})\d{4}Z/.exec(key) ?? []
  const at = day && parseInstant(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}T${hour}:00:00Z`)
  return mayHoldAt(at || undefined, range)
}

/** How deep AWSLogs is searched for, and in a folder of at most how many folders. */
const DEEPEST = 3
const MOST_FOLDERS = 100

/**
 * Finds the log files below the bucket's prefix that can hold records of the range, the newest days first. Without an AWSLogs
 * folder, the files were copied there by other means: then it takes every file.
 */
export async function* findObjects(bucket: Bucket, search: Search): AsyncGenerator<readonly LogObject[]> {
  const prefixes = await prefixesBelow(bucket, search)
  for await (const { objects } of inTurn(prefixes.map((prefix) => () => listObjects(bucket, prefix))))
    yield objects.filter(({ key }) => besideLogs(key) === undefined && mayHoldRecordsOf(key, search.range))
}

/** The prefixes to list completely. Folders above the Regions are walked one by one: other services' logs lie beside CloudTrail's. */
const prefixesBelow = async (bucket: Bucket, search: Search): Promise<readonly string[]> => {
  const { prefix } = bucket.address
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
  if (folder !== prefix && (await isEmpty(bucket, folder))) return [prefix]
  const level = levelOf(folder, { isOfDigests: search.isOfDigests ?? false })
  if (level === undefined) return []
  if (level === 'year' || level === 'month' || level === 'day') return [folder]
  const walk: Walk = { bucket, wanted: search, isTrailFound: level !== 'outside' }
  const regions = level === 'region' ? [folder] : await regionsBelow(walk, folder, level)
  // The newest days of all Regions come first, because the calls in question are mostly recent.
  const days = dateFolders(search.range, search.now).flatMap((day) => regions.map((region) => `${region}${day}`))
  return walk.isTrailFound ? days : [folder]
}

/** Nothing below it: the prefix is a file, or the start of names. */
const isEmpty = async (bucket: Bucket, folder: string): Promise<boolean> => {
  for await (const { objects, folders } of listObjects(bucket, folder, true))
    if (objects.length + folders.length > 0) return false
  return true
}

interface Walk {
  readonly bucket: Bucket
  readonly wanted: Wanted
  isTrailFound: boolean
}

const regionsBelow = async (walk: Walk, prefix: string, level: LayoutLevel, depth = 0): Promise<string[]> => {
  const folders: string[] = []
  for await (const page of listObjects(walk.bucket, prefix, true)) folders.push(...page.folders)
  const below = withLogsOnly(folders).flatMap((name) => {
    const next = levelBelow(level, name, walk.wanted)
    return next === undefined ? [] : [{ prefix: `${prefix}${name}/`, level: next }]
  })
  if (folders.includes('AWSLogs')) walk.isTrailFound = true
  const isTooFar = depth >= DEEPEST || below.length > MOST_FOLDERS
  const others = below.filter((each) => each.level !== 'region' && !(isTooFar && each.level === 'outside'))
  const found = below.filter((each) => each.level === 'region').map((each) => each.prefix)
  const deeper = others.map((each) => () => once(regionsBelow(walk, each.prefix, each.level, depth + 1)))
  for await (const more of inTurn(deeper)) found.push(...more)
  return found
}

/** Nothing beside AWSLogs belongs to a trail. */
const withLogsOnly = (folders: readonly string[]): readonly string[] => (folders.includes('AWSLogs') ? ['AWSLogs'] : folders)

async function* once<T>(value: Promise<T>): AsyncGenerator<T> {
  yield await value
}

/**
 * The level of a prefix in a bucket of CloudTrail logs ("Finding your CloudTrail log files"):
 * `…/AWSLogs/[organization/]account/CloudTrail/region/year/month/day/`.
 */
export type LayoutLevel = 'outside' | 'AWSLogs' | 'organization' | 'account' | 'trail' | 'region' | 'year' | 'month' | 'day'

/** Which accounts and Regions are wanted; all when missing. */
export interface Wanted {
  readonly accounts?: readonly string[]
  readonly regions?: readonly string[]
  /** The digest files of the trail instead of its log files. */
  readonly isOfDigests?: boolean
}

const ORGANIZATION = /^o-[a-z0-9]{10,32}$/

const isWanted = (name: string, wanted: readonly string[] | undefined): boolean => wanted === undefined || wanted.includes(name)

const accountIn = (name: string, { accounts }: Wanted): LayoutLevel | undefined =>
  isAccountId(name) && isWanted(name, accounts) ? 'account' : undefined

const LOG_FOLDERS = ['CloudTrail', 'CloudTrail-NetworkActivity']
const DIGEST_FOLDERS = ['CloudTrail-Digest']

/** The level of a folder, by the level above it. Undefined for digests, Insights events and other services' logs. */
const BELOW: Readonly<Record<LayoutLevel, (name: string, wanted: Wanted) => LayoutLevel | undefined>> = {
  outside: (name) => (name === 'AWSLogs' ? 'AWSLogs' : 'outside'),
  AWSLogs: (name, wanted) => (ORGANIZATION.test(name) ? 'organization' : accountIn(name, wanted)),
  organization: accountIn,
  account: (name, { isOfDigests }) => ((isOfDigests ? DIGEST_FOLDERS : LOG_FOLDERS).includes(name) ? 'trail' : undefined),
  trail: (name, { regions }) => (REGION.test(name) && isWanted(name, regions) ? 'region' : undefined),
  region: (name) => (/^\d{4}$/.test(name) ? 'year' : undefined),
  year: (name) => (/^\d{2}$/.test(name) ? 'month' : undefined),
  month: (name) => (/^\d{2}$/.test(name) ? 'day' : undefined),
  day: () => undefined,
}

/** The level of a folder in a folder of `level`; undefined when it holds nothing that is wanted. */
const levelBelow = (level: LayoutLevel, name: string, wanted: Wanted): LayoutLevel | undefined => BELOW[level](name, wanted)

/** The level of a prefix, by its complete folder names. A prefix that you name is wanted. Undefined for a folder beside the logs. */
export const levelOf = (prefix: string, wanted: Pick<Wanted, 'isOfDigests'> = {}): LayoutLevel | undefined => {
  const folders = prefix.split('/').slice(0, -1)
  const logs = folders.lastIndexOf('AWSLogs')
  if (logs < 0) return 'outside'
  return folders
    .slice(logs + 1)
    .reduce<LayoutLevel | undefined>((level, name) => level && levelBelow(level, name, wanted), 'AWSLogs')
}

/** Folders are named by the day of delivery: the day of the call or the day after, rarely later. */
const MARGIN_DAYS = 1

/**
 * The folders below a Region that can hold records of the range, the newest first: `2026/03/01/` for days, and shorter ones for
 * whole months and years. One empty text, for everything, when the range has no start.
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

/** The largest folder that ends with the day and does not start before the first day; and the day on which it starts. */
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
