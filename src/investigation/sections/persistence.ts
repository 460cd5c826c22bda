import type { Activity } from '../../incident/facts/activity.ts'
import type { PersistenceArtefact } from '../../incident/facts/activity-rows.ts'
import { byDanger } from '../../incident/facts/danger.ts'
import { type Block, type Line, list, text, warning } from '../../incident/values/block.ts'
import { quantity, shownLines } from './listing.ts'

const MOST = 50

/** The section "Persistence": each artefact with its record, and the remedies. */
export const persistenceSection = ({ artefacts }: Pick<Activity, 'artefacts'>): readonly Block[] => {
  if (artefacts.all === 0)
    return [text('CloudTrail shows no call that leaves a persistence artefact (users, keys, policies, functions, shares …).')]
  const succeeded = artefacts.rows.filter((artefact) => artefact.succeeded).length
  const failed = artefacts.rows.length - succeeded
  const unlisted = artefacts.all - artefacts.rows.length
  const one = succeeded > 0 ? 'one' : 'a persistence artefact'
  const counts = [
    ...(succeeded > 0 ? [`${quantity(succeeded, 'call')} left a persistence artefact`] : []),
    ...(failed > 0 ? [`${quantity(failed, 'call')} tried to leave ${one} and failed`] : []),
    ...(unlisted > 0 ? [`${quantity(unlisted, 'more call')} may have left ${one}`] : []),
  ].join(', ')
  return [
    succeeded === 0
      ? text(`${counts}:`)
      : warning(`${counts}. ir-cred removes nothing. The remedies below come in the order of danger:`),
    list(shownLines(artefacts, artefactLine, MOST)),
    ...remedies(artefacts.rows.slice(0, MOST)),
  ]
}

/** What was left, the technique, the time, the record and the outcome. */
export const artefactLine = (artefact: PersistenceArtefact): Line => [
  ...artefact.left,
  ` (${artefact.technique.id} ${artefact.technique.name}), `,
  { at: artefact.at },
  `, event ${artefact.eventId}`,
  outcomeOf(artefact),
]

const outcomeOf = ({ succeeded, errorCode, undoneBy }: PersistenceArtefact): string => {
  if (!succeeded) return `, failed (${errorCode ?? 'error'})`
  return undoneBy ? `, removed by event ${undoneBy.eventId}` : ''
}

const remedies = (artefacts: readonly PersistenceArtefact[]): readonly Block[] => {
  const open = artefacts.filter(({ succeeded, undoneBy }) => succeeded && !undoneBy).toReversed()
  const inOrder = byDanger(open, ({ danger = 'permission', at }) => ({ danger, at }))
  return open.length === 0 ? [] : [text('To remove them, the most dangerous first:'), ...inOrder.flatMap(remedyBlocks)]
}

/** A command to copy, or what to do. */
export const remedyBlocks = ({ remedy }: Pick<PersistenceArtefact, 'remedy'>): readonly Block[] => {
  if (!('command' in remedy)) return [text(remedy.sentence)]
  return [{ type: 'code', text: remedy.command }, ...(remedy.note ? [text(remedy.note)] : [])]
}
