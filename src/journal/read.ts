import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../incident/values/failure.ts'
import { type AnyEntry, chainStart, type Damage, type EntryCheck, type Verified, verify } from './chain.ts'
import { checkIncident, checkStateRoot, incidentPath, isIncidentId } from './directory.ts'
import { type Disk, errorCode, orDiskFailure, realDisk } from './disk.ts'
import { JOURNAL, shortHead } from './journal.ts'
import { ownUserId } from './path-trust.ts'

/** How journals are read: by which check of the entries, by default none, and on which disk. */
export interface Reading {
  readonly check?: EntryCheck
  readonly disk?: Disk
}

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
 * Checks the incident's directory first. Throws Failure `usage` when there is no such journal, or nothing in it, `blocked` when the
 * directory cannot be trusted, its journal is missing beside what it left, or the disk fails.
 */
export const readJournal = async <E extends AnyEntry>(
  root: string,
  id: string,
  reading: Reading = {},
): Promise<ReadJournal<E>> => {
  const verified = await verifiedJournal<E>(root, id, reading)
  return { entries: verified.good, head: shortHead(verified.head), ...faultIn(verified) }
}

const verifiedJournal = async <E extends AnyEntry>(root: string, id: string, { check, disk }: Reading): Promise<Verified<E>> => {
  const bytes = await journalBytes(root, id, { ...(disk && { disk }) })
  const verified = verify<E>(bytes, chainStart(id), checkFor(id, check))
  if (verified.good.length === 0 && !verified.damage) throw nothingIn(id)
  return verified
}

/** The check of the entries of one incident. */
export const checkFor =
  (id: string, check: EntryCheck | undefined) =>
  (entry: AnyEntry, before: readonly AnyEntry[]): string | undefined =>
    check?.(entry, before, id)

/** The entries of a journal that a run can go on with. Throws Failure `blocked` for a damaged one, and as `readJournal` does. */
export const readWholeJournal = async <E extends AnyEntry>(
  root: string,
  id: string,
  reading: Reading = {},
): Promise<readonly E[]> => {
  const { good, damage } = await verifiedJournal<E>(root, id, reading)
  if (damage) throw damagedJournal(id, damage)
  return good
}

/** Why no run goes on with a damaged journal. */
export const damagedJournal = (id: string, damage: Damage): Failure => {
  const readable = `\`ir-cred report ${id}\` shows the entries before line ${damage.line}.`
  if (damage.newerFormat !== undefined)
    return new Failure({
      kind: 'blocked',
      what: `The journal of incident ${id} was written by a newer ir-cred`,
      why: damageClause(damage),
      remedy: `Continue with that version. ${readable}`,
    })
  if (damage.problem === 'unknown')
    return new Failure({
      kind: 'blocked',
      what: `The journal of incident ${id} holds an entry that this ir-cred does not know`,
      why: damageClause(damage),
      remedy: `Continue with the version that wrote it. This one only reads it: ${readable}`,
    })
  return new Failure({
    kind: 'blocked',
    what: `The journal of incident ${id} is damaged`,
    why: damageClause(damage),
    remedy: `${readable} Copy its directory, then start a new incident: ir-cred finds in AWS what is already done.`,
  })
}

/** What is wrong with a damaged journal, as a clause. */
const damageClause = ({ line, why }: Damage): string => `line ${line} ${why}`

const faultIn = ({ damage, tornTail }: Verified<AnyEntry>): Pick<ReadJournal<AnyEntry>, 'damage' | 'torn'> => {
  if (damage?.problem === 'unknown')
    return {
      damage: `The journal is not one that this ir-cred writes: ${damageClause(damage)}. Only the lines before it are used.`,
    }
  if (damage) return { damage: `The journal is damaged: ${damageClause(damage)}. Only the lines before it can be trusted.` }
  if (!tornTail) return {}
  return { torn: `The last line of the journal is incomplete or damaged. Its ${tornTail.length} bytes are left out.` }
}

/**
 * All bytes of a journal's file, once its directory is checked. Throws Failure `usage` when there is none, `blocked` when it cannot be
 * trusted, is no file, is missing beside its evidence, or the disk fails. An audit leaves the files of evidence out of the check.
 */
export const journalBytes = (
  root: string,
  id: string,
  { disk = realDisk, evidence = true }: { readonly disk?: Disk; readonly evidence?: boolean } = {},
): Promise<Uint8Array> => {
  const directory = incidentPath(root, id)
  const path = join(directory, JOURNAL)
  return orDiskFailure(`The journal ${path} cannot be read`, async () => {
    await checkIncident(root, id, ownUserId(), { evidence }).catch((error: unknown) => {
      throw error instanceof Failure && error.kind === 'usage' ? noJournal(id, path) : error
    })
    const file = await disk.open(path, 'read').catch(async (error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error
      throw (await holdsRemains(directory)) ? withoutJournal(directory) : noJournal(id, path)
    })
    try {
      if (!(await file.state()).isFile) throw notAJournal(id)
      return await file.readAll()
    } finally {
      await file.close()
    }
  })
}

