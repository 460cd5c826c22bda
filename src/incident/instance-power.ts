import { type Incident, type Intent, newestFact } from './incident.ts'
import type { Line, Span } from './values/block.ts'
import { type Instant, isBefore, later } from './values/instant.ts'

/** The compromised instance as it stands, as far as the journal knows: `why` is what is known of its stop. */
export type InstancePower =
  | { readonly state: 'running' | 'unknown' }
  | { readonly state: 'stopped' | 'perhaps-stopped'; readonly why: Line }

/**
 * Whether the compromised instance is stopped: by the stops and starts that were sent, and by the newest look at it. A start that
 * was accepted is not yet an instance that runs.
 */
export const instancePower = (incident: Incident): InstancePower => {
  const state = newestFact(incident, 'blastRadius')?.instance?.state
  const { blastRadius: looked, restart: restarted } = incident.lastSeenAt
  const ran = latest(restarted, state === 'running' ? looked : undefined)
  const stood = state === 'stopped' || state === 'stopping' ? looked : undefined
  const stop = newest(incident, 'ec2:StopInstances')
  if (stop && !(ran && isBefore(stop.at, ran))) return afterStop(incident, stop, stood)
  if (stood && !(ran && isBefore(stood, ran)))
    return { state: 'stopped', why: [`it was ${state} when ir-cred looked at `, { at: stood }] }
  return { state: ran ? 'running' : 'unknown' }
}

const afterStop = (incident: Incident, stop: Intent, stood: Instant | undefined): InstancePower => {
  const start = newest(incident, 'ec2:StartInstances')
  if (start && !isBefore(start.at, stop.at)) {
    const how = start.outcome === 'accepted' ? 'its start was accepted at ' : 'a start was sent without an answer at '
    return { state: 'perhaps-stopped', why: [...stopped(stop), `; ${how}`, { at: start.at }, ', and ir-cred did not see it run'] }
  }
  const wasSeen =
    (stood && isBefore(stop.at, stood)) || incident.intents.some((one) => one.planned.wasStopped && !isBefore(one.at, stop.at))
  const isSure = stop.outcome === 'accepted' || wasSeen
  return { state: isSure ? 'stopped' : 'perhaps-stopped', why: [...stopped(stop), '; ir-cred did not see it start'] }
}

const stopped = ({ outcome, at }: Intent): readonly Span[] => [
  outcome === 'accepted' ? 'ir-cred stopped it at ' : 'a stop was sent without an answer at ',
  { at },
]

/** The newest sending of an operation that AWS did not refuse. */
const newest = ({ intents }: Incident, operation: string): Intent | undefined =>
  intents.findLast(({ effect, outcome }) => effect.operation === operation && outcome !== 'refused')

const latest = (a: Instant | undefined, b: Instant | undefined): Instant | undefined => (a && b ? later(a, b) : (a ?? b))
