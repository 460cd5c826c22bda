import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { TimeRange } from '../../../question.ts'
import { readBuffers } from '../decode/read-file.ts'
import { mayHoldRecordsOf, newestFirst } from '../discover/file-names.ts'
import { isSmallJob, totalSize } from '../discover/files-on-disk.ts'
import { findLogFiles } from '../discover/find-files.ts'
import type { ScanProgress } from '../scan-logs.ts'
import { counterMemory, sharedCounters, type WorkerInput } from '../workers/messages.ts'
import type { ScanTotal } from '../workers/scan-workers.ts'
import { WORKER_PROGRAM } from '../workers/start-threads.ts'
import { messageFrom } from '../workers/threads.ts'
import { type LogCache, makeCacheFolder, markUsed, prune } from './cache-files.ts'
import { fileStates, openCachedLogs } from './cached-logs.ts'
import { type SegmentTask, writeSegments } from './write-segments.ts'

export interface CacheFill {
  /** As for `scanLogs`. */
  readonly paths: readonly string[]
  readonly range?: TimeRange
  readonly threads?: number
  readonly workerProgram?: URL
  readonly signal?: AbortSignal
  readonly cache: LogCache
  /** When segments are marked as used. */
  readonly now: Date
  onProgress?(progress: ScanProgress): void
}

/** Each takes about 100 MB. */
const MOST_WORKERS = 4

/**
 * Writes the records of log files into the cache, so that `scanLogs` answers the next question without reading the files. It
 * takes several times as long as a scan: call it after the first answer. Throws the signal's reason once it is aborted; what
 * was written until then stays.
 */
export const fillCache = async (fill: CacheFill): Promise<void> => {
  const { range = {}, cache, now, signal = new AbortController().signal } = fill
  const paths = newestFirst(findLogFiles(fill.paths, cache.folder).paths.filter((path) => mayHoldRecordsOf(path, range)))
  const cached = openCachedLogs(cache, fileStates(paths))
  const missing = paths.filter((path) => !cached.knows(path))
  cached.close()
  markUsed(cached.segments, now)
  if (missing.length === 0) return
  makeCacheFolder(cache)
  // A segment is about half as large as its compressed log files.
  const maxBytes = prune(cache, cached.segments, totalSize(missing), now)
  const { files, bytes, events } = cached.total
  await writeWithWorkers(
    missing,
    { cache, maxBytes },
    {
      program: fill.workerProgram ?? WORKER_PROGRAM,
      threads: isSmallJob(missing) ? 1 : Math.min(fill.threads ?? availableParallelism(), missing.length, MOST_WORKERS),
      signal,
      progress: (total) =>
        fill.onProgress?.({
          files: files + total.files,
          ofFiles: paths.length,
          bytes: bytes + total.bytes,
          events: events + total.events,
        }),
    },
  )
}

interface SegmentPlan {
  readonly program: URL
  /** The main thread is one of them. */
  readonly threads: number
  readonly signal: AbortSignal
  progress(total: ScanTotal): void
}

/** Parsed records are short-lived: with a small young generation, a thread takes half the memory and no more time. */
const YOUNG_GENERATION_MB = 16

/** How often progress is reported. Milliseconds. */
const PROGRESS_INTERVAL = 200

/** Writes segments in the main thread and worker threads. Rejects with the signal's reason. */
const writeWithWorkers = async (paths: readonly string[], task: SegmentTask, plan: SegmentPlan): Promise<void> => {
  const { program, threads, signal, progress } = plan
  const counters = counterMemory(threads)
  const shared = sharedCounters(counters)
  const segments: SegmentTask = { ...task, maxBytes: task.maxBytes / threads }
  const workers = Array.from({ length: threads - 1 }, (_, index) => {
    const workerData: WorkerInput = { task: { segments, paths }, counters, worker: index + 1 }
    return new Worker(program, { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB } })
  })
  const timer = setInterval(() => progress(shared.total()), PROGRESS_INTERVAL)
  try {
    const mainThread = writeSegments(paths, segments, readBuffers(), {
      next: () => (signal.aborted ? paths.length : shared.next()),
      betweenFiles: () => new Promise((resolve) => setImmediate(resolve)),
      read: (bytes, events) => shared.count(0, bytes, events),
    })
    const others = workers.map((worker) => messageFrom(worker, ({ message }) => message === 'cached' || undefined, signal))
    await Promise.all([mainThread, ...others])
    signal.throwIfAborted()
  } finally {
    clearInterval(timer)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}
