import type { Instant } from '../incident/values/instant.ts'
import { headersOf } from './middleware.ts'

/** What a wait waits for. It decides how often AWS is asked. */
export type WaitKind =
  /** An instance to be stopped or to run. */
  | 'instance-state'
  /** The SSM agent to call after a start. */
  | 'ssm-registration'
  /** A command on an instance to be listed, and to end. */
  | 'command'
  /** A change that was sent to be seen in what AWS answers. */
  | 'change-visible'
  /** A query of Athena or CloudTrail Lake to end. */
  | 'query'
  /** CloudTrail to deliver: minutes. */
  | 'cloudtrail'
  /** GuardDuty to have a finding: minutes. */
  | 'finding'
  /** An investigation of Detective to end: minutes. */
  | 'investigation'
  /** Time to pass. Nothing is asked; due re-checks are made meanwhile. */
  | 'pause'

/** Seconds between two looks of a wait that is younger than `below` seconds. */
interface AgeStep {
  readonly below: number
  readonly every: number
}

const always = (every: number): readonly AgeStep[] => [{ below: Number.POSITIVE_INFINITY, every }]

/** Whoever waits a second notices at once; whoever has waited for minutes does not notice eight seconds. */
const BY_AGE: readonly AgeStep[] = [{ below: 15, every: 1 }, { below: 90, every: 2 }, { below: 180, every: 4 }, ...always(8)]

const SCHEDULES: Readonly<Record<WaitKind, readonly AgeStep[]>> = {
  'instance-state': BY_AGE,
  'ssm-registration': BY_AGE,
  command: BY_AGE,
  'change-visible': BY_AGE,
  query: BY_AGE,
  cloudtrail: [{ below: 300, every: 20 }, ...always(30)],
  finding: always(30),
  investigation: always(15),
  pause: always(5),
}

/** The most that throttling makes of an interval, in seconds. */
const LONGEST_INTERVAL = 60

/** One wait, as far as its next interval depends on it. */
export interface WaitSoFar {
  readonly kind: WaitKind
  /** Seconds since its first look. */
  readonly age: number
  /** Seconds that are left of it. */
  readonly left: number
  /** Requests that its last look sent, the SDK's retries included. */
  readonly requests: number
  /** Throttled looks that no successful look has made up for. */
  readonly throttled: number
  /** Seconds that AWS asked to stay away for. */
  readonly retryAfter?: number | undefined
}

/**
 * Seconds until the next look: by the age of the wait, twice as long for each throttled look, at least what AWS asked for, and at
 * least a second for each request of the last look. The last interval ends with the wait.
 */
export const nextInterval = ({ kind, age, left, requests, throttled, retryAfter = 0 }: WaitSoFar): number => {
  const every = SCHEDULES[kind].find(({ below }) => age < below)?.every ?? LONGEST_INTERVAL
  const wanted = throttled === 0 ? every : Math.max(every, Math.min(LONGEST_INTERVAL, every * 2 ** throttled), retryAfter)
  return Math.max(Math.min(wanted, left), requests, 0)
}

/** Seconds that the `Retry-After` of an error's answer asks to wait, a number or a date; undefined where the SDK shows none. */
export const retryAfterOf = (error: unknown, now: Instant): number | undefined => {
  const answer = typeof error === 'object' && error !== null && '$response' in error ? error.$response : undefined
  const asked = headersOf(answer)['retry-after']
  if (asked === undefined) return undefined
  const seconds = /^\d+$/.test(asked) ? Number(asked) : (Date.parse(asked) - Date.parse(now)) / 1000
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined
}
