import type { Activity } from '../../incident/facts/activity.ts'
import type { PersistenceArtefact } from '../../incident/facts/activity-rows.ts'
import { artefactsByDanger, type ExaminedArtefact, type Persistence } from '../../incident/facts/persistence.ts'
import type { IncidentWith } from '../../incident/incident.ts'
import { given } from '../../incident/values/given.ts'
import { listKeys, unexplainedKeys } from '../../investigation/persistence/access-keys.ts'
import { examineArtefact, type LookContext } from '../../investigation/persistence/examine-artefact.ts'
import { type Context, defineStage, established } from '../stage.ts'
import { persistenceBlocks } from './hunt-persistence/blocks.ts'
import { findLiveSessions } from './hunt-persistence/live-sessions.ts'
import { keptWhole } from './hunt-persistence/whole-persistence.ts'
import { type WholeActivity, wholeActivity } from './trace-activity/whole-activity.ts'

/**
 * Hunts for persistence artefacts: what the stolen session and its chained sessions left behind. For each write event that
 * CloudTrail shows, a live look asks IAM or EC2 whether the artefact is still there. Each artefact is shown with its event, its
 * ATT&CK technique and the command that removes it. The stage removes nothing.
 */
export const huntPersistence = defineStage({
  id: 'hunt-persistence',
  phase: 'eradicate',
  title: 'Hunt for persistence artefacts',
  needs: ['subject', 'activity'],
  establishes: 'persistence',

  assess: async (incident, context) => established<Persistence>(await keptWhole(await hunt(incident, context), context)),

  describe: (persistence) => persistenceBlocks(persistence),
})

const hunt = async (incident: IncidentWith<'subject' | 'activity'>, context: Context): Promise<Persistence> => {
  const { subject, activity } = incident.facts
  const whole = await wholeActivity(activity, context)
  const { accountId, region } = subject
  const { now, signal } = context
  const succeeded = whole.artefacts.filter((artefact) => artefact.succeeded)
  const standing = succeeded.filter(({ undoneBy }) => !undoneBy)
  const ofAccount = succeeded.filter((artefact) => (artefact.accountId ?? accountId) === accountId)
  const keys = await listKeys(ofAccount, { iam: context.aws(region).iam, now, signal })
  const artefacts = await examineAll(standing, { accountId, keys, aws: (where) => context.aws(where), now }, context)
  const unexplained = unexplainedKeys(ofAccount, keys, subject.issuedAt ?? activity.firstSeen ?? now())
  return {
    artefacts: artefactsByDanger(artefacts.toReversed()),
    ...given({ notExamined: notExamined(activity, whole) || undefined }),
    undone: succeeded.filter(({ undoneBy }) => undoneBy !== undefined),
    attempts: whole.artefacts.filter((artefact) => !artefact.succeeded),
    liveSessions: await findLiveSessions(whole.chainedSessions, subject, context),
    unexplainedKeys: unexplained.keys,
    incomplete: [...whole.incomplete, ...unexplained.incomplete, ...activity.incomplete.map((gap) => `not in the trace: ${gap}`)],
  }
}

const examineAll = async (
  artefacts: readonly PersistenceArtefact[],
  looks: LookContext,
  context: Context,
): Promise<readonly ExaminedArtefact[]> => {
  const examined: ExaminedArtefact[] = []
  for (const [index, artefact] of artefacts.entries()) {
    if (artefacts.length > 1) context.progress(`looking at ${index + 1} of ${artefacts.length} persistence artefacts`)
    context.signal.throwIfAborted()
    examined.push(await examineArtefact(artefact, looks))
  }
  return examined
}

/** Successful events come before failed ones: none of them is cut off while a failed one is listed. */
const notExamined = ({ artefacts: { all } }: Activity, { artefacts }: WholeActivity): number =>
  artefacts.every(({ succeeded }) => succeeded) ? all - artefacts.length : 0
