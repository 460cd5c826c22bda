import type { Activity } from '../../incident/facts/activity.ts'
import { allFindingsOf } from '../../incident/facts/facts.ts'
import { holderOf } from '../../incident/facts/subject.ts'
import { addressesOfFindings } from '../../incident/finding/addresses.ts'
import type { IncidentWith } from '../../incident/incident.ts'
import { fitting } from '../../incident/journal-budget.ts'
import { text } from '../../incident/values/block.ts'
import { DAY_SECONDS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { type Instant, isBefore, plus } from '../../incident/values/instant.ts'
import { activityFact } from '../../investigation/activity-fact.ts'
import { activityFold } from '../../investigation/analysis/activity-fold.ts'
import { revokedBy } from '../../investigation/analysis/chained-sessions.ts'
import { type Profiles, readProfiles } from '../../investigation/enrichment/profiles.ts'
import { findingPlaces } from '../../investigation/geography/location.ts'
import { finishInvestigation } from '../../investigation/investigation.ts'
import { questionOf } from '../../investigation/question.ts'
import { investigationBlocks } from '../../investigation/sections/sections.ts'
import { progressText } from '../../investigation/source.ts'
import { eventHistory } from '../../investigation/sources/event-history.ts'
import { type Context, defineStage, established, notApplicable } from '../stage.ts'
import { trailRegions } from './cloudtrail-regions.ts'
import { pageKeeper, resumptionOf } from './trace-activity/checkpoints.ts'
import { fittingProfiles } from './trace-activity/fitting-profiles.ts'
import { cutLists, WHOLE_ACTIVITY } from './trace-activity/whole-activity.ts'

type TraceIncident = IncidentWith<'finding' | 'subject'>

/**
 * Traces what the stolen key did, as CloudTrail's event history shows it, against what its role did before; and the
 * sessions that came of it. A reading that was interrupted goes on where it ended.
 */
export const traceActivity = defineStage({
  id: 'trace-activity',
  phase: 'detect',
  title: 'Trace what the stolen key did',
  needs: ['finding', 'subject'],
  establishes: 'activity',

  async assess(incident, context) {
    try {
      return established<Activity>(await trace(incident, context))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const why = error.why ?? error.what
      if (error.kind === 'unavailable')
        return notApplicable(
          `CloudTrail’s event history gives no answer: ${why}. Remedy: continue later, which reads on from here`,
        )
      if (error.kind !== 'identity') throw error
      return notApplicable(`you may not read CloudTrail’s event history (cloudtrail:LookupEvents is denied): ${why}`)
    }
  },

  describe: (activity) => [
    ...investigationBlocks(activity),
    ...(activity.events === 0
      ? [text('The key is younger than CloudTrail’s delivery delay, or it was used in another Region, or not at all.')]
      : []),
  ],
})

const trace = async (incident: TraceIncident, context: Context): Promise<Activity> => {
  const { finding: found, subject, revocation } = incident.facts
  const question = questionOf(
    { kind: 'access-key-id', value: subject.accessKeyId },
    { baselinePrincipal: { kind: holderOf(subject).of, value: holderOf(subject).arn } },
  )
  const keeper = pageKeeper(context)
  const resume = await resumptionOf(incident, context)
  const source = eventHistory({
    regions: trailRegions(subject.region, context),
    cloudtrail: (region) => context.aws(region).cloudtrail,
    clock: { now: context.now, sleep: (seconds) => sleep(context, seconds) },
    make: activityFold,
    page: keeper.take,
    ...given({ resume, regionsNote: context.regionsNote }),
  })
  const from = firstKnown([subject.issuedAt, found.finding.firstSeen])
  const asked = { questions: [question], followChainedSessions: true, range: from ? { from: plus(from, -MOST_BASELINE) } : {} }
  const gathered = await source.read(asked, {
    signal: context.signal,
    progress: (progress) => context.progress(`${source.name}: ${progressText(progress)}`),
  })
  await keeper.end()
  const places = await context.places(findingPlaces(allFindingsOf(found)))
  const revoked = revocation && !incident.assumed.includes('revocation') ? revokedBy(subject, revocation) : undefined
  const { reported: reportedAddresses } = addressesOfFindings(allFindingsOf(found))
  const known = { places, ownAddresses: subject.ownAddresses, reportedAddresses, ...given({ revoked }) }
  const concluded = await finishInvestigation(question, gathered, known)
  const activity = fitting((rows) => activityFact(concluded, rows))
  const lists = cutLists(activity, activityFact(concluded, Number.POSITIVE_INFINITY))
  const whole = lists && (await context.keep(WHOLE_ACTIVITY, lists))
  return { ...activity, ...given({ whole }), ...fittingProfiles(await profilesOf(activity, incident, context)) }
}

/** What IAM and AWS Organizations say of the account and the role. CloudTrail may show nothing of them; the subject names them. */
const profilesOf = ({ identity }: Activity, { facts: { subject } }: TraceIncident, context: Context): Promise<Profiles> =>
  readProfiles({
    identity: {
      accountId: subject.accountId,
      ...(subject.kind === 'role-session' ? { roleName: subject.role.name } : { userName: subject.user.name }),
      ...identity,
    },
    accountId: subject.accountId,
    iam: context.aws(subject.region).iam,
    organizations: context.organizations,
  })

/** How many seconds of history before the first known use of a key are read: the key's own life, and the baseline's. */
const MOST_BASELINE = 46 * DAY_SECONDS

const firstKnown = (known: readonly (Instant | undefined)[]): Instant | undefined =>
  known.reduce((a, b) => (a && b ? (isBefore(a, b) ? a : b) : (a ?? b)), undefined)

const sleep = async ({ settle }: Context, seconds: number): Promise<void> => {
  await settle({ what: 'CloudTrail', kind: 'pause', within: seconds }, async () => undefined)
}
