import { DAY_MS } from '../../../../incident/values/duration.ts'
import { epochOf, type Instant, parseInstant } from '../../../../incident/values/instant.ts'
import type { TimeRange } from '../../../question.ts'

const DELIVERED = /_CloudTrail(?:-NetworkActivity)?_[a-z0-9-]+_(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})Z_/
const DAY_FOLDERS = /\/CloudTrail(?:-NetworkActivity)?\/[a-z0-9-]+\/(\d{4})\/(\d{2})\/(\d{2})\//
const BESIDE_LOGS = /(?:^|[\\/_])CloudTrail-(Digest|Insight|Aggregated)(?:[\\/_]|$)/

/** CloudTrail delivers a record minutes after its call, sometimes hours: files up to a day outside the range are read too. */
const MARGIN = DAY_MS

/**
 * When CloudTrail delivered a log file, by its name, or else the day that its folders name ("Finding your CloudTrail log
 * files"). Undefined for any other name.
 */
export const deliveredAt = (path: string): Instant | undefined => {
  const [, year, month, day, hour, minute] = DELIVERED.exec(path.slice(endOfFolders(path))) ?? []
  if (year) return instantIn(`${year}-${month}-${day}T${hour}:${minute}:00Z`)
  const [, folderYear, folderMonth, folderDay] = DAY_FOLDERS.exec(path.replaceAll('\\', '/')) ?? []
  return folderYear ? instantIn(`${folderYear}-${folderMonth}-${folderDay}T00:00:00Z`) : undefined
}

const endOfFolders = (path: string): number => Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1

/** Days 1 to 28 exist in every month. Nearly all dates match, and a million names are parsed faster without a calendar. */
const VALID_IN_EVERY_MONTH = /^[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:00Z$/

const instantIn = (text: string): Instant | undefined =>
  VALID_IN_EVERY_MONTH.test(text) ? (text as Instant) : parseInstant(text)

/** What lies beside a trail's log files and holds no records of calls. */
export type BesideLogs = 'digest' | 'insight' | 'aggregated'

/**
 * Digest files sign log files, Insights events are not calls, and aggregated events are sums of calls that stand in the log files.
 * Undefined for anything else.
 */
export const besideLogs = (path: string): BesideLogs | undefined =>
  BESIDE_LOGS.exec(path)?.[1]?.toLowerCase() as BesideLogs | undefined

/** Whether a file can hold a record of the range. A file without a date in its name always can. */
export const mayHoldRecordsOf = (path: string, range: TimeRange): boolean => isOpen(range) || mayHoldAt(deliveredAt(path), range)

const isOpen = ({ from, until }: TimeRange): boolean => from === undefined && until === undefined

/** Whether a file that was delivered then can hold a record of the range. */
export const mayHoldAt = (delivered: Instant | undefined, { from, until }: TimeRange): boolean => {
  if (!delivered || (!from && !until)) return true
  const at = epochOf(delivered)
  // The date may be a day's, which starts before its records: a margin of a day on both sides covers either case.
  return (!from || at >= epochOf(from) - MARGIN) && (!until || at <= epochOf(until) + MARGIN)
}

/** No record of the file is later, by its name: milliseconds since the epoch. */
export const lastRecordAt = (path: string): number => {
  const delivered = deliveredAt(path)
  return delivered === undefined ? Number.POSITIVE_INFINITY : epochOf(delivered) + MARGIN
}

/**
 * Sorts paths by date, the newest first: the calls in question are mostly recent, and show early which other principals to
 * match. Files without a date come last.
 */
export const newestFirst = (paths: readonly string[]): string[] => {
  const dated = paths.map((path) => ({ path, at: orderOf(path) }))
  return dated.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.path < b.path ? -1 : 1)).map(({ path }) => path)
}

const DELIVERY_TIME = /_CloudTrail(?:-NetworkActivity)?_[a-z0-9-]+_(\d{8}T\d{4})Z_/

/** A text that sorts as `deliveredAt` does and is found faster: all names are sorted before the first file is read. */
const orderOf = (path: string): string => {
  const time = DELIVERY_TIME.exec(path)?.[1]
  return time ?? deliveredAt(path)?.replaceAll(/[-:]/g, '').slice(0, 'YYYYMMDDTHHMM'.length) ?? ''
}
