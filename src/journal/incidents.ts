import { readdir } from 'node:fs/promises'
import { Failure } from '../incident/values/failure.ts'
import type { AnyEntry } from './chain.ts'
import { isIncidentId } from './directory.ts'
import { errorCode, orDiskFailure } from './disk-failure.ts'
import { readJournal } from './read.ts'

/** One incident as a list shows it. A damaged one has its good entries counted, and says what is wrong. */
export interface IncidentSummary<E extends AnyEntry> {
  readonly id: string
  readonly entries: number
  readonly first?: E
  readonly last?: E
  /** A sentence; present when nobody can go on with the journal. One whose last line a crash cut off is not damaged. */
  readonly damage?: string
}

/**
 * The incidents under a state root, sorted by id. A missing root has none. A directory without a journal, or with one that was cut
 * off before its first line was whole, is not an incident: nothing had been done. A journal that is damaged or refused is listed with
 * the reason. Throws Failure `blocked` when the root cannot be read.
 */
export const listIncidents = async <E extends AnyEntry>(root: string): Promise<readonly IncidentSummary<E>[]> => {
  const summaries: IncidentSummary<E>[] = []
  for (const id of await orDiskFailure(`The state directory ${root} cannot be read`, () => idsIn(root))) {
    const summary = await summaryOf<E>(root, id)
    if (summary) summaries.push(summary)
  }
  return summaries
}

const idsIn = async (root: string): Promise<string[]> => {
  try {
    const entries = await readdir(root, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory() && isIncidentId(entry.name))
      .map(({ name }) => name)
      .sort()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

const summaryOf = async <E extends AnyEntry>(root: string, id: string): Promise<IncidentSummary<E> | undefined> => {
  try {
    const { entries, damage } = await readJournal<E>(root, id)
    const first = entries.at(0)
    const last = entries.at(-1)
    return { id, entries: entries.length, ...(first && { first }), ...(last && { last }), ...(damage && { damage }) }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return error.kind === 'usage' ? undefined : { id, entries: 0, damage: `${error.message}.` }
  }
}
