import { setMaxListeners } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type Crew, crewOfOne, type Overseer, type Share } from './crew.ts'
import type { Covered, Round } from './rounds.ts'
import { lookFor, type Seekers, type Target } from './seekers.ts'
import { answer } from './thread-answer.ts'
import { type News, type Order, roomForNumbers, type Scanning, sharedNumbers, type ThreadData } from './thread-messages.ts'

export interface ThreadPlan {
  /** The program of a thread. */
  readonly program: URL
  /** This one is one of them. */
  readonly threads: number
  readonly task: Scanning
}

/** Threads that are starting. */
export interface Threads {
  readonly workers: readonly Worker[]
  readonly numbers: SharedArrayBuffer
}

/** Starts the other threads: they take longer for it than it takes to find the files. */
export const startThreads = ({ program, threads, task }: ThreadPlan): Threads => {
  const numbers = roomForNumbers(threads)
  const workers = Array.from({ length: threads - 1 }, (_, index) => {
    const workerData: ThreadData = { task, numbers, thread: index + 1 }
    // Whoever waits for its answer hears of its end; nobody may be waiting yet.
    return new Worker(program, { workerData }).on('error', () => undefined)
  })
  return { workers, numbers }
}

export const dismissThreads = async ({ workers }: Threads): Promise<void> => {
  await Promise.all(workers.map((worker) => worker.terminate()))
}

/** Scans in this thread and in others, each taking the next file that is left. */
export const crewOfThreads = <State>(
  threads: Threads,
  paths: readonly string[],
  seekers: Seekers<State>,
  overseer: Overseer,
): Crew<State> => {
  const { workers } = threads
  const shared = sharedNumbers(threads.numbers)
  // Every thread that is waited for listens to it.
  setMaxListeners(0, overseer.signal)
  const order = (what: Order, except?: Worker): void => {
    for (const worker of workers) if (worker !== except) worker.postMessage(what)
  }
  const found = (targets: readonly Target[], finder?: Worker): void => {
    if (finder) lookFor(seekers, targets)
    order({ order: 'look for', targets }, finder)
  }
  const share: Share = {
    restart: () => undefined,
    next: shared.next,
    count: (bytes, events) => shared.count(0, bytes, events),
    total: shared.total,
    found,
  }
  const here = crewOfOne(paths, seekers, overseer, share)
  for (const worker of workers)
    worker.on('message', (news: News<State>) => {
      if (news.news === 'bad') overseer.bad(news.file)
      if (news.news === 'found') found(news.targets, worker)
    })
  const all = <T>(pick: (news: News<State>) => T | undefined): Promise<T[]> =>
    Promise.all(workers.map((worker) => answer(worker, pick, overseer.signal)))
  order({ order: 'take', paths })
  const scan = async (round: Round): Promise<readonly Covered[]> => {
    shared.restart()
    order({ order: 'scan', round })
    const covered = await Promise.all([here.scan(round), all((news) => (news.news === 'scanned' ? news.covered : undefined))])
    return covered.flat(2)
  }
  const report = async () => {
    order({ order: 'report' })
    const reports = [await here.report(), ...(await all((news) => (news.news === 'report' ? news.report : undefined)))]
    return { states: reports.flatMap(({ states }) => states), unfollowed: reports.flatMap(({ unfollowed }) => unfollowed) }
  }
  return { scan, total: shared.total, report, dismiss: () => dismissThreads(threads) }
}
