import type { Persistence } from '../../../incident/facts/persistence.ts'
import { firstFitting } from '../../../incident/journal-budget.ts'

/** Characters: all of them together are no more than a journal's line has. */
const ROOM = { artefacts: 90_000, liveSessions: 60_000, others: 20_000, incomplete: 16_000 } as const

/** As much of it as a journal's line has room for, what may be a way back first; what is left out is said. */
export const fittingPersistence = (found: Persistence): Persistence => {
  const gone = found.artefacts.filter(({ standing }) => standing === 'gone')
  const told = new Set(firstFitting([...found.artefacts.filter(({ standing }) => standing !== 'gone'), ...gone], ROOM.artefacts))
  const artefacts = found.artefacts.filter((one) => told.has(one))
  const liveSessions = firstFitting(found.liveSessions, ROOM.liveSessions)
  const [undone, attempts, unexplainedKeys] = [
    firstFitting(found.undone, ROOM.others),
    firstFitting(found.attempts, ROOM.others),
    firstFitting(found.unexplainedKeys, ROOM.others),
  ]
  const gaps = firstFitting(found.incomplete, ROOM.incomplete)
  const left: readonly (readonly [left: number, what: string])[] = [
    [found.artefacts.length - artefacts.length, 'persistence artefacts that were looked at'],
    [found.liveSessions.length - liveSessions.length, 'sessions that may still be alive'],
    [found.undone.length - undone.length, 'persistence artefacts that the session took away itself'],
    [found.attempts.length - attempts.length, 'attempts that were refused'],
    [found.unexplainedKeys.length - unexplainedKeys.length, 'new keys'],
    [found.incomplete.length - gaps.length, 'gaps'],
  ]
  const said = left
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} more ${what}, for which the journal has no room`)
  return { ...found, artefacts, undone, attempts, liveSessions, unexplainedKeys, incomplete: [...gaps, ...said] }
}
