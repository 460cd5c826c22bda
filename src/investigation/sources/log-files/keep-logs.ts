import { availableParallelism } from 'node:os'
import type { TimeRange } from '../../question.ts'
import { fileStates, openCachedLogs } from './cache/cached-logs.ts'
import { fillWithThreads } from './cache/fill-with-threads.ts'
import { type CachePlace, prepareCache, prune, touch } from './cache/segment-files.ts'
import { areFew } from './few-files.ts'
import { totalSizeOf } from './file-state.ts'
import { findLogs } from './find-logs.ts'
import { mayHold, newestFirst } from './log-name.ts'
import type { ScanProgress } from './scan-logs.ts'
import { THREAD_PROGRAM } from './thread-program.ts'

export interface LogKeeping {
  /** As for `scanLogs`. */
  readonly paths: readonly string[]
  readonly range?: TimeRange
  readonly threads?: number
  readonly threadProgram?: URL
  readonly signal?: AbortSignal
  readonly cache: CachePlace
  /** What has not been of use for longest is removed when the cache is full. */
  readonly now: Date
  onProgress?(progress: ScanProgress): void
}

/** Each takes about 100 MB. */
const MOST_THREADS = 4

/**
 * Keeps the records of log files in the cache, so that `scanLogs` need not read the files again, whoever is asked about.
 * It takes several times as long as a scan, so it is best done when the first answer has been given. Throws the signal's
 * reason when it is given; what has been kept until then stays.
 */
export const keepLogs = async (keeping: LogKeeping): Promise<void> => {
  const { range = {}, cache, now, signal = new AbortController().signal } = keeping
  const paths = newestFirst(findLogs(keeping.paths, cache.folder).paths.filter((path) => mayHold(path, range)))
  const kept = openCachedLogs(cache, fileStates(paths))
  const missing = paths.filter((path) => !kept.knows(path))
  kept.close()
  touch(kept.segments, now)
  if (missing.length === 0) return
  prepareCache(cache)
  // Records take about half of what a packed log file does.
  const room = prune(cache, kept.segments, totalSizeOf(missing), now)
  const { files, bytes, events } = kept.total
  const progress = (total: ScanProgress) =>
    keeping.onProgress?.({
      files: files + total.files,
      ofFiles: paths.length,
      bytes: bytes + total.bytes,
      events: events + total.events,
    })
  const threads = areFew(missing) ? 1 : Math.min(keeping.threads ?? availableParallelism(), missing.length, MOST_THREADS)
  const program = keeping.threadProgram ?? THREAD_PROGRAM
  await fillWithThreads(
    missing,
    { place: cache, room },
    { program, threads, signal, progress: (total) => progress({ ...total, ofFiles: paths.length }) },
  )
}
