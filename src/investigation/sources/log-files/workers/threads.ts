import { setMaxListeners } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { addTargets, type Matchers, type Target } from '../match/matchers.ts'
import { emptySpan, mergeSpan } from '../match/record-span.ts'
import type { CoveredFiles, Pass } from '../passes.ts'
import { type ScanTask, sharedCounters, type WorkerCommand, type WorkerMessage } from './messages.ts'
import { mainThreadOnly, nextTurn, type ScanControl, type ScanWorkers, type SharedWork } from './scan-workers.ts'
import type { WorkerThreads } from './start-threads.ts'

/** Scans in the main thread and the worker threads; each takes the next file that is left. The threads are still there afterwards. */
export const allThreads = <State>(
  started: WorkerThreads,
  task: ScanTask,
  paths: readonly string[],
  matchers: Matchers<State>,
  control: ScanControl,
): ScanWorkers<State> => {
  const { threads } = started
  const counters = sharedCounters(started.counters)
  counters.clear()
  // Each thread that is waited for adds a listener.
  setMaxListeners(0, control.signal)
  const send = (command: WorkerCommand, except?: Worker): void => {
    for (const thread of threads) if (thread !== except) thread.postMessage(command)
  }
  const found = (targets: readonly Target[], finder?: Worker): void => {
    if (finder) addTargets(matchers, targets)
    send({ command: 'add targets', targets }, finder)
  }
  const work: SharedWork = {
    restart: () => undefined,
    next: counters.next,
    count: (bytes, events) => counters.count(0, bytes, events),
    total: counters.total,
    found,
  }
  const mainThread = mainThreadOnly(paths, matchers, control, work)
  const heard = threads.map((thread) => ({
    thread,
    listener: (message: WorkerMessage<State>): void => {
      if (message.message === 'bad file') control.bad(message.file)
      if (message.message === 'mentioned') control.mentioned(message.path)
      if (message.message === 'found targets') found(message.targets, thread)
    },
  }))
  for (const { thread, listener } of heard) thread.on('message', listener)
  const fromAll = <T>(pick: (message: WorkerMessage<State>) => T | undefined): Promise<T[]> =>
    Promise.all(threads.map((thread) => messageFrom(thread, pick, control.signal)))
  send({ command: 'begin scan', task, paths })
  const scan = async (pass: Pass): Promise<readonly CoveredFiles[]> => {
    counters.restart()
    send({ command: 'scan', pass })
    const others = fromAll((message) => (message.message === 'scanned' ? message.covered : undefined))
    // Whoever asked may have other work for the main thread: the others begin meanwhile.
    return (await Promise.all([nextTurn().then(() => mainThread.scan(pass)), others])).flat(2)
  }
  const report = async () => {
    send({ command: 'report' })
    const others = fromAll((message) => (message.message === 'report' ? message.report : undefined))
    const reports = (await Promise.all([mainThread.report(), others])).flat()
    started.haveScanned = true
    const span = emptySpan()
    for (const each of reports) mergeSpan(span, each.span)
    return { span, states: reports.flatMap(({ states }) => states), unfollowed: reports.flatMap(({ unfollowed }) => unfollowed) }
  }
  const stop = async (): Promise<void> => {
    for (const { thread, listener } of heard) thread.off('message', listener)
  }
  return { scan, total: counters.total, report, stop }
}

/** The thread's next message that `pick` accepts. Rejects when the thread ends before, or with the signal's reason. */
export const messageFrom = <State, T>(
  thread: Worker,
  pick: (message: WorkerMessage<State>) => T | undefined,
  signal: AbortSignal,
): Promise<T> =>
  new Promise((resolve, reject) => {
    // A thread that has ended has the id -1.
    if (thread.threadId < 0) return reject(endedEarly())
    const settle = (finish: () => void): void => {
      thread.off('message', onMessage).off('error', onError).off('exit', onExit)
      signal.removeEventListener('abort', onAbort)
      finish()
    }
    const onMessage = (message: WorkerMessage<State>): void => {
      const picked = pick(message)
      if (picked !== undefined) settle(() => resolve(picked))
    }
    const onError = (error: Error): void => settle(() => reject(error))
    const onExit = (): void => settle(() => reject(endedEarly()))
    const onAbort = (): void => settle(() => reject(signal.reason))
    thread.on('message', onMessage).on('error', onError).on('exit', onExit)
    signal.addEventListener('abort', onAbort)
  })

const endedEarly = (): Error => new Error('A worker thread that scans log files ended early.')
