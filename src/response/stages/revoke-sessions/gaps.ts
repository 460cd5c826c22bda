import type { Incident } from '../../../incident/incident.ts'
import { type Instant, isBefore } from '../../../incident/values/instant.ts'

/** A time in which the deny did not stand, as far as the re-checks show: between two sights of it, it was seen to be gone. */
export interface DenyGap {
  /** When it was last seen to stand. */
  readonly from: Instant
  /** When it was seen to be gone, first and last. */
  readonly gone: readonly Instant[]
  /** When it was seen to stand again; `now` while it was not. */
  readonly until: Instant
}

/** The gaps in the deny of this incident, oldest first. */
export const denyGaps = ({ sightings }: Pick<Incident, 'sightings'>, now: Instant): readonly DenyGap[] => {
  const gaps: DenyGap[] = []
  let from: Instant | undefined
  let gone: Instant[] = []
  for (const { at, stands } of [...sightings].sort((a, b) => (isBefore(a.at, b.at) ? -1 : 1))) {
    if (!stands) gone.push(at)
    else {
      if (from && gone.length > 0) gaps.push({ from, gone, until: at })
      from = at
      gone = []
    }
  }
  if (from && gone.length > 0) gaps.push({ from, gone, until: now })
  return gaps
}
