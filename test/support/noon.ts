import { type AwsClock, createAwsClock, type Passing } from '../../src/aws/clock.ts'
import type { Instant } from '../../src/incident/values/instant.ts'

/** A moment that all answers of AWS tell, unless they tell another. */
export const NOON = '2026-11-25T12:00:00Z' as Instant

/** The same as a Date header. */
export const DATE = new Date(NOON).toUTCString()

/** Time that passes only where somebody waits, or where a test lets it. */
export const steppingPassing = (): Passing & { readonly waits: number[]; run(ms: number): void } => {
  let elapsed = 0
  const waits: number[] = []
  return {
    waits,
    elapsed: () => elapsed,
    machine: () => Date.parse(NOON) + elapsed,
    run: (ms) => {
      elapsed += ms
    },
    pass: async (seconds, signal) => {
      signal.throwIfAborted()
      waits.push(seconds)
      elapsed += seconds * 1000
    },
  }
}

/** A clock that has heard AWS say that it is noon, in a time that stands still unless somebody waits. */
export const noonClock = (passing: Passing = steppingPassing()): AwsClock => {
  const clock = createAwsClock(passing)
  clock.setFrom({ date: DATE, 'x-amzn-requestid': 'request-0' })
  return clock
}
