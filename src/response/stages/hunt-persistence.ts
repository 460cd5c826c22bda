import type { PersistenceArtefact } from '../../incident/facts/activity-rows.ts'
import type { ExaminedArtefact, Persistence } from '../../incident/facts/persistence.ts'
import type { IncidentWith } from '../../incident/incident.ts'
import { type Context, defineStage, established } from '../stage.ts'
import { persistenceBlocks } from './hunt-persistence/blocks.ts'
import { fittingPersistence } from './hunt-persistence/fitting.ts'
import { listKeys } from './hunt-persistence/key-lists.ts'
import { openLiveSessions } from './hunt-persistence/live-sessions.ts'
import type { HuntedAccount } from './hunt-persistence/look.ts'
import { huntOne } from './hunt-persistence/looks.ts'
import { otherKeys } from './hunt-persistence/other-keys.ts'

/**
 * Hunts for what the stolen session and its chained sessions left behind: for each call that CloudTrail shows to have left
 * something, IAM or EC2 is asked whether it is still there. Whatever is there is told with the record that shows it, its
 * ATT&CK technique and the exact command that takes it away. Nothing is undone by itself.
 */
export const huntPersistence = defineStage({
  id: 'hunt-persistence',
  phase: 'eradicate',
  title: 'Hunt for what was left behind',
  needs: ['subject', 'activity'],
  establishes: 'persistence',

  assess: async (incident, context) => established<Persistence>(fittingPersistence(await hunt(incident, context))),

  describe: (persistence) => persistenceBlocks(persistence),
})

const hunt = async (incident: IncidentWith<'subject' | 'activity'>, context: Context): Promise<Persistence> => {
  const { subject, activity } = incident.facts
  const { rows, all } = activity.artefacts
  const done = rows.filter(({ succeeded }) => succeeded)
  const left = done.filter(({ undoneBy }) => !undoneBy)
  const own = done.filter(({ accountId = subject.accountId }) => accountId === subject.accountId)
  const keys = await listKeys(own, subject.region, context)
  const artefacts = await huntAll(left, { accountId: subject.accountId, keys }, context)
  // What was left stands before what was refused, so that nothing of it is missing where something refused is told.
  const unlooked = done.length === rows.length ? all - rows.length : 0
  const since = subject.issuedAt ?? activity.firstSeen ?? context.now()
  const others = otherKeys(own, keys, since)
  return {
    artefacts,
    ...(unlooked > 0 ? { notExamined: unlooked } : {}),
    undone: done.filter(({ undoneBy }) => undoneBy !== undefined),
    attempts: rows.filter(({ succeeded }) => !succeeded),
    liveSessions: await openLiveSessions(activity.chainedSessions.rows, subject, context),
    unexplainedKeys: others.keys,
    incomplete: [
      ...tooMany(all - rows.length, 'call that may have left something', 'calls that may have left something'),
      ...tooMany(
        activity.chainedSessions.all - activity.chainedSessions.rows.length,
        'session that it obtained',
        'sessions that it obtained',
      ),
      ...others.incomplete,
      ...activity.incomplete.map((gap) => `what CloudTrail did not show: ${gap}`),
    ],
  }
}

const huntAll = async (
  left: readonly PersistenceArtefact[],
  account: HuntedAccount,
  context: Context,
): Promise<readonly ExaminedArtefact[]> => {
  const hunted: ExaminedArtefact[] = []
  for (const [index, artefact] of left.entries()) {
    if (left.length > 1) context.progress(`looking at ${index + 1} of ${left.length} persistence artefacts`)
    context.signal.throwIfAborted()
    hunted.push(await huntOne(artefact, account, context))
  }
  return hunted
}

const tooMany = (count: number, one: string, many: string): readonly string[] =>
  count === 0 ? [] : [`${count} more ${count === 1 ? one : many}`]
