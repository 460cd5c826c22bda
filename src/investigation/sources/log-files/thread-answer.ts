import type { Worker } from 'node:worker_threads'
import type { News } from './thread-messages.ts'

/** The next news of the wanted kind. Rejects when the thread ends before, or when the signal is given. */
export const answer = <State, T>(worker: Worker, pick: (news: News<State>) => T | undefined, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    // The id of a thread that has ended.
    if (worker.threadId < 0) return reject(tooEarly())
    const settle = (finish: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      signal.removeEventListener('abort', onAbort)
      finish()
    }
    const onMessage = (news: News<State>): void => {
      const picked = pick(news)
      if (picked !== undefined) settle(() => resolve(picked))
    }
    const onError = (error: Error): void => settle(() => reject(error))
    const onExit = (): void => settle(() => reject(tooEarly()))
    const onAbort = (): void => settle(() => reject(signal.reason))
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    signal.addEventListener('abort', onAbort)
  })

const tooEarly = (): Error => new Error('A thread that scanned log files ended too early.')
