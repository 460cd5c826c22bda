import type { Closure, RegionLook } from '../../../incident/facts/closure.ts'
import type { IncidentWith } from '../../../incident/incident.ts'
import { HOUR_SECONDS, MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, later, plus } from '../../../incident/values/instant.ts'
import type { Context } from '../../stage.ts'
import { trailRegions } from '../cloudtrail-regions.ts'
import { relatedFindings } from '../find-finding/related.ts'
import { findLiveSessions } from '../hunt-persistence/live-sessions.ts'
import { type TrailReach, trailReach } from '../own-calls.ts'
import { readSuspects } from './suspects.ts'
import { theftMarks } from './theft.ts'
import { closureOf, cutoffOfTheft, GRACE } from './verdict.ts'

type LastLook = IncidentWith<'subject' | 'revocation'>

/** Seconds after which CloudTrail has delivered an event ("How CloudTrail works": about 5 minutes on average, hardly ever more than 15). */
const DELIVERED = 15 * MINUTE_SECONDS

/**
 * The last look, in every Region that can be read. With a proof wait it begins when CloudTrail shows what happened until 15 minutes
 * after the deny was in force: before that, silence means nothing, and a call that succeeds may only mean that the policy still spreads.
 */
export const lookOnceMore = async (incident: LastLook, context: Context): Promise<Closure> => {
  const entered = context.now()
  const { subject } = incident.facts
  const regions = trailRegions(subject.region, context)
  const enough = plus(cutoffOfTheft(incident), GRACE + DELIVERED)
  const reached = await reachOf(regions, { incident, enough: later(entered, enough) }, context)
  const suspects = await readSuspects(incident, regions, context)
  const stolen = suspects.suspects.filter(({ kind }) => kind === 'stolen' || kind === 'sibling').flatMap(({ calls }) => calls)
  if (suspects.raw.length > 0) await context.keep('cloudtrail-last-look', suspects.raw)
  return closureOf(incident, {
    ...{ suspects, entered },
    marks: await theftMarks(incident, stolen, context),
    regions: reached.map((reach): RegionLook => ({ ...reach, shown: isShown(reach, enough) })),
    live: await findLiveSessions(suspects.chainedSessions, subject, context),
    seenSince: await findingsSince(incident, context),
    ...(context.regionsNote ? { regionsNote: context.regionsNote } : {}),
  })
}

const isShown = ({ seenUpTo }: TrailReach, until: Instant): boolean => seenUpTo !== undefined && !isBefore(seenUpTo, until)

/** How far CloudTrail shows each Region; with a proof wait once every Region that can be read is shown far enough. */
const reachOf = async (
  regions: readonly string[],
  { incident, enough }: { readonly incident: LastLook; readonly enough: Instant },
  context: Context,
): Promise<readonly TrailReach[]> => {
  const look = (known?: readonly TrailReach[]) => {
    const window = { from: plus(cutoffOfTheft(incident), -HOUR_SECONDS), until: context.now() }
    const isEnough = (reach: TrailReach | undefined) => reach && (reach.notRead !== undefined || isShown(reach, enough))
    return Promise.all(
      regions.map((region, index) => {
        const before = known?.[index]
        return before && isEnough(before) ? before : trailReach(region, window, context)
      }),
    )
  }
  let last = await look()
  if (context.proofWait === 0) return last
  await context.settle({ what: 'CloudTrail', kind: 'cloudtrail', within: context.proofWait }, async () => {
    // Nothing can be shown yet of a time that has not come.
    if (!isBefore(context.now(), enough)) last = await look(last)
    const behind = last.filter((reach) => reach.notRead === undefined && !isShown(reach, enough))
    if (behind.length === 0) return true
    const names = behind.map(({ region, seenUpTo }) => `${region} up to ${seenUpTo ?? 'before this response'}`).join(', ')
    context.progress(`CloudTrail shows what happened in ${names}; waiting until it shows ${enough}`)
    return undefined
  })
  return last
}

/** Findings on the same key, session or instance that GuardDuty has seen later than the deny was in force. */
const findingsSince = async (incident: LastLook, context: Context) => {
  const { finding } = incident.facts
  if (!finding) return { findings: [], incomplete: [] }
  const { onSameKey, onSamePrincipal, onSameInstance = [], incomplete = [] } = await relatedFindings(finding.finding, context)
  const inForce = plus(cutoffOfTheft(incident), GRACE)
  const findings = [...onSameKey, ...onSamePrincipal, ...onSameInstance].filter(
    ({ lastSeen }) => lastSeen !== undefined && isBefore(inForce, lastSeen),
  )
  return { findings, incomplete }
}
