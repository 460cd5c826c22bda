import type { Activity, ArtefactCounts, Rows } from '../../incident/facts/activity.ts'
import type { PersistenceArtefact } from '../../incident/facts/activity-rows.ts'
import { byDanger } from '../../incident/facts/danger.ts'
import { byGravity, countByGravity } from '../../incident/facts/gravity.ts'
import { type Block, type Line, list, type Span, text, warning } from '../../incident/values/block.ts'
import { errorClassOf } from '../analysis/failed-calls.ts'
import { type Length, mostOf, quantity, shownLines } from './listing.ts'

const MOST = 50
/** Of one kind: twenty deleted secrets do not hide what comes after them. */
const MOST_OF_A_KIND = 5

/** The section "Persistence": each artefact with its record, the gravest first, and the remedies for those that are in place. */
export const persistenceSection = (
  { artefacts, artefactCounts }: Pick<Activity, 'artefacts' | 'artefactCounts'>,
  length: Length = 'short',
): readonly Block[] => {
  if (artefacts.all === 0)
    return [text('CloudTrail shows no call that leaves a persistence artefact (users, keys, policies, functions, shares …).')]
  const counts = artefactCounts ?? countsIn(artefacts)
  const words = countWords(counts, artefacts)
  return [
    counts.inPlace === 0 ? text(`${words}:`) : warning(`${words}. ir-cred removes nothing. The gravest come first:`),
    list(artefactLines(artefacts, length)),
    ...remedies(artefacts.rows),
  ]
}

const artefactLines = ({ rows, all }: Rows<PersistenceArtefact>, length: Length): readonly Line[] => {
  const inOrder = byGravity(rows)
  const seen = new Map<string, number>()
  const isFew = ({ eventSource, eventName, gravity, succeeded, undoneBy }: PersistenceArtefact): boolean => {
    const kind = [eventSource, eventName, gravity, succeeded, undoneBy !== undefined].join(' ')
    seen.set(kind, (seen.get(kind) ?? 0) + 1)
    return length === 'full' || (seen.get(kind) ?? 0) <= MOST_OF_A_KIND
  }
  const few = inOrder.filter(isFew).slice(0, mostOf(MOST, length))
  const shown = new Set(few)
  const rest = inOrder.filter((artefact) => !shown.has(artefact))
  return shownLines({ rows: [...few, ...rest], all }, artefactLine, few.length, countByGravity)
}

/** A journal of an earlier version has no counts of what was cut. */
const countsIn = ({ rows }: Rows<PersistenceArtefact>): ArtefactCounts => {
  const succeeded = rows.filter((artefact) => artefact.succeeded)
  const undone = succeeded.filter(({ undoneBy }) => undoneBy !== undefined).length
  const calls = rows.reduce((sum, { times }) => sum + (times?.count ?? 1), 0)
  return { inPlace: succeeded.length - undone, undone, failed: rows.length - succeeded.length, calls }
}

const countWords = ({ inPlace, undone, failed, calls }: ArtefactCounts, { all }: Rows<PersistenceArtefact>): string => {
  const unknown = all - inPlace - undone - failed
  const is = (count: number): string => (count === 1 ? 'is' : 'are')
  const parts = [
    ...(inPlace > 0 ? [`${quantity(inPlace, 'persistence artefact')} ${is(inPlace)} in place as far as the records show`] : []),
    ...(undone > 0
      ? [`${quantity(undone, inPlace > 0 ? 'other' : 'persistence artefact')} ${is(undone)} no longer in place`]
      : []),
    ...(failed > 0
      ? [`${quantity(failed, 'attempt')} to leave ${inPlace + undone > 0 ? 'one' : 'a persistence artefact'} failed`]
      : []),
    ...(unknown > 0 ? [`${quantity(unknown, 'more call')} may have left one`] : []),
  ]
  return `${parts.join(', ')}${calls > all ? ` (${calls.toLocaleString('en-US')} calls in all)` : ''}`
}

/** What was left and what it gives, the technique, the time, the record and the outcome. */
export const artefactLine = (artefact: PersistenceArtefact): Line => [
  ...leftOf(artefact),
  ` (${artefact.technique.id} ${artefact.technique.name}), `,
  { at: artefact.at },
  ...timesOf(artefact),
  `, event ${artefact.eventId}`,
  ...outcomeOf(artefact),
]

/** What was left, with what the record says of it in detail. */
export const leftOf = ({ left, payload = [] }: PersistenceArtefact): readonly Span[] => [...left, ...payload]

/** How often, and when last. */
const timesOf = ({ times }: PersistenceArtefact): readonly Span[] =>
  times ? [` (${times.count.toLocaleString('en-US')} times, last `, { at: times.last }, ')'] : []

/** How the deed ended: whether it failed, or since which event it is no longer in place. */
const outcomeOf = ({ succeeded, errorCode, undoneBy }: PersistenceArtefact): readonly Span[] => {
  if (!succeeded && errorCode !== undefined && errorClassOf(errorCode) === 'dry-run')
    return [', a dry run: it would have succeeded']
  if (!succeeded) return [`, failed (${errorCode ?? 'error'})`]
  if (!undoneBy) return []
  const { eventId, eventName, at, by } = undoneBy
  const what = eventName === undefined ? `event ${eventId}` : `${eventName}, event ${eventId}`
  return [', no longer in place since ', { at }, ` (${what}`, ...(by ? [', by ', by] : []), ')']
}

/** For everything that is in place, whatever the list above shows; what several have in common is said once. */
const remedies = (artefacts: readonly PersistenceArtefact[]): readonly Block[] => {
  const open = artefacts.filter(({ succeeded, undoneBy }) => succeeded && !undoneBy).toReversed()
  const inOrder = byDanger(open, ({ danger = 'permission', at }) => ({ danger, at }))
  const once = new Map(inOrder.map((artefact) => [JSON.stringify(artefact.remedy), artefact]))
  return open.length === 0 ? [] : [text('To remove them, in this order:'), ...[...once.values()].flatMap(remedyBlocks)]
}

/** A command to copy, or what to do. */
export const remedyBlocks = ({ remedy }: Pick<PersistenceArtefact, 'remedy'>): readonly Block[] => {
  if (!('command' in remedy)) return [text(remedy.sentence)]
  return [{ type: 'code', text: remedy.command }, ...(remedy.note ? [text(remedy.note)] : [])]
}
