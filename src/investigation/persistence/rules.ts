import type { Danger } from '../../incident/facts/danger.ts'
import type { Gravity } from '../../incident/facts/gravity.ts'
import { serviceOf } from '../analysis/call-totals.ts'
import { HOLDER_DELETIONS } from './holder-deletions.ts'
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
import type { TechniqueId } from './techniques.ts'

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

/** A rule with its danger and its gravity. */
export type RankedRule = PersistenceRule & { readonly danger: Danger; readonly gravity: Gravity }

/** By technique where that tells more than the danger does. */
const gravityOfRule = ({ technique, danger, events }: PersistenceRule & { readonly danger: Danger }): Gravity => {
  const known = GRAVITY_OF_TECHNIQUE[technique]
  if (known !== undefined) return known
  if (danger === 'execution' && technique.startsWith('T1562')) return events.some(isCreation) ? 'identity' : 'exposure'
  return technique.startsWith('T1562') ? 'defence' : GRAVITY_OF_DANGER[danger]
}

const isCreation = (event: string): boolean => event.includes(':Create')

const GRAVITY_OF_TECHNIQUE: Readonly<Partial<Record<TechniqueId, Gravity>>> = {
  T1485: 'destruction',
  T1537: 'exposure',
  'T1555.006': 'read',
  'T1578.001': 'read',
  T1546: 'execution',
}

const GRAVITY_OF_DANGER: Readonly<Record<Danger, Gravity>> = {
  'used-credential': 'credential',
  credential: 'credential',
  trust: 'trust',
  session: 'trust',
  permission: 'permission',
  execution: 'execution',
  defence: 'defence',
  data: 'exposure',
  holder: 'identity',
}

const ranked = (rule: PersistenceRule & { readonly danger: Danger }): RankedRule => ({ gravity: gravityOfRule(rule), ...rule })

/** Every rule, by the event that it is for: `iam:CreateUser`. */
export const PERSISTENCE_RULES: ReadonlyMap<string, RankedRule> = new Map(
  TOPICS.flatMap(([rules, danger]) => rules.map((rule): RankedRule => ranked({ danger, ...rule }))).flatMap((rule) =>
    rule.events.map((event) => [event, rule] as const),
  ),
)

/** The events that remove an artefact. */
const UNDO_EVENTS: ReadonlySet<string> = new Set([
  ...HOLDER_DELETIONS.keys(),
  ...[...PERSISTENCE_RULES].flatMap(([event, { undo = [] }]) =>
    undo.map((name) => `${event.slice(0, event.indexOf(':'))}:${name}`),
  ),
])

/** `service:EventName`; Lambda and CloudFront append a date to the names of their APIs (`CreateFunction20150331v2`). */
export const eventKeyOf = (eventSource: string, eventName: string): string =>
  `${serviceOf(eventSource)}:${eventName.includes('20') ? eventName.replace(API_DATE, '') : eventName}`

const API_DATE = /20\d{2}_?[01]\d_?[0-3]\d(?:v\d)?$/

/** Whether an event may remove an artefact, or take a part of it back. */
export const isUndoEvent = (eventSource: string, eventName: string): boolean =>
  UNDO_EVENTS.has(eventKeyOf(eventSource, eventName)) || TAKES_BACK.has(eventName)

/** Events that take a part back under the name of those that give one, and those that set a setting back. */
const TAKES_BACK: ReadonlySet<string> = new Set([
  ...['ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute'],
  ...['ModifyDocumentPermission', 'PutEventSelectors', 'PutBucketPublicAccessBlock', 'PutAccountPublicAccessBlock'],
])

/** The names of the events that `isUndoEvent` takes, without the date that some services append. */
export const UNDO_EVENT_NAMES: readonly string[] = [
  ...new Set([...[...UNDO_EVENTS].map((event) => event.slice(event.indexOf(':') + 1)), ...TAKES_BACK]),
]

const UNDO_NAMES: ReadonlySet<string> = new Set(UNDO_EVENT_NAMES)

/** Whether an API of this name, of whatever service, may be one of those. */
export const mayBeUndoEvent = (eventName: string): boolean => UNDO_NAMES.has(eventName.replace(API_DATE, ''))

/** Whether an event may leave an artefact, or remove one. */
export const isPersistenceEvent = (eventSource: string, eventName: string): boolean => {
  const event = eventKeyOf(eventSource, eventName)
  return PERSISTENCE_RULES.has(event) || UNDO_EVENTS.has(event)
}
