import type { Danger } from '../../incident/facts/danger.ts'
import { serviceOf } from '../analysis/call-totals.ts'
import type { PersistenceRule } from './rule.ts'
import { COMPUTE_RULES } from './rules/compute.ts'
import { DATA_RULES } from './rules/data.ts'
import { DEFENCE_RULES } from './rules/defences.ts'
import { EXECUTION_RULES } from './rules/execution.ts'
import { JOB_RULES } from './rules/jobs.ts'
import { ORGANIZATION_RULES } from './rules/organization.ts'
import { POLICY_RULES } from './rules/policies.ts'
import { ROLE_RULES } from './rules/roles.ts'
import { SNAPSHOT_RULES } from './rules/snapshots.ts'
import { USER_RULES } from './rules/users.ts'

/** The rules by topic, each with the danger of what they are about, unless a rule has its own. */
const TOPICS: readonly (readonly [rules: readonly PersistenceRule[], danger: Danger])[] = [
  [USER_RULES, 'credential'],
  [POLICY_RULES, 'permission'],
  [ROLE_RULES, 'trust'],
  [ORGANIZATION_RULES, 'permission'],
  [COMPUTE_RULES, 'execution'],
  [SNAPSHOT_RULES, 'data'],
  [EXECUTION_RULES, 'execution'],
  [JOB_RULES, 'execution'],
  [DATA_RULES, 'data'],
  [DEFENCE_RULES, 'defence'],
]

/** A rule with its danger. */
export type RankedRule = PersistenceRule & { readonly danger: Danger }

/** Every rule, by the event that it is for: `iam:CreateUser`. */
export const PERSISTENCE_RULES: ReadonlyMap<string, RankedRule> = new Map(
  TOPICS.flatMap(([rules, danger]) => rules.map((rule): RankedRule => ({ danger, ...rule }))).flatMap((rule) =>
    rule.events.map((event) => [event, rule] as const),
  ),
)

/** The events that remove an artefact. */
const UNDO_EVENTS: ReadonlySet<string> = new Set(
  [...PERSISTENCE_RULES].flatMap(([event, { undo = [] }]) => undo.map((name) => `${event.slice(0, event.indexOf(':'))}:${name}`)),
)

/** `service:EventName`; Lambda and CloudFront append a date to the names of their APIs (`CreateFunction20150331v2`). */
export const eventKeyOf = (eventSource: string, eventName: string): string =>
  `${serviceOf(eventSource)}:${eventName.includes('20') ? eventName.replace(API_DATE, '') : eventName}`

const API_DATE = /20\d{2}_?[01]\d_?[0-3]\d(?:v\d)?$/

/** Whether an event may leave an artefact, or remove one. */
export const isPersistenceEvent = (eventSource: string, eventName: string): boolean => {
  const event = eventKeyOf(eventSource, eventName)
  return PERSISTENCE_RULES.has(event) || UNDO_EVENTS.has(event)
}
