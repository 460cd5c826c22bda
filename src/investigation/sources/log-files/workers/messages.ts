import type { BadFile, ReadRequest } from '../../../source.ts'
import type { SegmentTask } from '../cache/write-segments.ts'
import type { Target } from '../match/matchers.ts'
import type { CoveredFiles, Pass } from '../passes.ts'
import type { ScanTotal, WorkerReport } from './scan-workers.ts'

/** What a worker thread starts with. Without a task it waits for scans. */
export interface WorkerInput {
  readonly task?: CacheTask
  /** Memory for `sharedCounters`. */
  readonly counters: SharedArrayBuffer
  /** The number of this worker. The main thread is worker 0. */
  readonly worker: number
}

/** Scan log files. The fold goes by its name, because functions cannot be sent. */
export interface ScanTask {
  readonly asked: ReadRequest
  readonly fold: string
}

/** Write the records of log files into the cache. */
export interface CacheTask {
  readonly segments: SegmentTask
  readonly paths: readonly string[]
}

/** To a worker: a scan and its files first, then passes. `add targets` may come while a pass runs. */
export type WorkerCommand =
  | { readonly command: 'begin scan'; readonly task: ScanTask; readonly paths: readonly string[] }
  | { readonly command: 'scan'; readonly pass: Pass }
  | { readonly command: 'add targets'; readonly targets: readonly Target[] }
  | { readonly command: 'report' }

/** From a worker. */
export type WorkerMessage<State> =
  | { readonly message: 'found targets'; readonly targets: readonly Target[] }
  | { readonly message: 'bad file'; readonly file: BadFile }
  | { readonly message: 'mentioned'; readonly path: string }
  | { readonly message: 'scanned'; readonly covered: readonly CoveredFiles[] }
  | { readonly message: 'cached' }
  | { readonly message: 'report'; readonly report: WorkerReport<State> }

/** Counters that all workers share: which file is next, and how much each worker has read. */
export interface SharedCounters {
  /** The next file's place in the pass. */
  next(): number
  /** Back to the first file. */
  restart(): void
  /** Nothing is counted yet. */
  clear(): void
  /** Counts one file that the worker has read. */
  count(worker: number, bytes: number, events: number): void
  total(): ScanTotal
}

const COUNTER_BYTES = 8
/** Files, bytes and events. */
const COUNTERS_PER_WORKER = 3

export const counterMemory = (workers: number): SharedArrayBuffer =>
  new SharedArrayBuffer(COUNTER_BYTES * (1 + COUNTERS_PER_WORKER * workers))

export const sharedCounters = (memory: SharedArrayBuffer): SharedCounters => {
  const nextFile = new Int32Array(memory, 0, 1)
  const counts = new Float64Array(memory, COUNTER_BYTES)
  // Each worker writes only its own counters, so this needs no lock; a total may miss the latest file.
  const add = (index: number, amount: number): void => {
    counts[index] = (counts[index] ?? 0) + amount
  }
  return {
    next: () => Atomics.add(nextFile, 0, 1),
    restart: () => void Atomics.store(nextFile, 0, 0),
    clear: () => void counts.fill(0),
    count: (worker, bytes, events) => {
      add(worker * COUNTERS_PER_WORKER, 1)
      add(worker * COUNTERS_PER_WORKER + 1, bytes)
      add(worker * COUNTERS_PER_WORKER + 2, events)
    },
    total: () => {
      const sum = [0, 0, 0]
      counts.forEach((amount, index) => {
        sum[index % COUNTERS_PER_WORKER] = (sum[index % COUNTERS_PER_WORKER] ?? 0) + amount
      })
      const [files = 0, bytes = 0, events = 0] = sum
      return { files, bytes, events }
    },
  }
}
