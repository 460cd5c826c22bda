import { LEFTOVERS } from '../../analysis/persistence/table.ts'
import { TOKEN_ISSUES } from '../../record-parameters.ts'
import type { Condition } from './query.ts'

const LEAVING = [...LEFTOVERS.values()].flatMap(({ event, undo }) => [event.slice(event.indexOf(':') + 1), ...undo])

/** The date that Lambda and CloudFront append to the names of their APIs. */
const DATE = '20[0-9][0-9]_{0,1}[01][0-9]_{0,1}[0-3][0-9](v[0-9]){0,1}'

/** A pattern of these names and no others, each verb written once: a query for CloudTrail Lake has 10,000 characters. */
const patternOf = (names: readonly string[]): string => {
  const byVerb = new Map<string, string[]>()
  for (const name of [...new Set(names)].sort()) {
    const verb = /^[A-Z][a-z]*/.exec(name)?.[0] ?? ''
    byVerb.set(verb, [...(byVerb.get(verb) ?? []), name.slice(verb.length)])
  }
  return [...byVerb].map(([verb, rests]) => `${verb}(${rests.join('|')})`).join('|')
}

/** Rows that may be deeds, by the event's name alone: whether they are is decided by `isDeed` when they have come. */
export const deedCondition: Condition = {
  text: `regexp_like(eventname, '^(${patternOf([...TOKEN_ISSUES, ...LEAVING])})(${DATE}){0,1}$')`,
  values: [],
}
