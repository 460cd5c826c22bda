import type { Finding } from '../../incident/finding/finding.ts'
import { Failure } from '../../incident/values/failure.ts'
import { type Instant, isBefore, parseInstant } from '../../incident/values/instant.ts'
import { type ScopeName, scopeAround, type TimeRange } from '../../investigation/question.ts'
import { printable } from '../options.ts'

export interface ScopeOptions {
  readonly since?: string
  readonly until?: string
  readonly scope?: ScopeName
}

/** The scope time: as it was given, or before, during or after what the findings saw. Throws Failure usage. */
export const scopeOf = (options: ScopeOptions, findings: readonly Finding[]): TimeRange => {
  const times = timesOf(options)
  return options.scope === undefined ? times : scopeAround(seenBy(findings), options.scope)
}

/** The times that were given. Throws Failure usage for what is no time, and for what does not go together. */
export const timesOf = ({ since, until, scope }: ScopeOptions): TimeRange => {
  const from = since === undefined ? undefined : timeOf('--since', since)
  const end = until === undefined ? undefined : timeOf('--until', until)
  if (scope !== undefined && (from || end)) throw usage('--scope was given together with --since or --until', 'give either')
  if (from && end && !isBefore(from, end)) throw usage('--since is not before --until', 'exchange them')
  return { ...(from ? { from } : {}), ...(end ? { until: end } : {}) }
}

const usage = (what: string, remedy: string): Failure => new Failure({ kind: 'usage', what, remedy })

const timeOf = (flag: string, text: string): Instant => {
  const instant = parseInstant(text)
  if (instant) return instant
  throw usage(`${flag} "${printable(text)}" is not a time`, 'write it as 2026-11-25T02:00:00Z')
}

/** The first and the last sight of all findings together. */
const seenBy = (findings: readonly Finding[]): { readonly first: Instant; readonly last: Instant } => {
  const firsts = findings.map(({ firstSeen, createdAt }) => firstSeen ?? createdAt)
  const lasts = findings.map(({ lastSeen, updatedAt }) => lastSeen ?? updatedAt)
  const [first] = firsts.toSorted()
  const last = lasts.toSorted().at(-1)
  if (first && last) return { first, last }
  throw usage(
    '--scope goes by what a finding saw, and there is none',
    'name it with --finding or --incident, or give the times with --since and --until',
  )
}
