import type { Activity } from '../../incident/facts/activity.ts'
import type { PersistenceArtefact } from '../../incident/facts/activity-rows.ts'
import { type Block, type Line, list, text, warning } from '../../incident/values/block.ts'
import { quantity, shownLines } from './cut.ts'

const MOST = 50

/** What was made, changed or switched off, each with its record and its remedy. */
export const persistenceSection = ({ artefacts }: Pick<Activity, 'artefacts'>): readonly Block[] => {
  if (artefacts.all === 0) return [text('No call of it leaves something behind (users, keys, policies, functions, shares …).')]
  const done = artefacts.rows.filter(({ succeeded }) => succeeded).length
  return [
    done === 0
      ? text(`${quantity(artefacts.all, 'call')} tried to leave something behind, and failed:`)
      : warning(
          `${quantity(done, 'call')} left something behind, ${artefacts.all - done} tried to. Nothing is undone by itself; the remedies hold best from the last to the first:`,
        ),
    list(shownLines(artefacts, artefactLine, MOST)),
    ...remedies(artefacts.rows.slice(0, MOST)),
  ]
}

/** What was left, by which technique, when, shown by which record, and whether it came off. */
export const artefactLine = (row: PersistenceArtefact): Line => [
  ...row.left,
  ` (${row.technique.id} ${row.technique.name}), `,
  { at: row.at },
  `, event ${row.eventId}`,
  outcomeOf(row),
]

const outcomeOf = ({ succeeded, errorCode, undoneBy }: PersistenceArtefact): string => {
  if (!succeeded) return `, refused (${errorCode ?? 'error'})`
  return undoneBy ? `, taken away again by event ${undoneBy.eventId}` : ''
}

/** Commands to copy, the last one first. */
const remedies = (rows: readonly PersistenceArtefact[]): readonly Block[] => {
  const open = rows.filter(({ succeeded, undoneBy }) => succeeded && !undoneBy).toReversed()
  return open.length === 0 ? [] : [text('To take it away again:'), ...open.flatMap(remedyBlocks)]
}

/** How one of them is taken away: a command that can be copied, or what to do. */
export const remedyBlocks = ({ remedy }: Pick<PersistenceArtefact, 'remedy'>): readonly Block[] => {
  if (!('command' in remedy)) return [text(remedy.sentence)]
  return [{ type: 'code', text: remedy.command }, ...(remedy.note ? [text(remedy.note)] : [])]
}
