import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { errorCode } from './disk-failure.ts'

interface FileState {
  /** Bytes. */
  readonly size: number
  /** Permission bits, such as 0o600. */
  readonly mode: number
  readonly uid: number
  /** How many names the file has; 0 once it was removed while open. */
  readonly links: number
  readonly isFile: boolean
}

/** An open file, in the few calls a durable journal needs. Errors are the operating system's. */
export interface DiskFile {
  state(): Promise<FileState>
  readAll(): Promise<Uint8Array>
  /** Writes at the end and gives how many bytes were taken, which may be fewer than offered. */
  write(bytes: Uint8Array): Promise<number>
  /** Resolves when the content is on the disk (fdatasync). */
  datasync(): Promise<void>
  /** Resolves when content and metadata are on the disk (fsync). */
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

/** `append` makes the file when it is missing, `create` insists on making it, `read` never changes anything. */
type Purpose = 'append' | 'create' | 'read'

/** The disk as the journal sees it. Tests hand in one that fails. */
export interface Disk {
  open(path: string, purpose: Purpose): Promise<DiskFile>
  /** Makes names created or removed in a directory durable, where the file system can do that. */
  syncDirectory(path: string): Promise<void>
}

/** Mode of every file ir-cred makes. */
export const PRIVATE_FILE = 0o600

/** Symbolic links are refused on opening. Windows has no such flag. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
/** Opening a named pipe to read would otherwise wait for a writer. */
const NO_WAIT = constants.O_NONBLOCK ?? 0

const FLAGS: Readonly<Record<Purpose, number>> = {
  append: constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW,
  create: constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW,
  read: constants.O_RDONLY | NO_FOLLOW | NO_WAIT,
}

/** File systems that cannot sync a directory (some network and FUSE ones, Windows) answer with one of these. */
const NO_DIRECTORY_SYNC = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EPERM', 'EBADF'])

export const realDisk: Disk = {
  open: async (path, purpose) => fileOf(await open(path, FLAGS[purpose], PRIVATE_FILE)),
  syncDirectory: async (path) => {
    try {
      const directory = await open(path, 'r')
      await directory.sync().finally(() => directory.close())
    } catch (error) {
      if (!NO_DIRECTORY_SYNC.has(errorCode(error) ?? '')) throw error
    }
  },
}

const fileOf = (handle: FileHandle): DiskFile => ({
  state: async () => {
    const stats = await handle.stat()
    return { size: stats.size, mode: stats.mode & 0o777, uid: stats.uid, links: stats.nlink, isFile: stats.isFile() }
  },
  readAll: () => readAll(handle),
  write: async (bytes) => (await handle.write(bytes, 0, bytes.length, null)).bytesWritten,
  datasync: () => handle.datasync(),
  sync: () => handle.sync(),
  truncate: (length) => handle.truncate(length),
  close: () => handle.close(),
})

const readAll = async (handle: FileHandle): Promise<Uint8Array> => {
  const { size } = await handle.stat()
  const bytes = Buffer.alloc(size)
  let filled = 0
  while (filled < size) {
    const { bytesRead } = await handle.read(bytes, filled, size - filled, filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/** Writes all bytes, however few the disk takes at a time (a file-size limit takes a part and fails on the next call). */
export const writeAll = async (file: DiskFile, bytes: Uint8Array): Promise<void> => {
  let written = 0
  while (written < bytes.length) {
    const taken = await file.write(bytes.subarray(written))
    if (taken <= 0) throw Object.assign(new Error('the disk takes no more bytes'), { code: 'ENOSPC' })
    written += taken
  }
}

/** Makes a new file that is on the disk, complete, when this resolves. Fails with EEXIST rather than overwrite. */
export const writeNew = async (disk: Disk, path: string, bytes: Uint8Array): Promise<void> => {
  const file = await disk.open(path, 'create')
  try {
    await writeAll(file, bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}
