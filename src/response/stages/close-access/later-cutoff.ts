import type { Effect } from '../../../incident/entry.ts'
import { type AccessWay, openWays } from '../../../incident/facts/access.ts'
import { holderOf } from '../../../incident/facts/subject.ts'
import type { Intent } from '../../../incident/incident.ts'
import { denyOlderSessions } from '../../../incident/revocation-document.ts'
import { MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, isBefore, later, plus } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'
import { cutoffFrom } from '../revoke-sessions/cutoff.ts'
import { laterDenyEffects, writeDeny } from '../revoke-sessions/deny.ts'
import { readDeny } from '../revoke-sessions/managed.ts'
import type { StandingRevocation } from '../revoke-sessions/policy.ts'
import { CLOSE_ACCESS, type Closing, type FoundWay, refusedNow } from './way.ts'

/**
 * Seconds for which a change of IAM may still be spreading, so that a closed way goes on issuing sessions ("Changes that I make are not
 * always immediately visible" names no time). The cut-off lies 30 seconds further.
 */
const SPREAD = MINUTE_SECONDS

/** Whether new sessions come of it: the metadata service hands out only what EC2 issued, and a certificate takes them by a profile. */
export const issuesSessions = ({ kind }: Pick<AccessWay, 'kind'>): boolean =>
  kind !== 'metadata-options' && kind !== 'later-cutoff' && kind !== 'certificate'

/** When the last of the ways was closed that issue sessions. */
const lastClosed = (ways: readonly FoundWay[]): Instant | undefined =>
  ways
    .flatMap(({ way }) => (issuesSessions(way) && way.closedAt !== undefined ? [way.closedAt] : []))
    .reduce<Instant | undefined>((latest, at) => (latest ? later(latest, at) : at), undefined)

/**
 * The deny of what was issued until everything was closed: a cut-off past the last closing and its spreading. Nothing where nothing was
 * closed since the revocation.
 */
export const laterCutoffWays = async (
  incident: Closing,
  ways: readonly FoundWay[],
  context: Context,
): Promise<readonly FoundWay[]> => {
  const closed = lastClosed(ways)
  if (closed === undefined) return []
  const { subject, revocation } = incident.facts
  const standing = await readDeny(incident, subject, context)
  const { of, name, arn } = holderOf(subject)
  const way = {
    ...{
      kind: 'later-cutoff' as const,
      resource: arn,
      what: `what was issued of ${of} ${name} until the last of these was closed`,
    },
  }
  const cutoff = standing.cutoff ?? revocation.cutoff
  if (isPast(incident, standing, closed))
    return [{ way: { ...way, state: 'closed', closedAt: cutoff, says: `is denied by the cut-off ${cutoff}` } }]
  const effects = laterDenyEffects(incident, standing, cutoffFrom(context.now()), context)
  const [refused] = effects.flatMap(({ operation, resource }) => {
    const code = refusedNow(incident, operation, resource)
    return code === undefined ? [] : [`: AWS refused ${operation} (${code})`]
  })
  const open = {
    ...way,
    state: 'open' as const,
    says: `is not denied: the cut-off is ${cutoff}${refused ?? ''}`,
    command: denyOlderSessions(of, name),
  }
  if (refused !== undefined) return [{ way: open }]
  return [{ way: open, closing: { effects, close: (within) => denyOnceMore(incident, within) } }]
}

/** Whether the cut-off lies past the closing, or this run moved it after it saw the closing. */
const isPast = ({ intents, earlierIntents }: Closing, { cutoff }: StandingRevocation, closed: Instant): boolean =>
  cutoff !== undefined &&
  (!isBefore(cutoff, plus(closed, SPREAD)) ||
    intents
      .slice(earlierIntents)
      .some(({ stage, planned, outcome }) => stage === CLOSE_ACCESS && outcome !== 'refused' && planned.cutoff === cutoff))

/** Lets the changes spread, then denies what was issued until then. Due re-checks are made meanwhile. */
export const denyOnceMore = async (incident: Closing, context: Context): Promise<void> => {
  await context.settle({ what: 'the changes of IAM to spread', kind: 'pause', within: SPREAD }, async () => undefined)
  await writeDeny(incident, await readDeny(incident, incident.facts.subject, context), context)
}

/** The question's last effect, where what it closes issues sessions. */
export const laterCutoffEffects = async (
  incident: Closing,
  ways: readonly FoundWay[],
  context: Context,
): Promise<readonly Effect[]> => {
  const closings = ways.filter(({ closing }) => closing)
  if (!closings.some(({ way }) => issuesSessions(way)) || closings.some(({ way }) => way.kind === 'later-cutoff')) return []
  const standing = await readDeny(incident, incident.facts.subject, context)
  return laterDenyEffects(incident, standing, cutoffFrom(context.now()), context)
}

/** Tells whether a deny that was sent stands, or a later one: what is closed after it needs another, and that is no second sending. */
export const standingDenies = (ways: readonly FoundWay[]): ((intent: Intent) => boolean) => {
  const standing = ways.find(({ way }) => way.kind === 'later-cutoff' && way.state === 'closed')?.way.closedAt
  return ({ planned: { cutoff } }) => cutoff !== undefined && standing !== undefined && !isBefore(standing, cutoff)
}

/** The ways with this one seen as closed, as a dry run assumes it. */
export const assumedClosed = (ways: readonly FoundWay[]) => ({
  ways: ways.map(({ way }) => {
    const { command: _, ...rest } = way
    return openWays({ ways: [way] }).length === 0
      ? way
      : { ...rest, state: 'closed' as const, ...given({ says: 'would be closed' }) }
  }),
})
