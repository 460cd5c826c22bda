import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileStates, openCachedLogs } from '../../../../src/investigation/sources/log-files/cache/cached-logs.ts'
import type { CachePlace } from '../../../../src/investigation/sources/log-files/cache/segment-files.ts'
import { keepLogs } from '../../../../src/investigation/sources/log-files/keep-logs.ts'

const MANY = 2 ** 30

export const NOW = new Date('2026-03-02T12:00:00Z')

/** A cache in the folder that holds the logs. */
export const cacheIn = async (folder: string, paths: readonly string[], most = MANY): Promise<CachePlace> => {
  const cache = { folder: join(folder, 'cache'), writer: 'test 1', most }
  await keepLogs({ paths, cache, threads: 1, now: NOW })
  return cache
}

/** Which of the files the cache holds. */
export const heldBy = (cache: CachePlace, paths: readonly string[]): boolean[] => {
  const cached = openCachedLogs(cache, fileStates(paths))
  cached.close()
  return paths.map(cached.holds)
}

export const segmentsIn = (cache: CachePlace): string[] => readdirSync(cache.folder).map((name) => join(cache.folder, name))
