import type { Entry } from '../../incident/entry.ts'
import type { EntryCheck } from '../../journal/chain.ts'
import {
  type IncidentJournal,
  incidentJournals,
  type Reading,
  type ReadJournal,
  readJournal,
  readWholeJournal,
} from '../../journal/read.ts'

/** The check of what a journal holds. Loaded when a journal is read, because it brings a schema. */
export const entryCheck = async (): Promise<EntryCheck> => (await import('../../incident/entry-check.ts')).whyNotAnEntry

const reading = async (): Promise<Reading> => ({ check: await entryCheck() })

/** An incident's journal as far as it can be relied on. Throws as `readJournal` does. */
export const readEntries = async (root: string, id: string): Promise<ReadJournal<Entry>> =>
  readJournal<Entry>(root, id, await reading())

/** The entries of an incident that a run is to go on with. Throws Failure `blocked` for one that can only be read, and as `readJournal` does. */
export const entriesToResume = async (root: string, id: string): Promise<readonly Entry[]> =>
  readWholeJournal<Entry>(root, id, await reading())

/** The journals of the incidents below a state root. Throws as `incidentJournals` does. */
export const knownIncidents = async function* (root: string): AsyncGenerator<IncidentJournal<Entry>> {
  yield* incidentJournals<Entry>(root, await reading())
}
