import { DAY_MS } from '../../../incident/values/duration.ts'
import { epochOf, type Instant, parseInstant } from '../../../incident/values/instant.ts'
import type { TimeRange } from '../../question.ts'

const DELIVERED = /_CloudTrail_[a-z0-9-]+_(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})Z_/
const DAY_FOLDERS = /\/CloudTrail\/[a-z0-9-]+\/(\d{4})\/(\d{2})\/(\d{2})\//
const ANOTHER_KIND = /(?:^|[\\/_])CloudTrail-(?:Digest|Insight)(?:[\\/_]|$)/

/** Records reach their file minutes after the call, sometimes hours: a file is opened up to a day beside the range. */
const MARGIN = DAY_MS

/**
 * When CloudTrail delivered a log file, as its name says, else the day that its folders say ("Finding your CloudTrail log
 * files"). Undefined for files that somebody named otherwise.
 */
export const deliveredAt = (path: string): Instant | undefined => {
  const [, year, month, day, hour, minute] = DELIVERED.exec(path.slice(endOfFolders(path))) ?? []
  if (year) return instantIn(`${year}-${month}-${day}T${hour}:${minute}:00Z`)
  const [, folderYear, folderMonth, folderDay] = DAY_FOLDERS.exec(path.replaceAll('\\', '/')) ?? []
  return folderYear ? instantIn(`${folderYear}-${folderMonth}-${folderDay}T00:00:00Z`) : undefined
}

const endOfFolders = (path: string): number => Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1

/** On days that every month has: nearly all are such, and there may be a million names. */
const PLAIN = /^[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:00Z$/

const instantIn = (text: string): Instant | undefined => (PLAIN.test(text) ? (text as Instant) : parseInstant(text))

/** Digests sign log files, and Insights events are no calls: both lie beside the logs and hold no records. */
export const isOtherThanLog = (path: string): boolean => ANOTHER_KIND.test(path)

/** Whether a file can hold a record of the range. A file without a date in its name can always. */
export const mayHold = (path: string, range: TimeRange): boolean => isOpen(range) || mayHoldAt(deliveredAt(path), range)

const isOpen = ({ from, until }: TimeRange): boolean => from === undefined && until === undefined

/** The same for many files whose dates are known. */
const mayHoldAt = (delivered: Instant | undefined, { from, until }: TimeRange): boolean => {
  if (!delivered || (!from && !until)) return true
  const at = epochOf(delivered)
  // The date may be that of a day, and a file is delivered after its records: a day on both sides holds either way.
  return (!from || at >= epochOf(from) - MARGIN) && (!until || at <= epochOf(until) + MARGIN)
}

/** The newest first: what is asked about is mostly young, and tells early what else to look for. Files without a date come last. */
export const newestFirst = (paths: readonly string[]): string[] => {
  const dated = paths.map((path) => ({ path, at: orderOf(path) }))
  return dated.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.path < b.path ? -1 : 1)).map(({ path }) => path)
}

const MOMENT = /_CloudTrail_[a-z0-9-]+_(\d{8}T\d{4})Z_/

/** A text that puts names in the order of `deliveredAt`, found in a fraction of its time: all names are sorted before anything is read. */
const orderOf = (path: string): string => {
  const moment = MOMENT.exec(path)?.[1]
  return moment ?? deliveredAt(path)?.replaceAll(/[-:]/g, '').slice(0, 'YYYYMMDDTHHMM'.length) ?? ''
}
