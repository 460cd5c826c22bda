import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LogCache } from '../../../../src/investigation/sources/log-files/cache/cache-files.ts'
import { fileStates, openCachedLogs } from '../../../../src/investigation/sources/log-files/cache/cached-logs.ts'
import { fillCache } from '../../../../src/investigation/sources/log-files/cache/fill-cache.ts'

const MANY = 2 ** 30

export const NOW = new Date('2026-03-02T12:00:00Z')

/** A cache in the folder, filled from the logs. */
export const cacheIn = async (folder: string, paths: readonly string[], maxBytes = MANY): Promise<LogCache> => {
  const cache = { folder: join(folder, 'cache'), writer: 'test 1', maxBytes }
  await fillCache({ paths, cache, threads: 1, now: NOW })
  return cache
}

/** Which of the files the cache holds. */
export const heldBy = (cache: LogCache, paths: readonly string[]): boolean[] => {
  const cached = openCachedLogs(cache, fileStates(paths))
  cached.close()
  return paths.map(cached.holds)
}

export const segmentsIn = (cache: LogCache): string[] => readdirSync(cache.folder).map((name) => join(cache.folder, name))
