import type { AwsClock } from './clock.ts'
import { errorMeaningOf } from './failure.ts'
import type { AnyClient } from './middleware.ts'

/** LookupEvents allows 2 requests a second per account and Region; beyond that it throttles with an HTTP 400. */
const SECONDS_BETWEEN_LOOKUPS = 0.5

/** Timers end up to a millisecond early: the rest of a pause that is so short, in seconds, is none. */
const A_MOMENT = 0.002

/** Other callers share the limit: the pause doubles after each refusal in a row, up to this many seconds. */
const LONGEST_PAUSE = 16

/**
 * Keeps a CloudTrail client within the rate of LookupEvents, by the monotonic clock. There is one client a Region, so one limit a Region.
 * It runs inside the SDK's retries, so that these keep to the rate too. Calls wait one after the other: at most one sleeps, because
 * in a simulated account each sleep moves the time on.
 */
export const paceLookups = (client: AnyClient, clock: AwsClock, signal: AbortSignal): void => {
  const turn = turns(clock, signal)
  let refusals = 0
  client.middlewareStack.add(
    (send, context) => async (args) => {
      if (context.commandName !== 'LookupEventsCommand') return send(args)
      await turn.take()
      try {
        const result = await send(args)
        refusals = 0
        return result
      } catch (error) {
        if (errorMeaningOf(error) === 'throttled') {
          turn.pause(Math.min(LONGEST_PAUSE, 2 ** refusals))
          refusals += 1
        }
        throw error
      }
    },
    { step: 'finalizeRequest', priority: 'normal', name: 'paceLookups' },
  )
}

interface Turns {
  /** Resolves when the next call may leave. */
  take(): Promise<void>
  /** No call may leave within so many seconds. */
  pause(seconds: number): void
}

const turns = (clock: AwsClock, signal: AbortSignal): Turns => {
  let next = 0
  let last: Promise<void> = Promise.resolve()
  const wait = async (): Promise<void> => {
    for (;;) {
      const left = next - clock.elapsed()
      if (left < A_MOMENT) break
      await clock.sleep(left, signal)
    }
    next = clock.elapsed() + SECONDS_BETWEEN_LOOKUPS
  }
  return {
    take: () => {
      const mine = last.then(wait)
      last = mine.catch(() => undefined)
      return mine
    },
    pause: (seconds) => {
      next = Math.max(next, clock.elapsed() + seconds)
    },
  }
}
