import { join } from 'node:path'
import { Failure } from '../incident/failure.ts'
import { type AnyEntry, chainStart, type Damage, type Verified, verify } from './chain.ts'
import { incidentPath } from './directory.ts'
import { type Disk, realDisk } from './disk.ts'
import { errorCode, orDiskFailure } from './disk-failure.ts'
import { JOURNAL, shortHead } from './journal.ts'

export interface ReadJournal<E extends AnyEntry> {
  /** All entries before the first line that cannot be trusted. */
  readonly entries: readonly E[]
  /** The first 16 hex digits of the head of what could be read. */
  readonly head: string
  /** What is wrong with the rest, as a sentence. */
  readonly damage?: string
}

/**
 * Reads a journal without changing, locking or mending anything: for reports and lists, also of a damaged journal or a running incident.
 * Throws Failure `usage` when there is no such journal, `blocked` when the disk refuses.
 */
export const readJournal = async <E extends AnyEntry>(
  root: string,
  id: string,
  disk: Disk = realDisk,
): Promise<ReadJournal<E>> => {
  const path = join(incidentPath(root, id), JOURNAL)
  const verified = verify<E>(await bytesOf(disk, path, id), chainStart(id))
  const damage = damageIn(verified)
  return { entries: verified.good, head: shortHead(verified.head), ...(damage && { damage }) }
}

/** A damaged line as a sentence without a full stop. */
export const tellDamage = ({ line, why }: Damage): string => `line ${line} ${why}`

const damageIn = ({ damage, tornTail }: Verified<AnyEntry>): string | undefined => {
  if (damage) return `In the journal, ${tellDamage(damage)}. Only what stands before it can be trusted.`
  return tornTail && `The last line is damaged or was not written to its end; its ${tornTail.length} bytes are left out.`
}

const bytesOf = (disk: Disk, path: string, id: string): Promise<Uint8Array> =>
  orDiskFailure(`The journal ${path} cannot be read`, async () => {
    const file = await disk.open(path, 'read').catch((error: unknown) => {
      throw errorCode(error) === 'ENOENT' ? noJournal(id, path) : error
    })
    return file.readAll().finally(() => file.close())
  })

const noJournal = (id: string, path: string): Failure =>
  new Failure({
    kind: 'usage',
    what: `There is no incident ${id} here`,
    why: `${path} does not exist`,
    remedy: 'List the incidents with: ir-cred incidents',
  })
