import { serviceOf } from '../analysis/tally.ts'
import type { PersistenceRule } from './artefact.ts'
import { COMPUTE } from './compute.ts'
import { DATA } from './data.ts'
import { DEFENCES } from './defences.ts'
import { EXECUTION } from './execution.ts'
import { IDENTITY } from './identity.ts'
import { ORGANIZATION } from './organization.ts'

/** All that an attacker may leave, by the event that shows it. */
export const PERSISTENCE_RULES: ReadonlyMap<string, PersistenceRule> = new Map(
  [...IDENTITY, ...ORGANIZATION, ...COMPUTE, ...EXECUTION, ...DATA, ...DEFENCES].map((row) => [row.event, row]),
)

const UNDOING: ReadonlySet<string> = new Set(
  [...PERSISTENCE_RULES.values()].flatMap(({ event, undo }) =>
    undo.map((name) => `${event.slice(0, event.indexOf(':'))}:${name}`),
  ),
)

/** `service:EventName`; Lambda and CloudFront append a date to the names of their APIs (`CreateFunction20150331v2`). */
export const eventKeyOf = (eventSource: string, eventName: string): string =>
  `${serviceOf(eventSource)}:${eventName.includes('20') ? eventName.replace(DATE_OF_API, '') : eventName}`

const DATE_OF_API = /20\d{2}_?[01]\d_?[0-3]\d(?:v\d)?$/

/** Whether a call may leave something behind, or may take it away again. */
export const isPersistenceEvent = (eventSource: string, eventName: string): boolean => {
  const event = eventKeyOf(eventSource, eventName)
  return PERSISTENCE_RULES.has(event) || UNDOING.has(event)
}
