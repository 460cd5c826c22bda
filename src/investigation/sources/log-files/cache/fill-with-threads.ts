import { Worker } from 'node:worker_threads'
import type { Total } from '../crew.ts'
import { buffers } from '../read-log.ts'
import { answer } from '../thread-answer.ts'
import { roomForNumbers, sharedNumbers, type ThreadData } from '../thread-messages.ts'
import { type Filling, fillCache } from './fill-cache.ts'

export interface FillingPlan {
  /** The program of a thread. */
  readonly program: URL
  /** This one is one of them. */
  readonly threads: number
  readonly signal: AbortSignal
  progress(total: Total): void
}

/** What is parsed is of no use a moment later: with less room for it, a thread takes half the memory and no more time. */
const YOUNG = 16

/** How often progress is told. Milliseconds. */
const TELL_EVERY = 200

/** Fills the cache from files, in this thread and in others. Rejects with the signal's reason when it is given. */
export const fillWithThreads = async (paths: readonly string[], filling: Filling, plan: FillingPlan): Promise<void> => {
  const { program, threads, signal, progress } = plan
  const numbers = roomForNumbers(threads)
  const shared = sharedNumbers(numbers)
  const share: Filling = { ...filling, room: filling.room / threads }
  const workers = Array.from({ length: threads - 1 }, (_, index) => {
    const workerData: ThreadData = { task: { filling: share, paths }, numbers, thread: index + 1 }
    return new Worker(program, { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG } })
  })
  const telling = setInterval(() => progress(shared.total()), TELL_EVERY)
  try {
    const here = fillCache(paths, share, buffers(), {
      next: () => (signal.aborted ? paths.length : shared.next()),
      between: () => new Promise((resolve) => setImmediate(resolve)),
      read: (bytes, events) => shared.count(0, bytes, events),
    })
    await Promise.all([here, ...workers.map((worker) => answer(worker, ({ news }) => news === 'filled' || undefined, signal))])
    signal.throwIfAborted()
  } finally {
    clearInterval(telling)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}
