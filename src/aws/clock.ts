import { SECOND_MS } from '../incident/values/duration.ts'
import { epochOf, type Instant, instantOf } from '../incident/values/instant.ts'
import { type AnyClient, headersOf } from './middleware.ts'

/** How time passes outside: a monotonic clock, and waiting. Injected, so that a drill need not wait. */
export interface Passing {
  /** Milliseconds of a monotonic clock. */
  elapsed(): number
  /** Lets so many seconds of AWS's time pass; rejects when the signal aborts. */
  pass(seconds: number, signal: AbortSignal): Promise<void>
}

/** AWS's time, from the `Date` header of its answers. The machine's clock is never read. */
export interface AwsClock {
  /** Throws before the first answer of AWS. */
  now(): Instant
  sleep(seconds: number, signal: AbortSignal): Promise<void>
  /** Sets the time by an answer's headers. */
  setFrom(headers: Readonly<Record<string, string>>): void
  /** Whether the answers come from a simulated account, whose every answer has the pace header. */
  simulated(): boolean
}

/** The header that a simulated account adds to every answer: how fast its time runs. 60, 1, or 0 for "only during a wait". */
export const PACE_HEADER = 'x-simulated-pace'

/**
 * A clock set by the `Date` header of AWS's answers and carried on by a monotonic clock in between.
 * An answer out of a cache (`Age`) or without a request id (a captive portal) sets nothing. It never runs backwards.
 */
export const createAwsClock = (passing: Passing): AwsClock => {
  let reference: { readonly at: number; readonly elapsed: number } | undefined
  let pace: number | undefined
  let latest = 0
  const reading = (): number => {
    if (!reference) throw new Error('AWS has not answered yet, so its time is not known')
    return reference.at + (passing.elapsed() - reference.elapsed) * (pace ?? 1)
  }
  return {
    now: () => {
      latest = Math.max(latest, reading())
      return instantOf(new Date(latest))
    },
    sleep: async (seconds, signal) => {
      await passing.pass(pace ? seconds / pace : seconds, signal)
      if (pace === 0 && reference) reference = { at: reference.at + seconds * SECOND_MS, elapsed: passing.elapsed() }
    },
    setFrom: (headers) => {
      const at = Date.parse(headers.date ?? '')
      if (Number.isNaN(at) || 'age' in headers || !hasRequestId(headers)) return
      const announced = Number(headers[PACE_HEADER])
      if (PACE_HEADER in headers && Number.isFinite(announced)) pace = announced
      reference = { at: reference ? Math.max(at, Math.min(reading(), at + SECOND_MS)) : at, elapsed: passing.elapsed() }
    },
    simulated: () => pace !== undefined,
  }
}

const hasRequestId = (headers: Readonly<Record<string, string>>): boolean =>
  'x-amzn-requestid' in headers || 'x-amz-request-id' in headers || 'x-amzn-request-id' in headers

/** Sets a clock by every answer of a client, errors included. */
export const keepTime = (client: AnyClient, clock: AwsClock): void => {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        const result = await next(args)
        clock.setFrom(headersOf(result.response))
        return result
      } catch (error) {
        if (typeof error === 'object' && error !== null && '$response' in error) clock.setFrom(headersOf(error.$response))
        throw error
      }
    },
    { step: 'deserialize', priority: 'high', name: 'keepTime' },
  )
}

/** Seconds by which the machine's clock is ahead of AWS's (negative: behind). Only to be shown. */
export const skewOf = (clock: AwsClock, machine: Date): number =>
  Math.round((machine.getTime() - epochOf(clock.now())) / SECOND_MS)

/** Real time: a monotonic clock and timers. */
export const realPassing: Passing = {
  elapsed: () => performance.now(),
  pass: (seconds, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop)
        resolve()
      }, Math.max(0, seconds) * SECOND_MS)
      if (signal.aborted) return stop()
      signal.addEventListener('abort', stop, { once: true })
    }),
}
