import { type ClockReading, TOLERATED_MS } from '../../../aws/clock.ts'
import { isOfTheInstance } from '../../../incident/facts/issue.ts'
import type { Incident, Intent } from '../../../incident/incident.ts'
import { duration, SECOND_MS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, plus, secondsBetween, wholeSecond } from '../../../incident/values/instant.ts'
import { type Blocked, blocked } from '../../stage.ts'
import type { StandingRevocation } from './policy.ts'

/** As the IAM console does: a session taken while the policy spreads is denied too. */
const AHEAD = 30

/**
 * Why a cut-off must not be written now: it fits neither AWS's time nor this machine's. Such a time comes of a clock that was ahead and
 * was corrected since: it waits until the time has come.
 */
export const refuseCutoff = (cutoff: Instant, { aws, machine }: ClockReading): Blocked | undefined => {
  const meant = plus(cutoff, -AHEAD)
  const known = [aws, machine].filter((time) => time !== undefined)
  const nearest = Math.min(...known.map((time) => Math.abs(secondsBetween(time, meant))))
  if (known.length === 0 || nearest * SECOND_MS <= TOLERATED_MS) return undefined
  return blocked(
    `the cut-off ${cutoff} would be ${duration(nearest)} from the nearest of AWS’s time (${aws ?? 'not known'}) and this machine’s (${machine ?? 'not known'})`,
    `set this machine’s clock if it is wrong, wait ${duration(nearest)}, then continue`,
  )
}

/**
 * The newest deny of the incident that AWS did not refuse. A later cut-off that close-access intended counts once it was seen to stand:
 * until then the earlier deny stands, and is not taken for gone.
 */
const newestDeny = (intents: Incident['intents'], standing: Instant | undefined): Intent | undefined =>
  intents.findLast(
    ({ stage, planned: { cutoff }, outcome, seen }) =>
      cutoff !== undefined &&
      outcome !== 'refused' &&
      (stage === 'revoke-sessions' || seen || (standing !== undefined && !isBefore(standing, cutoff))),
  )

/** The cut-off of a policy that is written now. */
export const cutoffFrom = (now: Instant): Instant => plus(wholeSecond(now), AHEAD)

/**
 * The cut-off to write or to find, and whether this incident intended it (`ours`). It only ever moves forward. A deny that has to
 * be sent again gets a new one: the old one would spare the sessions that were issued while it did not stand. A cut-off that
 * somebody else wrote is kept when it was written while this incident was open, or when a whole response was made before: the
 * stolen key was issued before it, and the instance was started after it.
 */
export const intendedCutoff = (
  { intents, openedAt, facts: { finding, subject, blastRadius } }: Pick<Incident, 'intents' | 'openedAt' | 'facts'>,
  { cutoff: standing }: StandingRevocation,
  now: Instant,
  launchTime: Instant | undefined = blastRadius?.instance?.launchTime,
): { readonly cutoff: Instant; readonly ours: boolean } => {
  const planned = newestDeny(intents, standing)?.planned.cutoff
  if (planned) {
    const stands = standing !== undefined && !isBefore(standing, planned)
    return stands ? { cutoff: planned, ours: true } : { cutoff: cutoffFrom(now), ours: false }
  }
  if (standing === undefined) return { cutoff: cutoffFrom(now), ours: false }
  const writtenMeanwhile = openedAt !== undefined && !isBefore(standing, openedAt)
  // A key was issued before it was first seen in use.
  const issuedBy = subject?.issuedAt ?? finding?.finding.firstSeen
  const stolenBefore = issuedBy !== undefined && isBefore(issuedBy, standing)
  const isRestarted = subject !== undefined && isOfTheInstance(subject)
  const startedAfter = isRestarted && launchTime !== undefined && isBefore(standing, launchTime)
  return { cutoff: writtenMeanwhile || (stolenBefore && startedAfter) ? standing : cutoffFrom(now), ours: false }
}
