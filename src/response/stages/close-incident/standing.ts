import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import type { ExaminedArtefact, Persistence } from '../../../incident/facts/persistence.ts'
import type { Context } from '../../stage.ts'
import { wholePersistence } from '../hunt-persistence/whole-persistence.ts'

/** An artefact as the hunt examined it; undefined where it did not. */
export type ExaminedOf = (artefact: PersistenceArtefact) => ExaminedArtefact | undefined

/** What the hunt examined, by the event: all of it, whatever the journal had room for. */
export const examinedOf = async (persistence: Persistence | undefined, context: Pick<Context, 'recall'>): Promise<ExaminedOf> => {
  const artefacts = persistence ? (await wholePersistence(persistence, context)).artefacts : []
  const examined = new Map(artefacts.map((one) => [one.artefact.eventId, one]))
  return ({ eventId }) => examined.get(eventId)
}

/** Whether an artefact may still be there. */
export const isLeft = (artefact: PersistenceArtefact, examined: ExaminedOf): boolean =>
  artefact.succeeded && artefact.undoneBy === undefined && examined(artefact)?.standing !== 'gone'
