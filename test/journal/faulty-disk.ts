import { type Disk, type DiskFile, realDisk } from '../../src/journal/disk.ts'

/** What an operating system says when it cannot. */
export const diskError = (code: string): Error => Object.assign(new Error(`${code}: simulated`), { code })

export interface Faults {
  /** Most bytes one write takes. */
  readonly shortWrites?: number
  /** Bytes the disk takes in all before it is full. */
  readonly capacity?: number
  /** What it says then. */
  readonly fullCode?: string
  /** The sync calls (of either kind, counted from 1) that fail with EIO. */
  readonly failingSyncs?: readonly number[]
  /** Called before every call on the disk, with its name and for calls that have one the path; it may throw. */
  readonly before?: (call: string, path?: string) => void | Promise<void>
}

/** The real disk, with faults. */
export const faultyDisk = (faults: Faults): Disk => {
  let written = 0
  let syncs = 0
  const before = async (call: string, path?: string): Promise<void> => faults.before?.(call, path)
  const sync = async (call: string, work: () => Promise<void>, path?: string): Promise<void> => {
    await before(call, path)
    syncs += 1
    if (faults.failingSyncs?.includes(syncs)) throw diskError('EIO')
    await work()
  }
  const write = async (file: DiskFile, bytes: Uint8Array): Promise<number> => {
    await before('write')
    const room = (faults.capacity ?? Number.POSITIVE_INFINITY) - written
    if (room <= 0) throw diskError(faults.fullCode ?? 'ENOSPC')
    const taken = await file.write(bytes.subarray(0, Math.min(bytes.length, room, faults.shortWrites ?? bytes.length)))
    written += taken
    return taken
  }
  const around = (file: DiskFile): DiskFile => ({
    state: () => before('state').then(() => file.state()),
    readAll: () => before('readAll').then(() => file.readAll()),
    write: (bytes) => write(file, bytes),
    datasync: () => sync('datasync', () => file.datasync()),
    sync: () => sync('sync', () => file.sync()),
    truncate: (length) => before('truncate').then(() => file.truncate(length)),
    close: () => before('close').then(() => file.close()),
  })
  return {
    open: async (path, purpose) => {
      await before('open', path)
      return around(await realDisk.open(path, purpose))
    },
    syncDirectory: (path) => sync('syncDirectory', () => realDisk.syncDirectory(path), path),
  }
}
