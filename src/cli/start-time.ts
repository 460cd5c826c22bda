import { Failure } from '../incident/values/failure.ts'
import { parseInstant } from '../incident/values/instant.ts'
import type { Host } from './host.ts'
import { printable } from './options.ts'

/** When a simulated account's time begins, in ms: `--at`, or the machine's time. Throws Failure usage. */
export const startOf = (host: Host, at: string | undefined): number => {
  if (at === undefined) return host.clock().getTime()
  const instant = parseInstant(at)
  if (instant) return Date.parse(instant)
  throw new Failure({ kind: 'usage', what: `--at "${printable(at)}" is not a time`, remedy: 'write it as 2026-11-25T02:00:00Z' })
}
