import { Worker } from 'node:worker_threads'
import { counterMemory, type WorkerInput } from './messages.ts'

/** The program of a worker thread: the bundle puts `scan-worker.ts` beside the chunk that contains this line. */
export const WORKER_PROGRAM = new URL('./scan-worker.js', import.meta.url)

/** Parsed records are short-lived: a larger young generation takes more memory and saves no time. */
const YOUNG_GENERATION_MB = 12

/** Worker threads that scan log files, one scan after the other. */
export interface WorkerThreads {
  readonly threads: readonly Worker[]
  readonly counters: SharedArrayBuffer
  /** They have finished a scan: for the next one nobody has to wait until they have started. */
  haveScanned: boolean
}

/** Starts the worker threads; the main thread is one of `count`. They take longer to start than the files take to be found. */
export const startThreads = (count: number, program = WORKER_PROGRAM): WorkerThreads => {
  const counters = counterMemory(count)
  return {
    ...{ counters, haveScanned: false },
    threads: Array.from({ length: count - 1 }, (_, index) => {
      const workerData: WorkerInput = { counters, worker: index + 1 }
      // `messageFrom` reports errors. Without this listener, an error before that would end the process.
      return new Worker(program, { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB } }).on(
        'error',
        () => undefined,
      )
    }),
  }
}

export const stopThreads = async ({ threads }: WorkerThreads): Promise<void> => {
  await Promise.all(threads.map((thread) => thread.terminate()))
}
