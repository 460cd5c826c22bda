import { type Instant, isBefore, plus } from '../incident/instant.ts'
import type { AwsClock } from './clock.ts'
import type { AnyClient } from './middleware.ts'

/** LookupEvents allows 2 requests a second per account and Region; beyond that it throttles with an HTTP 400. */
const SECONDS_BETWEEN_LOOKUPS = 0.5

/** Keeps a CloudTrail client within LookupEvents' rate, in AWS's time. One client a Region, so one budget a Region. */
export const paceLookups = (client: AnyClient, clock: AwsClock, signal: AbortSignal): void => {
  let next: Instant | undefined
  client.middlewareStack.add(
    (send, context) => async (args) => {
      if (context.commandName !== 'LookupEventsCommand') return send(args)
      const now = clock.now()
      const due = next && isBefore(now, next) ? next : now
      next = plus(due, SECONDS_BETWEEN_LOOKUPS)
      const wait = (Date.parse(due) - Date.parse(now)) / 1000
      if (wait > 0) await clock.sleep(wait, signal)
      return send(args)
    },
    { step: 'initialize', priority: 'low', name: 'paceLookups' },
  )
}
