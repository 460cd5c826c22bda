import type { Incident } from '../../../incident/incident.ts'
import { MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, plus, wholeSecond } from '../../../incident/values/instant.ts'
import type { StandingRevocation } from './policy.ts'

/** As the IAM console does: a session taken while the policy spreads is denied too. */
const AHEAD = 30

/** An intent this old whose policy is absent would spare what was stolen since: it gets a new, later cut-off. */
const STALE = 5 * MINUTE_SECONDS

/** The cut-off of a policy that is written now. */
export const cutoffFrom = (now: Instant): Instant => plus(wholeSecond(now), AHEAD)

/**
 * The cut-off to write or to find, and whether this incident intended it (`ours`). The intent fixes it, and a retry uses it again;
 * it only ever moves forward. A cut-off that somebody else wrote while this incident was open is kept.
 */
export const intendedCutoff = (
  { intents, openedAt }: Pick<Incident, 'intents' | 'openedAt'>,
  { cutoff: standing }: StandingRevocation,
  now: Instant,
): { readonly cutoff: Instant; readonly ours: boolean } => {
  const intent = intents.findLast(({ stage, outcome }) => stage === 'revoke-sessions' && outcome !== 'refused')
  const planned = intent?.planned.cutoff
  if (intent && planned) {
    const stands = standing !== undefined && !isBefore(standing, planned)
    const fresh = isBefore(now, plus(intent.at, STALE))
    return stands || fresh ? { cutoff: planned, ours: true } : { cutoff: cutoffFrom(now), ours: false }
  }
  const covers = standing !== undefined && openedAt !== undefined && !isBefore(standing, openedAt)
  return { cutoff: covers ? standing : cutoffFrom(now), ours: false }
}
