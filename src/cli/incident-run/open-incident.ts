import { randomBytes } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import type { Entry } from '../../incident/entry.ts'
import { given } from '../../incident/values/given.ts'
import { type Instant, instantOf } from '../../incident/values/instant.ts'
import { createIncident } from '../../journal/directory.ts'
import { openJournal } from '../../journal/file.ts'
import type { Journal } from '../../journal/journal.ts'
import { acquireLock, type Lock } from '../../journal/lock.ts'
import { realMachine } from '../../journal/machine.ts'
import { refuseRemains } from '../../journal/read.ts'
import type { Host } from '../host.ts'
import { type EvidenceKeeper, evidenceStoreIn } from './evidence-store.ts'
import { entryCheck } from './incident-files.ts'

/** An incident's directory while a run works on it: journal, lock and evidence. */
export interface OpenIncident {
  readonly id: string
  readonly directory: string
  readonly journal: Journal<Entry>
  readonly lock: Lock
  readonly evidenceStore: EvidenceKeeper
  /** Free space beside the journal, in bytes; absent when it could not be read. */
  readonly freeBytes?: number
  /** What had to be repaired, a sentence each. */
  readonly notes: readonly string[]
  close(): Promise<void>
}

/** What of the process opens an incident: it owns the directory, and holds the lock. */
export type IncidentOwner = Pick<Host, 'pid' | 'hostname' | 'user' | 'uid' | 'version' | 'clock' | 'kill'>

/** Opens (or makes) the directory of an incident, takes its lock, opens its journal. Throws Failure blocked when it cannot. */
export const openIncidentDirectory = async (
  owner: IncidentOwner,
  root: string,
  id: string,
  now: () => Instant,
): Promise<OpenIncident> => {
  const { path, notes } = await createIncident(root, id, owner.uid)
  await refuseRemains(path)
  const lock = acquireLock(path, randomBytes(8).toString('hex'), machineOf(owner))
  try {
    const journal = await openJournal<Entry>(root, id, {
      uid: owner.uid,
      check: await entryCheck(),
      recovered: ({ file, bytes }) => ({
        type: 'recovered',
        at: now(),
        why: `a last line of ${bytes} bytes was cut off by a crash; it is kept as ${file}`,
      }),
    })
    const freeBytes = await freeSpace(path)
    return {
      id,
      directory: path,
      journal,
      lock,
      evidenceStore: evidenceStoreIn(path),
      ...given({ freeBytes }),
      notes: [...notes, ...journal.notes, ...(lock.takenOver ? [lock.takenOver] : [])],
      close: async () => {
        await journal.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

const machineOf = ({ pid, hostname, user, version, clock, kill }: IncidentOwner) =>
  realMachine({ pid, host: hostname, user, version, now: () => instantOf(clock()), kill })

const freeSpace = async (path: string): Promise<number | undefined> => {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch {
    return undefined
  }
}
