import { rawText, type Untrusted } from '../../incident/values/untrusted.ts'
import type { CounterCall } from './counter.ts'
import type { TimeBucket } from './time-buckets.ts'

/** Calls counted by something they have in common. */
export interface CallTotals {
  readonly succeeded: number
  /** Every call with an error, denied and throttled ones too. */
  readonly failed: number
  /** Milliseconds since the epoch. */
  readonly first: number
  readonly last: number
}

/** Counts the calls of each name; a time bucket without a name is not counted. */
export const totalsBy = (
  buckets: Iterable<TimeBucket>,
  name: (bucket: TimeBucket) => string | undefined,
): Map<string, CallTotals> => {
  const tallied = new Map<string, { -readonly [K in keyof CallTotals]: CallTotals[K] }>()
  for (const bucket of buckets) {
    const of = name(bucket)
    if (of === undefined) continue
    const { call, events, first, last } = bucket
    const ok = call.outcome === 'ok' ? events : 0
    const before = tallied.get(of)
    if (before === undefined) {
      tallied.set(of, { succeeded: ok, failed: events - ok, first, last })
      continue
    }
    before.succeeded += ok
    before.failed += events - ok
    before.first = Math.min(before.first, first)
    before.last = Math.max(before.last, last)
  }
  return tallied
}

/** The names with their counts, the busiest first; among equals in the order of their characters, whatever the locale. */
export const busiestFirst = <T extends Pick<CallTotals, 'succeeded' | 'failed'>>(
  tallied: Iterable<readonly [string, T]>,
): readonly (readonly [string, T])[] =>
  [...tallied].sort(([a, x], [b, y]) => y.succeeded + y.failed - (x.succeeded + x.failed) || inOrder(a, b))

/** The order of the characters' codes: the same everywhere. */
export const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** An API method of a service, as its events name it. */
export interface Api {
  readonly eventSource: string
  readonly eventName: string
}

/** The name by which an API is told apart: `s3.amazonaws.com ListBuckets`. */
export const apiName = ({ eventSource, eventName }: Pick<CounterCall, 'eventSource' | 'eventName'>): string =>
  `${eventSource} ${eventName}`

/** The way back from `apiName`. */
export const apiOf = (name: string): Api & { readonly service: string; readonly api: string } => {
  const space = name.indexOf(' ')
  const eventSource = name.slice(0, space)
  const eventName = name.slice(space + 1)
  return { eventSource, eventName, service: serviceOf(eventSource), api: eventName }
}

/** The first part of an event source: `s3` of `s3.amazonaws.com`. */
export const serviceOf = (eventSource: string): string => {
  const dot = eventSource.indexOf('.')
  return dot < 0 ? eventSource : eventSource.slice(0, dot)
}

export const sourceName = ({ origin }: { readonly origin: { readonly source: Untrusted } }): string => rawText(origin.source)

export const agentName = ({ origin }: { readonly origin: { readonly userAgent: Untrusted } }): string => rawText(origin.userAgent)
