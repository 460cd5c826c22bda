import type { Instant } from '../../../incident/values/instant.ts'
import type { TimeRange } from '../../question.ts'
import { isOtherThanLog, mayHold } from '../log-files/log-name.ts'
import { type Bucket, type LogObject, listObjects } from './bucket.ts'
import { inTurn } from './in-parallel.ts'
import { dateFolders, type LayoutLevel, placeBelow, placeOf, type Wanted } from './layout.ts'

export interface Search extends Wanted {
  readonly range: TimeRange
  readonly now: Instant
}

/** Deeper than this no AWSLogs is looked for, and not in a bucket that holds more folders than this. */
const DEEPEST = 3
const MOST_FOLDERS = 100

/**
 * The log files below the bucket's prefix that can hold records of the range, the newest days first. Where there is no
 * AWSLogs, somebody has laid the files there in his own way, and every file is taken.
 */
export async function* findObjects(bucket: Bucket, search: Search): AsyncGenerator<readonly LogObject[]> {
  const prefixes = await prefixesBelow(bucket, search)
  for await (const { objects } of inTurn(prefixes.map((prefix) => () => listObjects(bucket, prefix))))
    yield objects.filter(({ key }) => !isOtherThanLog(key) && mayHold(key, search.range))
}

/** The prefixes to list whole. Folders above a Region's are walked, so that no other service's logs are listed. */
const prefixesBelow = async (bucket: Bucket, search: Search): Promise<readonly string[]> => {
  const { prefix } = bucket.address
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
  if (folder !== prefix && (await isEmpty(bucket, folder))) return [prefix]
  const place = placeOf(folder)
  if (place === undefined) return []
  if (place === 'year' || place === 'month' || place === 'day') return [folder]
  const walk: Walk = { bucket, wanted: search, isTrailFound: place !== 'outside' }
  const regions = place === 'region' ? [folder] : await regionsBelow(walk, folder, place)
  // The newest days of all Regions come first: what is asked about is mostly young.
  const days = dateFolders(search.range, search.now).flatMap((day) => regions.map((region) => `${region}${day}`))
  return walk.isTrailFound ? days : [folder]
}

/** What is named is a file, or the beginning of names. */
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

const regionsBelow = async (walk: Walk, prefix: string, place: LayoutLevel, depth = 0): Promise<string[]> => {
  const folders: string[] = []
  for await (const page of listObjects(walk.bucket, prefix, true)) folders.push(...page.folders)
  const below = withLogsOnly(folders).flatMap((name) => {
    const next = placeBelow(place, name, walk.wanted)
    return next === undefined ? [] : [{ prefix: `${prefix}${name}/`, place: next }]
  })
  if (folders.includes('AWSLogs')) walk.isTrailFound = true
  const isTooFar = depth >= DEEPEST || below.length > MOST_FOLDERS
  const others = below.filter((each) => each.place !== 'region' && !(isTooFar && each.place === 'outside'))
  const found = below.filter((each) => each.place === 'region').map((each) => each.prefix)
  const deeper = others.map((each) => () => once(regionsBelow(walk, each.prefix, each.place, depth + 1)))
  for await (const more of inTurn(deeper)) found.push(...more)
  return found
}

/** Beside AWSLogs lies nothing of a trail's. */
const withLogsOnly = (folders: readonly string[]): readonly string[] => (folders.includes('AWSLogs') ? ['AWSLogs'] : folders)

async function* once<T>(value: Promise<T>): AsyncGenerator<T> {
  yield await value
}
