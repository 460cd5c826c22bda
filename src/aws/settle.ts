import { isBefore, plus } from '../incident/values/instant.ts'
import type { AwsClock } from './clock.ts'

export interface SettleOptions {
  /** Seconds of AWS's time between two looks. */
  readonly every: number
  /** Seconds of AWS's time after which it gives up. */
  readonly within: number
  readonly clock: AwsClock
  readonly signal: AbortSignal
  /** Done between two looks: due re-checks, a progress line. Gets the seconds waited so far. */
  readonly between: () => Promise<void>
}

/**
 * Looks again and again until `look` sees something, and gives that; undefined when time is over.
 * An error of `look` ends the wait at once: the SDK's own waiters poll on through AccessDenied and end as a time-out.
 */
export const settle = async <T>(look: () => Promise<T | undefined>, options: SettleOptions): Promise<T | undefined> => {
  const { clock, signal, every, within, between } = options
  const deadline = plus(clock.now(), within)
  for (;;) {
    signal.throwIfAborted()
    const seen = await look()
    if (seen !== undefined) return seen
    if (!isBefore(clock.now(), deadline)) return undefined
    await between()
    await clock.sleep(every, signal)
  }
}
