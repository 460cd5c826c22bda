import type { IncidentWith } from '../../../incident/incident.ts'
import { type Instant, isBefore, later, plus } from '../../../incident/values/instant.ts'
import { cutoffFrom } from './policy.ts'
import type { StandingRevocation } from './read-back.ts'

/** An intent this old whose policy is absent would spare what was stolen since: it gets a new, later cut-off. */
const STALE = 300

/**
 * The cut-off to write or to find. It is fixed by the intent and reused on a retry; it only ever moves forward, so a later
 * one that stands already is kept. `ours` tells whether this incident intended it.
 */
export const intendedCutoff = (
  incident: IncidentWith<'subject'>,
  standing: StandingRevocation,
  now: Instant,
): { readonly cutoff: Instant; readonly ours: boolean } => {
  const intent = incident.intents.findLast(({ stage, outcome }) => stage === 'revoke-sessions' && outcome !== 'refused')
  const planned = intent?.planned.cutoff as Instant | undefined
  if (intent && planned) {
    const stands = standing.cutoff !== undefined && !isBefore(standing.cutoff, planned)
    if (stands || isBefore(now, plus(intent.at, STALE))) return { cutoff: planned, ours: true }
  }
  const fresh = cutoffFrom(now)
  if (!standing.cutoff || !incident.openedAt) return { cutoff: fresh, ours: false }
  const movedBack = planned !== undefined && isBefore(standing.cutoff, planned)
  // Somebody revoked while this incident was open: good enough, unless it undoes a later one of ours.
  if (!isBefore(standing.cutoff, incident.openedAt) && !movedBack) return { cutoff: standing.cutoff, ours: false }
  return { cutoff: later(fresh, standing.cutoff), ours: false }
}
