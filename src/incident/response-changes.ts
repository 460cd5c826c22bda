import { longestSessionOf } from './facts/subject.ts'
import { type Incident, type Intent, newestFact } from './incident.ts'
import { DAY_SECONDS, LONGEST_USER_SESSION_SECONDS } from './values/duration.ts'
import { type Instant, later, plus } from './values/instant.ts'

/** The stage that lifts what the others changed. */
const LIFT = 'lift-revocation'

/** Whether a lift made the change. */
export const isOfLift = ({ stage }: Pick<Intent, 'stage'>): boolean => stage === LIFT

/** The changes that the response made or may have made, oldest first: without what AWS refused, and without what a lift made. */
export const responseChanges = ({ intents }: Pick<Incident, 'intents'>): readonly Intent[] =>
  intents.filter((intent) => intent.outcome !== 'refused' && !isOfLift(intent))

/** Seconds for which a token of an identity provider can be exchanged for a session: 24 hours is common, and the provider decides. */
const LONGEST_TOKEN_SECONDS = DAY_SECONDS

/**
 * From when on nothing is alive any more that the changes of the response keep out: sessions from before the cut-off, and tokens that a
 * narrowed trust policy refuses. Undefined where no change waits for anything.
 */
export const liftSafeFrom = (incident: Incident): Instant | undefined => {
  const subject = newestFact(incident, 'subject')
  const longest = subject ? longestSessionOf(subject) : LONGEST_USER_SESSION_SECONDS
  return responseChanges(incident)
    .flatMap(({ at, effect, planned: { cutoff } }) => [
      ...(cutoff ? [plus(cutoff, longest)] : []),
      ...(effect.operation === 'iam:UpdateAssumeRolePolicy' ? [plus(at, LONGEST_TOKEN_SECONDS)] : []),
    ])
    .reduce<Instant | undefined>((latest, time) => (latest ? later(latest, time) : time), undefined)
}
