import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../incident/values/failure.ts'
import { type AnyEntry, chainStart, type EntryCheck, sha256, type Verified, verify } from './chain.ts'
import { openIncident } from './directory.ts'
import { type Disk, type DiskFile, diskFailure, orDiskFailure, realDisk, writeAll, writeNew } from './disk.ts'
import { JOURNAL, type Journal, sealForWriting, shortHead, writtenForm } from './journal.ts'
import { checkFor, damagedJournal, notAJournal } from './read.ts'

/** A last line that a crash left incomplete, and the file to which its bytes were moved. */
export interface TornTail {
  /** Name in the incident's directory. */
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

export interface Opening<E extends AnyEntry> {
  /** Makes the entry that records a torn tail. */
  readonly recovered: (torn: TornTail) => E
  /** The responder's user id; undefined where the system has none. */
  readonly uid: number | undefined
  /** By default every entry passes. */
  readonly check?: EntryCheck
  readonly disk?: Disk
}

/**
 * Opens the journal of an incident whose directory exists and whose lock is held, and creates the file when it is missing.
 * A torn last line is moved to a file of its own and recorded by an entry. Throws Failure `blocked` when the journal is damaged, was
 * written by a newer ir-cred, or the disk fails: then nothing may be changed in AWS. `readJournal` still reads the lines before.
 */
export const openJournal = async <E extends AnyEntry>(root: string, id: string, opening: Opening<E>): Promise<Journal<E>> => {
  const directory = await openIncident(root, id, opening.uid)
  const disk = opening.disk ?? realDisk
  const path = join(directory.path, JOURNAL)
  return orDiskFailure(`The journal ${path} cannot be opened`, async () => {
    const file = await disk.open(path, 'append')
    try {
      const bytes = await readDurably(file, disk, directory.path, id)
      const verified = verify<E>(bytes, chainStart(id), checkFor(id, opening.check))
      if (verified.damage) throw damagedJournal(id, verified.damage)
      const torn = verified.tornTail && (await setAside(disk, file, directory.path, verified.length, verified.tornTail))
      const notes = torn ? [...directory.notes, tornSentence(torn)] : directory.notes
      const journal = writer(file, path, verified, notes)
      if (torn) await journal.append(opening.recovered(torn))
      return journal
    } catch (error) {
      await file.close().catch(() => undefined)
      throw error
    }
  })
}

/** What a crashed run wrote and did not sync may be in memory only: it is synced before anything relies on it. */
const readDurably = async (file: DiskFile, disk: Disk, directory: string, id: string): Promise<Uint8Array> => {
  const state = await file.state()
  if (!state.isFile) throw notAJournal(id)
  await file.sync()
  if (state.size === 0) await disk.syncDirectory(directory)
  return file.readAll()
}

/** Copies the torn bytes to `journal.torn-<n>` before it cuts them off, so that an interruption loses nothing. */
const setAside = async (
  disk: Disk,
  journal: DiskFile,
  directory: string,
  length: number,
  bytes: Uint8Array,
): Promise<TornTail> => {
  const taken = new Set(await readdir(directory))
  let n = 1
  while (taken.has(`journal.torn-${n}`)) n += 1
  const file = `journal.torn-${n}`
  await writeNew(disk, join(directory, file), bytes)
  await disk.syncDirectory(directory)
  await journal.truncate(length)
  await journal.sync()
  return { file, bytes: bytes.length, sha256: sha256(bytes) }
}

const writer = <E extends AnyEntry>(
  file: DiskFile,
  path: string,
  verified: Verified<E>,
  notes: readonly string[],
): Journal<E> => {
  const entries = [...verified.good]
  let { head, length } = verified
  let closed = false
  let refused: Failure | undefined
  let queue: Promise<unknown> = Promise.resolve()

  const write = async (entry: E): Promise<string> => {
    if (closed) throw new Error('the journal is closed')
    if (refused) throw refused
    const { line, bytes } = sealForWriting(head, entries.length + 1, entry)
    try {
      await refuseChanged(file, length)
      await writeAll(file, bytes)
      await file.datasync()
    } catch (error) {
      // After a failed sync the content of the disk is unknown, and a second sync can succeed without writing it: no retry.
      refused = diskFailure(error, `The journal ${path} cannot be written`)
      throw refused
    }
    head = line.h
    length += bytes.length
    entries.push(line.entry)
    return shortHead(head)
  }
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work)
    queue = done.catch(() => undefined)
    return done
  }
  const close = async (): Promise<void> => {
    if (closed) return
    closed = true
    await file.close()
  }
  return {
    entries,
    notes,
    head: () => shortHead(head),
    append: async (entry) => {
      const written = writtenForm(entry)
      return inTurn(() => write(written))
    },
    close: () => inTurn(close),
  }
}

/** Only the lock's holder writes. When the file has another size or is gone, another program wrote it, and the chain would break. */
const refuseChanged = async (file: DiskFile, length: number): Promise<void> => {
  const state = await file.state()
  if (state.size === length && state.links > 0) return
  throw new Failure({
    kind: 'blocked',
    what: 'The journal was changed by another program while this run had it open',
    why: state.links > 0 ? `it has ${state.size} bytes instead of ${length}` : 'its file was removed',
    remedy:
      'Find that program. `ir-cred audit <id>` checks the journal; `ir-cred respond --incident <id>` continues when it is intact.',
  })
}

const tornSentence = ({ file, bytes }: TornTail): string =>
  `The last line of the journal was incomplete or damaged. Its ${bytes} bytes were moved to ${file}.`
