import type { Effect } from '../../../incident/entry.ts'
import type { AccessWay } from '../../../incident/facts/access.ts'
import type { Incident, IncidentWith, Intent } from '../../../incident/incident.ts'
import { MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, isBefore, plus } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'
import { refusedInRun } from '../refused-change.ts'

/** The id of the stage: its own intents say what it closed. */
export const CLOSE_ACCESS = 'close-access'

/** What the stage needs to know. */
export type Closing = IncidentWith<'finding' | 'subject' | 'revocation'>

/** A way as a look found it, and the change that closes it where ir-cred can. */
export interface FoundWay {
  readonly way: AccessWay
  readonly closing?: {
    readonly effects: readonly Effect[]
    close(context: Context): Promise<void>
  }
}

/** The newest change of the stage to the same thing that AWS did not refuse. */
const ownChange = ({ intents }: Pick<Incident, 'intents'>, operation: string, resource: string): Intent | undefined =>
  intents.findLast(
    ({ stage, outcome, effect }) =>
      stage === CLOSE_ACCESS && outcome !== 'refused' && effect.operation === operation && effect.resource === resource,
  )

/** The error code with which AWS refused the same change of this stage in this run. */
export const refusedNow = (
  incident: Pick<Incident, 'intents' | 'earlierIntents'>,
  operation: string,
  resource: string,
): string | undefined => refusedInRun(incident, { stage: CLOSE_ACCESS, operation, resource })

/** How a way was seen before: by this run, or by an earlier one. */
const seenBefore = (
  { facts, earlier }: Incident,
  { kind, resource }: Pick<AccessWay, 'kind' | 'resource'>,
): AccessWay | undefined => (facts.access ?? earlier.access)?.ways.find((way) => way.kind === kind && way.resource === resource)

/** Whether the stage closed the way itself, or a look saw it before: what was closed before the incident is no way of it. */
export const isKnownWay = (incident: Incident, way: Pick<AccessWay, 'kind' | 'resource'>, operation: string): boolean =>
  seenBefore(incident, way) !== undefined || ownChange(incident, operation, way.resource) !== undefined

/** The ways of a kind that the stage changed, or that a look saw before: each by the thing that it is. */
export const closedBefore = (
  incident: Incident,
  kind: AccessWay['kind'],
  operation: string,
  whatOf: (resource: string) => string,
): readonly Pick<AccessWay, 'resource' | 'what'>[] => {
  const seen = (incident.facts.access ?? incident.earlier.access)?.ways.filter((way) => way.kind === kind) ?? []
  const own = incident.intents
    .filter((one) => one.stage === CLOSE_ACCESS && one.outcome !== 'refused' && one.effect.operation === operation)
    .map(({ effect: { resource } }) => ({ resource, what: whatOf(resource) }))
  return [...new Map([...own, ...seen].map(({ resource, what }) => [resource, { resource, what }])).values()]
}

/** Seconds after a cut-off in which a first look is part of the same response. */
const SAME_RESPONSE = 5 * MINUTE_SECONDS

/**
 * When a way that is closed was: with the stage's own change, or when a look first saw it. Undefined: before the first look, which was
 * made right after the revocation.
 */
export const closedAt = (
  incident: Closing,
  way: Pick<AccessWay, 'kind' | 'resource'>,
  operation: string,
  now: Instant,
): Pick<AccessWay, 'closedAt'> => {
  const before = seenBefore(incident, way)
  const own = ownChange(incident, operation, way.resource)?.at
  const isFirstLook = before === undefined && isBefore(now, plus(incident.facts.revocation.cutoff, SAME_RESPONSE))
  const seen = before?.state === 'closed' ? before.closedAt : isFirstLook ? undefined : now
  return given({ closedAt: own ?? seen })
}

/** Whether no host of the service is known by its name: not every service is offered in every Region. */
export const isNotOffered = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOTFOUND'
