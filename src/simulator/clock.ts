import { floorTo, SECOND_MS } from '../incident/values/duration.ts'

/** The simulated account's time. Milliseconds since the epoch; never the machine's clock directly. */
export interface VirtualClock {
  /** The virtual time, in milliseconds since the epoch. */
  now(): number
  /** Lets `seconds` of virtual time pass at once. Only a stepping clock can do that; a running one ignores it. */
  advance(seconds: number): void
  /** Virtual seconds that pass in a real second: 0 stands still unless advanced. */
  readonly pace: number
}

/** A clock that stands still until somebody waits: for drills and tests, where a whole incident takes a second. */
export const steppingClock = (startMs: number): VirtualClock => {
  let now = startMs
  return {
    now: () => now,
    advance: (seconds) => {
      now += Math.max(0, seconds) * SECOND_MS
    },
    pace: 0,
  }
}

/** A clock that runs `pace` times as fast as `elapsedMs` (a monotonic clock in milliseconds, given by the caller). */
export const runningClock = (startMs: number, pace: number, elapsedMs: () => number): VirtualClock => {
  const origin = elapsedMs()
  return { now: () => startMs + (elapsedMs() - origin) * pace, advance: () => {}, pace }
}

/** The second that a time in milliseconds lies in: the precision that IAM, STS and CloudTrail answer with. */
export const floorToSecond = (ms: number): number => floorTo(ms, SECOND_MS)
