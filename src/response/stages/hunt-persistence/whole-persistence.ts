import { type Persistence, persistenceCounts } from '../../../incident/facts/persistence.ts'
import { firstFitting } from '../../../incident/journal-budget.ts'
import type { Context } from '../../stage.ts'

/** The name under which the whole lists of a hunt are kept as evidence. */
const WHOLE_PERSISTENCE = 'persistence-whole'

/** The fact of a hunt as the journal holds it; where its lists are cut, they are kept whole as evidence first. */
export const keptWhole = async (found: Persistence, { keep }: Pick<Context, 'keep'>): Promise<Persistence> => {
  const fitting = fittingPersistence(found)
  return fitting.counts === undefined ? fitting : { ...fitting, whole: await keep(WHOLE_PERSISTENCE, found) }
}

/** The lists of a hunt with all rows: of the fact, or of the evidence where the fact's lists are cut. */
export const wholePersistence = async (persistence: Persistence, { recall }: Pick<Context, 'recall'>): Promise<Persistence> => {
  const kept = persistence.whole && (await recall(persistence.whole))
  return kept === undefined ? persistence : JSON.parse(kept)
}

/** Characters; together they fit into a line of the journal. */
const BUDGET = { artefacts: 90_000, liveSessions: 60_000, others: 20_000, incomplete: 16_000 } as const

/** As much of it as a line of the journal holds, what may be a way back first, with the numbers of the whole. `incomplete` names what is left out. */
export const fittingPersistence = (found: Persistence): Persistence => {
  const mayBeBack = found.artefacts.filter(({ standing }) => standing !== 'gone')
  const gone = found.artefacts.filter(({ standing }) => standing === 'gone')
  const fitting = new Set(firstFitting([...mayBeBack, ...gone], BUDGET.artefacts))
  const kept: Persistence = {
    ...found,
    artefacts: found.artefacts.filter((artefact) => fitting.has(artefact)),
    liveSessions: firstFitting(found.liveSessions, BUDGET.liveSessions),
    undone: firstFitting(found.undone, BUDGET.others),
    attempts: firstFitting(found.attempts, BUDGET.others),
    unexplainedKeys: firstFitting(found.unexplainedKeys, BUDGET.others),
    incomplete: firstFitting(found.incomplete, BUDGET.incomplete),
  }
  const cut = (Object.keys(CUT) as (keyof typeof CUT)[]).flatMap((list) => {
    const count = found[list].length - kept[list].length
    return count > 0
      ? [`${count} more ${CUT[list]}, which do not fit into the journal: the evidence ${WHOLE_PERSISTENCE} has them`]
      : []
  })
  return cut.length === 0 ? kept : { ...kept, incomplete: [...kept.incomplete, ...cut], counts: persistenceCounts(found) }
}

const CUT = {
  artefacts: 'persistence artefacts that were looked at',
  liveSessions: 'live chained sessions',
  undone: 'persistence artefacts that the session removed itself',
  attempts: 'failed attempts',
  unexplainedKeys: 'new access keys',
  incomplete: 'gaps',
} as const
