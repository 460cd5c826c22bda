import { isBefore, plus, secondsBetween } from '../incident/values/instant.ts'
import type { AwsClock } from './clock.ts'
import { errorMeaningOf } from './failure.ts'
import { nextInterval, retryAfterOf, type WaitKind } from './look-interval.ts'

export interface SettleOptions {
  /** What is waited for: it decides how often to look. */
  readonly kind: WaitKind
  /** Seconds of AWS's time after which it gives up. */
  readonly within: number
  readonly clock: AwsClock
  readonly signal: AbortSignal
  /** Done between two looks: due re-checks, a progress line. */
  readonly between: () => Promise<void>
  /** Requests sent so far. With it a look that sends several is followed by so much longer an interval; without it each counts as one. */
  readonly requestsSent?: (() => number) | undefined
}

/** By how many its throttled looks may outnumber the others before it gives up: two minutes of ever longer intervals, and the SDK's own retries. */
const MOST_THROTTLED = 6

/**
 * Looks again and again until `look` sees something, and gives that; undefined when time is over, by AWS's time or by the monotonic
 * clock: AWS's may stand still while it is corrected, and the monotonic one while this machine sleeps. How often is the schedule's matter
 * (`look-interval.ts`): never more than a request a second, less often with the age of the wait, and half as often after each throttling.
 * Another error of `look` ends the wait at once: the SDK's own waiters poll on through AccessDenied and end as a time-out.
 */
export const settle = async <T>(look: () => Promise<T | undefined>, options: SettleOptions): Promise<T | undefined> => {
  const { clock, signal, kind, within, between, requestsSent } = options
  const began = clock.now()
  const deadline = plus(began, within)
  const start = clock.elapsed()
  let throttled = 0
  for (;;) {
    signal.throwIfAborted()
    const before = requestsSent?.() ?? 0
    const { seen, error } = await orThrottled(look)
    const requests = Math.max((requestsSent?.() ?? 0) - before, kind === 'pause' ? 0 : 1)
    if (seen !== undefined) return seen
    throttled = Math.max(0, throttled + (error === undefined ? -1 : 1))
    const isOver = !isBefore(clock.now(), deadline) || clock.elapsed() - start >= within
    // What was not answered was not seen to be absent.
    if (error !== undefined && (isOver || throttled >= MOST_THROTTLED)) throw error
    if (isOver) return undefined
    await between()
    const now = clock.now()
    const [age, left] = [secondsBetween(began, now), secondsBetween(now, deadline)]
    await clock.sleep(nextInterval({ kind, age, left, requests, throttled, retryAfter: retryAfterOf(error, now) }), signal)
  }
}

/** What a look sees, or the error by which AWS says that it has too many requests. Throws other errors. */
const orThrottled = async <T>(
  look: () => Promise<T | undefined>,
): Promise<{ readonly seen?: T | undefined; readonly error?: unknown }> => {
  try {
    return { seen: await look() }
  } catch (error) {
    if (errorMeaningOf(error) === 'throttled') return { error }
    throw error
  }
}
