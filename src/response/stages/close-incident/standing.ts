import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import type { ExaminedArtefact } from '../../../incident/facts/persistence.ts'
import type { IncidentWith } from '../../../incident/incident.ts'

/** An artefact as the hunt examined it; undefined where it did not. */
export type ExaminedOf = (artefact: PersistenceArtefact) => ExaminedArtefact | undefined

/** What the hunt examined, by the event. */
export const examinedOf = ({ facts: { persistence } }: IncidentWith<'subject'>): ExaminedOf => {
  const examined = new Map((persistence?.artefacts ?? []).map((one) => [one.artefact.eventId, one]))
  return ({ eventId }) => examined.get(eventId)
}

/** Whether an artefact may still be there. */
export const isLeft = (artefact: PersistenceArtefact, examined: ExaminedOf): boolean =>
  artefact.succeeded && artefact.undoneBy === undefined && examined(artefact)?.standing !== 'gone'
