import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { Fault, WireResponse } from '../../src/simulator/wire/message.ts'
import { answers, breaks, type Kind } from '../faults/kinds.ts'
import { type Asked, askedBy } from '../faults/operation.ts'
import { repeatedPages } from '../faults/paged.ts'
import { DRIPS } from './front.ts'

/** The kinds of fault of the matrix. */
export const KINDS = [
  'before',
  'after',
  'throttle',
  '500',
  'html',
  'empty',
  'garbage',
  'truncated',
  'drip',
  'hang',
  'skew',
  'repeated page',
  'denied',
  'stale',
] as const

export type FaultKind = (typeof KINDS)[number]

const PLAIN: Readonly<Partial<Record<FaultKind, Kind>>> = {
  before: 'connection lost before',
  after: 'connection lost after',
  throttle: 'throttled',
  '500': 'a 500',
  html: 'HTML 200',
  empty: 'empty 200',
  garbage: 'garbage 200',
  truncated: 'truncated 200',
  hang: 'no answer',
  skew: 'clock skew',
  denied: 'denied',
}

/** Seconds of the account's time for which an answer stays the old one. Less than ir-cred waits for a change to become visible. */
const STALE = 20

/** How much of the operation goes wrong, and for how long. */
interface Extent {
  /** So many calls, the first ones. */
  readonly times: number
  /** Seconds that an answer takes that comes a byte at a time. */
  readonly dripSeconds: number
}

/** The fault of one cell. */
export const faultOf = (kind: FaultKind, operation: string, built: BuiltScenario, { times, dripSeconds }: Extent): Fault => {
  const plain = PLAIN[kind]
  if (plain) return breaks(plain, { operation, times })
  if (kind === 'repeated page') return repeatedPages(operation, ['again'], [])
  if (kind === 'stale') return stale(operation, () => built.account.clock.now())
  return dripping(operation, { times, dripSeconds })
}

/** The answer comes, a byte at a time. */
const dripping = (operation: string, { times, dripSeconds }: Extent): Fault => {
  let left = times
  return answers(operation, async (_, next) => {
    const response = await next()
    if (left <= 0) return response
    left -= 1
    return { ...response, headers: { ...response.headers, [DRIPS]: String(dripSeconds) } }
  })
}

/**
 * Eventual consistency. A read gives an answer that it gave before, until it is too old; after a write, each read of its service gives
 * what it gave before the write.
 */
const stale = (operation: string, now: () => number): Fault => {
  const answered = new Map<string, { readonly at: number; readonly response: WireResponse }>()
  let wroteAt: number | undefined
  return async (request, next) => {
    const asked = await askedBy(request)
    const key = JSON.stringify([asked.operation, asked.input])
    const earlier = answered.get(key)
    if (earlier && isOld(asked, operation, { now: now(), at: earlier.at, wroteAt })) return earlier.response
    const response = await next(request)
    if (asked.operation === operation) wroteAt ??= now()
    if (response.status === 200) answered.set(key, { at: now(), response })
    return response
  }
}

interface Times {
  readonly now: number
  readonly at: number
  readonly wroteAt: number | undefined
}

const isOld = (asked: Asked, operation: string, { now, at, wroteAt }: Times): boolean => {
  if (asked.operation === operation) return now - at < STALE * 1000
  if (!CHANGES.test(operation) || wroteAt === undefined || CHANGES.test(asked.operation)) return false
  return asked.operation.startsWith(operation.replace(/:.*/, ':')) && at <= wroteAt && now - wroteAt < STALE * 1000
}

/** Operations that change the account. */
export const CHANGES = /:(?:Put|Create|Stop|Start|Send)\w+$/
