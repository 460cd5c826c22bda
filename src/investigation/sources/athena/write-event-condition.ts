import { PERSISTENCE_RULES } from '../../persistence/rules.ts'
import { TOKEN_ISSUES } from '../../record-parameters.ts'
import type { WhereCondition } from './query.ts'

const LEAVING = [...PERSISTENCE_RULES].flatMap(([event, { undo = [] }]) => [event.slice(event.indexOf(':') + 1), ...undo])

/** The date that Lambda and CloudFront append to the names of their APIs. */
const DATE = '20[0-9][0-9]_{0,1}[01][0-9]_{0,1}[0-3][0-9](v[0-9]){0,1}'

/**
 * A pattern of these names and no others, each beginning that names share written once, and each end of what follows a verb:
 * a query for CloudTrail Lake has 10,000 characters, and a longer pattern leaves fewer for the sessions that are asked for.
 */
const patternOf = (names: readonly string[]): string => {
  const rests = new Map<string, string[]>()
  for (const name of [...new Set(names)].sort()) {
    const [word = ''] = /^[A-Z]?[^A-Z]*/.exec(name) ?? []
    rests.set(word, [...(rests.get(word) ?? []), name.slice(word.length)])
  }
  return [...rests].map(([word, ends]) => word + (ends.length === 1 ? ends[0] : groupOf(ends))).join('|')
}

const groupOf = (ends: readonly string[]): string => {
  const longer = ends.filter((end) => end !== '')
  return `(${patternOf(longer)})${longer.length < ends.length ? '{0,1}' : ''}`
}

/** Rows that may be write events, by the event's name alone: whether they are is decided by `isWriteEvent` when they have come. */
export const writeEventCondition: WhereCondition = {
  text: `regexp_like(eventname, '^(${patternOf([...TOKEN_ISSUES, ...LEAVING])})(${DATE}){0,1}$')`,
  values: [],
}
