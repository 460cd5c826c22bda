import type { Persistence } from '../../../incident/facts/persistence.ts'
import { firstFitting } from '../../../incident/journal-budget.ts'

/** Characters: all of them together are no more than a journal's line has. */
const ROOM = { hunted: 90_000, liveSessions: 60_000, others: 20_000, incomplete: 16_000 } as const

/** As much of it as a journal's line has room for, what may be a way back first; what is left out is said. */
export const fittingPersistence = (found: Persistence): Persistence => {
  const gone = found.hunted.filter(({ standing }) => standing === 'gone')
  const told = new Set(firstFitting([...found.hunted.filter(({ standing }) => standing !== 'gone'), ...gone], ROOM.hunted))
  const hunted = found.hunted.filter((one) => told.has(one))
  const liveSessions = firstFitting(found.liveSessions, ROOM.liveSessions)
  const [undone, attempts, otherKeys] = [
    firstFitting(found.undone, ROOM.others),
    firstFitting(found.attempts, ROOM.others),
    firstFitting(found.otherKeys, ROOM.others),
  ]
  const gaps = firstFitting(found.incomplete, ROOM.incomplete)
  const left: readonly (readonly [left: number, what: string])[] = [
    [found.hunted.length - hunted.length, 'persistence artefacts that were looked at'],
    [found.liveSessions.length - liveSessions.length, 'sessions that may still be alive'],
    [found.undone.length - undone.length, 'persistence artefacts that the session took away itself'],
    [found.attempts.length - attempts.length, 'attempts that were refused'],
    [found.otherKeys.length - otherKeys.length, 'new keys'],
    [found.incomplete.length - gaps.length, 'gaps'],
  ]
  const said = left
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} more ${what}, for which the journal has no room`)
  return { ...found, hunted, undone, attempts, liveSessions, otherKeys, incomplete: [...gaps, ...said] }
}