/** Refuses a directory whose journal is missing beside what it left: no run begins anew in it. Throws Failure `blocked`. */
export const refuseRemains = async (directory: string): Promise<void> => {
  if (!(await readdir(directory)).includes(JOURNAL) && (await holdsRemains(directory))) throw withoutJournal(directory)
}

/** Whether a directory without a journal holds what only a run with a journal leaves. */
const holdsRemains = async (directory: string): Promise<boolean> => {
  const names = await readdir(directory)
  if (names.some((name) => REMAINS.test(name))) return true
  return names.includes('evidence') && (await readdir(join(directory, 'evidence'))).some((name) => !name.startsWith('.'))
}

/** Made after the journal, and never without it. */
const REMAINS = /^(report\.|journal\.torn-)/

/** The journal is gone, and what it vouched for is still there: nothing of this incident can be relied on, and no run begins in it. */
const withoutJournal = (directory: string): Failure =>
  new Failure({
    kind: 'blocked',
    what: `The journal ${join(directory, JOURNAL)} is missing`,
    why: 'its evidence is still there',
    remedy: 'Restore it from a copy. CloudTrail still has the writes of this incident: their userAgent holds ir-cred/.',
  })

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

/** The journal of one incident among all. Of a damaged one, the good entries. */
export interface IncidentJournal<E extends AnyEntry> {
  readonly id: string
  readonly entries: readonly E[]
  /** Sentences; present when no run can continue the journal. A journal whose last line a crash cut off is not damaged. */
  readonly damage?: string
}

/**
 * The journals of all incidents under a state root, sorted by id, each read once. A missing root has none. A directory without a whole
 * first line of a journal is not an incident: nothing had been done. A journal that is damaged, unknown, not to be trusted or missing
 * beside its evidence comes with the reason, and harms no other. Throws Failure `blocked` when the root cannot be trusted or read.
 */
export const incidentJournals = async function* <E extends AnyEntry>(
  root: string,
  reading: Reading = {},
): AsyncGenerator<IncidentJournal<E>> {
  for (const id of await idsBelow(root)) {
    const journal = await journalOf<E>(root, id, reading)
    if (journal) yield journal
  }
}

/** One incident of a list. Of a damaged one, the good entries are counted. */
export interface IncidentSummary<E extends AnyEntry> {
  readonly id: string
  readonly entries: number
  readonly first?: E
  readonly last?: E
  /** As of its journal. */
  readonly damage?: string
}

/** The incidents under a state root, as `incidentJournals` finds them and throws. */
export const listIncidents = async <E extends AnyEntry>(
  root: string,
  reading: Reading = {},
): Promise<readonly IncidentSummary<E>[]> => {
  const summaries: IncidentSummary<E>[] = []
  for await (const { id, entries, damage } of incidentJournals<E>(root, reading)) {
    const first = entries.at(0)
    const last = entries.at(-1)
    summaries.push({ id, entries: entries.length, ...(first && { first }), ...(last && { last }), ...(damage && { damage }) })
  }
  return summaries
}

const idsBelow = (root: string): Promise<readonly string[]> =>
  orDiskFailure(`The state directory ${root} cannot be read`, async () => {
    await checkStateRoot(root, ownUserId())
    const entries = await entriesIn(root)
    return entries
      .filter((entry) => entry.isDirectory() && isIncidentId(entry.name))
      .map(({ name }) => name)
      .sort()
  })

/**
 * Whether a new incident cannot have a name, because something under the state root has it. A directory in which nothing had been done
 * when its run ended is taken up again. Throws Failure `blocked` when the disk fails.
 */
export const isTaken = (root: string, id: string, reading: Reading = {}): Promise<boolean> =>
  orDiskFailure(`The state directory ${root} cannot be read`, async () => {
    const found = await lstat(join(root, id)).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error
    })
    return found !== undefined && (!found.isDirectory() || (await journalOf(root, id, reading)) !== undefined)
  })

const entriesIn = async (root: string) => {
  try {
    return await readdir(root, { withFileTypes: true })
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

const journalOf = async <E extends AnyEntry>(
  root: string,
  id: string,
  reading: Reading,
): Promise<IncidentJournal<E> | undefined> => {
  try {
    const { entries, damage } = await readJournal<E>(root, id, reading)
    return { id, entries, ...(damage && { damage }) }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return error.kind === 'usage' ? undefined : { id, entries: [], damage: `${error.message}.` }
  }
}
