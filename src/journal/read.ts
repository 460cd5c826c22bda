import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../incident/values/failure.ts'
import { type AnyEntry, chainStart, type Damage, type Verified, verify } from './chain.ts'
import { incidentPath, isIncidentId } from './directory.ts'
import { type Disk, errorCode, orDiskFailure, realDisk } from './disk.ts'
import { JOURNAL, shortHead } from './journal.ts'

export interface ReadJournal<E extends AnyEntry> {
  /** All entries before the first line that cannot be trusted. */
  readonly entries: readonly E[]
  /** The first 16 hex digits of the head of what could be read. */
  readonly head: string
  /** What is wrong with the rest, as sentences: no run can continue this journal. */
  readonly damage?: string
  /** A last line that a crash cut off, as a sentence: the next run moves it to a file of its own. */
  readonly torn?: string
}

/**
 * Reads a journal without changing or locking anything: for reports and lists, also of a damaged journal or while a run goes on.
 * Throws Failure `usage` when there is no such journal, or nothing in it, `blocked` when the disk fails.
 */
export const readJournal = async <E extends AnyEntry>(
  root: string,
  id: string,
  disk: Disk = realDisk,
): Promise<ReadJournal<E>> => {
  const verified = verify<E>(await journalBytes(root, id, disk), chainStart(id))
  if (verified.good.length === 0 && !verified.damage) throw nothingIn(id)
  return { entries: verified.good, head: shortHead(verified.head), ...faultIn(verified) }
}

/** What is wrong with a damaged journal, as a clause. */
export const damageClause = ({ line, why }: Damage): string => `line ${line} ${why}`

const faultIn = ({ damage, tornTail }: Verified<AnyEntry>): Pick<ReadJournal<AnyEntry>, 'damage' | 'torn'> => {
  if (damage) return { damage: `The journal is damaged: ${damageClause(damage)}. Only the lines before it can be trusted.` }
  if (!tornTail) return {}
  return { torn: `The last line of the journal is incomplete or damaged. Its ${tornTail.length} bytes are left out.` }
}

/**
 * All bytes of a journal's file. Throws Failure `usage` when there is none, `blocked` when it is no file or the disk fails.
 */
export const journalBytes = (root: string, id: string, disk: Disk = realDisk): Promise<Uint8Array> => {
  const path = join(incidentPath(root, id), JOURNAL)
  return orDiskFailure(`The journal ${path} cannot be read`, async () => {
    const file = await disk.open(path, 'read').catch((error: unknown) => {
      throw errorCode(error) === 'ENOENT' ? noJournal(id, path) : error
    })
    try {
      if (!(await file.state()).isFile) throw notAJournal(id)
      return await file.readAll()
    } finally {
      await file.close()
    }
  })
}

/** A pipe or a device has the journal's name. */
export const notAJournal = (id: string): Failure =>
  new Failure({
    kind: 'blocked',
    what: `The journal of incident ${id} is not a file`,
    remedy: 'Move it away, or start a new incident.',
  })

const noJournal = (id: string, path: string): Failure =>
  new Failure({
    kind: 'usage',
    what: `There is no incident ${id} here`,
    why: `${path} does not exist`,
    remedy: 'List the incidents with `ir-cred incidents`; --state-dir names another directory.',
  })

/** A journal without a line. */
export const nothingIn = (id: string): Failure =>
  new Failure({
    kind: 'usage',
    what: `There is no incident ${id} here`,
    why: 'its run ended before it had written the first line of the journal, and had changed nothing',
    remedy: 'Respond to the finding again: `ir-cred respond <finding-id>`.',
  })

/** One incident of a list. Of a damaged one, the good entries are counted. */
export interface IncidentSummary<E extends AnyEntry> {
  readonly id: string
  readonly entries: number
  readonly first?: E
  readonly last?: E
  /** Sentences; present when no run can continue the journal. A journal whose last line a crash cut off is not damaged. */
  readonly damage?: string
}

/**
 * The incidents under a state root, sorted by id. A missing root has none. A directory without a whole first line of a journal is not an
 * incident: nothing had been done. A journal that is damaged or cannot be read is listed with the reason. Throws Failure `blocked` when the root cannot be read.
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
