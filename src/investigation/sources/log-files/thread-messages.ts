import type { BadFile, ReadRequest } from '../../source.ts'
import type { Filling } from './cache/fill-cache.ts'
import type { CrewReport } from './crew.ts'
import type { Covered, Round } from './rounds.ts'
import type { Target } from './seekers.ts'

/** What a thread is started with. */
export interface ThreadData {
  /** What to scan for, and the name of the fold: functions cannot be sent. Or the cache that is to be filled, and from which files. */
  readonly task: Scanning | { readonly filling: Filling; readonly paths: readonly string[] }
  /** See SharedNumbers. */
  readonly numbers: SharedArrayBuffer
  /** Which of the threads it is, from 0. */
  readonly thread: number
}

export interface Scanning {
  readonly asked: ReadRequest
  readonly fold: string
}

/** To a thread: first the files, then the scans. `look for` may come in the middle of one. */
export type Order =
  | { readonly order: 'take'; readonly paths: readonly string[] }
  | { readonly order: 'scan'; readonly round: Round }
  | { readonly order: 'look for'; readonly targets: readonly Target[] }
  | { readonly order: 'report' }

/** From a thread. */
export type News<State> =
  | { readonly news: 'found'; readonly targets: readonly Target[] }
  | { readonly news: 'bad'; readonly file: BadFile }
  | { readonly news: 'scanned'; readonly covered: readonly Covered[] }
  | { readonly news: 'filled' }
  | { readonly news: 'report'; readonly report: CrewReport<State> }

/** Numbers that all threads share: which file is next, and how far each has come. */
export interface SharedNumbers {
  next(): number
  restart(): void
  count(thread: number, bytes: number, events: number): void
  total(): { readonly files: number; readonly bytes: number; readonly events: number }
}

const BYTES = 8
const KINDS = 3

export const roomForNumbers = (threads: number): SharedArrayBuffer => new SharedArrayBuffer(BYTES * (1 + KINDS * threads))

export const sharedNumbers = (room: SharedArrayBuffer): SharedNumbers => {
  const counter = new Int32Array(room, 0, 1)
  const counts = new Float64Array(room, BYTES)
  /** Each thread writes its own numbers only, and whoever adds them up may be a file late. */
  const add = (index: number, amount: number): void => {
    counts[index] = (counts[index] ?? 0) + amount
  }
  return {
    next: () => Atomics.add(counter, 0, 1),
    restart: () => Atomics.store(counter, 0, 0),
    count: (thread, bytes, events) => {
      add(thread * KINDS, 1)
      add(thread * KINDS + 1, bytes)
      add(thread * KINDS + 2, events)
    },
    total: () => {
      const sum = [0, 0, 0]
      counts.forEach((amount, index) => {
        sum[index % KINDS] = (sum[index % KINDS] ?? 0) + amount
      })
      const [files = 0, bytes = 0, events = 0] = sum
      return { files, bytes, events }
    },
  }
}
