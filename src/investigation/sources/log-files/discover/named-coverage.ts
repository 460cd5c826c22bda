import type { MissingDigests } from '../../../../incident/facts/coverage.ts'
import { HOUR_SECONDS, SECOND_MS } from '../../../../incident/values/duration.ts'
import { epochOf, type Instant, parseInstant } from '../../../../incident/values/instant.ts'

const LOG_FILE = /(?:^|[\\/])(\d{12})_CloudTrail(?:-NetworkActivity)?_([a-z]{2}[a-z0-9-]*-\d)_\d{8}T/

/** Accounts and Regions, by the names of log files ("CloudTrail log file name format"). */
export const accountsAndRegions = (
  paths: readonly string[],
): { readonly accounts: readonly string[]; readonly regions: readonly string[] } => {
  const accounts = new Set<string>()
  const regions = new Set<string>()
  for (const path of paths) {
    const [, account, region] = LOG_FILE.exec(path) ?? []
    if (account) accounts.add(account)
    if (region) regions.add(region)
  }
  return { accounts: [...accounts].sort(), regions: [...regions].sort() }
}

const DIGEST = /(\d{12})_CloudTrail-Digest_([a-z0-9-]+)_(.+)_[a-z0-9-]+_(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z\.json/

/** A digest file follows an hour after the one before it. Seconds. */
const LATEST = 1.5 * HOUR_SECONDS

/** The times in which digest files of a trail are missing, by their names. */
export const missingDigests = (paths: readonly string[]): readonly MissingDigests[] => {
  const byTrail = new Map<string, Instant[]>()
  for (const path of paths) {
    const [, account, region, trail, year, month, day, hour, minute, second] = DIGEST.exec(path) ?? []
    const at = year && parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
    const name = `${account} ${region} ${trail}`
    if (at) byTrail.set(name, [...(byTrail.get(name) ?? []), at])
  }
  return [...byTrail].flatMap(([trail, times]) =>
    times.sort().flatMap((until, index, all) => {
      const from = all[index - 1]
      const isLate = from !== undefined && epochOf(until) - epochOf(from) > LATEST * SECOND_MS
      return isLate ? [{ trail, from, until }] : []
    }),
  )
}
