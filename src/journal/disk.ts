import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Failure } from '../incident/values/failure.ts'

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

/** An open file, with the calls that a durable journal needs. Errors are the operating system's. */
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

/** `append` creates the file when it is missing, `create` fails when it exists, `read` changes nothing. */
type Purpose = 'append' | 'create' | 'read'

/** The disk as the journal uses it. Tests pass one that fails. */
export interface Disk {
  open(path: string, purpose: Purpose): Promise<DiskFile>
  /** Makes names created or removed in a directory durable, where the file system can do that. */
  syncDirectory(path: string): Promise<void>
}

/** Mode of every file that ir-cred creates. */
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

/** No file that ir-cred writes has more bytes; a sparse one of many gigabytes can be put in its place. */
const MOST_READ = 256 * 2 ** 20

const readAll = async (handle: FileHandle): Promise<Uint8Array> => {
  const { size } = await handle.stat()
  if (size > MOST_READ) throw Object.assign(new Error('the file is too large'), { code: 'EOVERFLOW' })
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
    if (taken <= 0) throw Object.assign(new Error('the disk accepts no more bytes'), { code: 'ENOSPC' })
    written += taken
  }
}

/** Creates a file that is complete and on the disk when this resolves. Fails with EEXIST when it exists. */
export const writeNew = async (disk: Disk, path: string, bytes: Uint8Array): Promise<void> => {
  const file = await disk.open(path, 'create')
  try {
    await writeAll(file, bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Puts a file in the place of another one, or of none: written whole under another name, then renamed. What had the name is not
 * written to, so that a link leads nowhere.
 */
export const replaceFile = async (disk: Disk, path: string, bytes: Uint8Array): Promise<void> => {
  const unfinished = `${path}.unfinished`
  await rm(unfinished, { force: true })
  try {
    await writeNew(disk, unfinished, bytes)
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

const PRIVATE_DIRECTORY = 0o700

/**
 * Creates a directory (0700) and its parents as needed, and makes their names durable. Does nothing when it exists, or when a
 * symbolic link leads to one. Errors are the operating system's, or Failure `blocked`.
 * It does not use mkdir's `recursive`: in a directory that cannot hold another (/proc), Node retries without end.
 */
export const makeDirectory = async (path: string, disk: Disk): Promise<void> => {
  for (const made of await makeMissing(resolve(path))) await disk.syncDirectory(dirname(made))
}

/** The directories that were created, the outermost first. Each is tried twice at most. */
const makeMissing = async (path: string): Promise<readonly string[]> => {
  if (await made(path)) return [path]
  if (await isThere(path)) return []
  const parent = dirname(path)
  const outer = parent === path ? [] : await makeMissing(parent)
  if (await made(path)) return [...outer, path]
  // Another process may have created it meanwhile.
  if (await isThere(path)) return outer
  throw cannotHoldDirectory(parent)
}

/** Whether it was created just now; false when its name is taken, or its parent missing. */
const made = async (path: string): Promise<boolean> => {
  try {
    await mkdir(path, { mode: PRIVATE_DIRECTORY })
    return true
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes(errorCode(error) ?? '')) return false
    // A directory that exists may answer otherwise than EEXIST: the root of a drive, a directory on a read-only disk.
    if (await isDirectory(path)) return false
    throw error
  }
}

/** Whether the directory exists. Throws Failure where something else has its name. */
const isThere = async (path: string): Promise<boolean> => {
  if (await isDirectory(path)) return true
  const stats = await lstat(path).catch(() => undefined)
  if (!stats) return false
  // Another process may have created it between the two looks.
  if (stats.isDirectory()) return true
  throw new Failure({
    kind: 'blocked',
    what: `The directory ${path} cannot be created`,
    why: stats.isSymbolicLink() ? 'a symbolic link of that name does not lead to a directory' : 'a file has that name',
    remedy: 'Move it away, or name another directory with --state-dir <directory>.',
  })
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )

const cannotHoldDirectory = (parent: string): Failure =>
  new Failure({
    kind: 'blocked',
    what: `No directory can be created in ${parent}`,
    why: 'its file system does not accept one (ENOENT)',
    remedy: 'Name a directory on a disk with --state-dir <directory>.',
  })

interface DiskError {
  readonly why: string
  readonly remedy: string
}

const OTHER_DISK = 'Name a directory on another disk with --state-dir <directory>.'

/** What the operating system's error codes mean, and what to do. */
const DISK_ERRORS: Readonly<Record<string, DiskError>> = {
  ENOSPC: {
    why: 'the disk is full',
    remedy: 'Free space on that disk, then run the command again. It continues from the journal.',
  },
  EDQUOT: { why: 'your disk quota is used up', remedy: 'Free space in your quota, then run the command again.' },
  EFBIG: {
    why: 'the file would exceed the size limit of this shell',
    remedy: 'Raise the limit (ulimit -f unlimited), then run the command again.',
  },
  EOVERFLOW: {
    why: 'it is larger than any file that ir-cred writes',
    remedy: 'Restore it from a copy.',
  },
  EIO: { why: 'the disk reports an input/output error', remedy: `Copy the directory to another disk. ${OTHER_DISK}` },
  EROFS: { why: 'the file system is read-only', remedy: OTHER_DISK },
  EACCES: { why: 'permission is denied', remedy: `Check its owner and its mode. ${OTHER_DISK}` },
  EPERM: { why: 'the operation is not permitted', remedy: `Check its owner and its mode. ${OTHER_DISK}` },
  ENOENT: { why: 'it does not exist', remedy: `Check the path. ${OTHER_DISK}` },
  ENOTDIR: { why: 'a part of the path is not a directory', remedy: `Check the path. ${OTHER_DISK}` },
  EISDIR: { why: 'it is a directory', remedy: 'Move it away, then run the command again.' },
  ELOOP: { why: 'it is a symbolic link', remedy: `Replace the link with the file. ${OTHER_DISK}` },
  ENAMETOOLONG: { why: 'a name in the path is too long', remedy: `Check the path. ${OTHER_DISK}` },
  EMFILE: { why: 'too many files are open', remedy: 'Raise the limit (ulimit -n 1024), then run the command again.' },
  ENFILE: { why: 'too many files are open on this machine', remedy: 'Close other programs, then run the command again.' },
  ENOTSUP: { why: 'the file system does not support it', remedy: OTHER_DISK },
}

/** The code of an operating-system error, such as `ENOSPC`; undefined for anything else (Node's own `ERR_…` are mistakes in the program). */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && !error.code.startsWith('ERR_')
    ? error.code
    : undefined

/**
 * An error of the disk as a Failure of kind `blocked`, which ends the run before it changes anything else.
 * `what` is what could not be done, as a sentence without a full stop. A Failure passes through.
 */
export const diskFailure = (error: unknown, what: string): Failure => {
  if (error instanceof Failure) return error
  const code = errorCode(error)
  const known = code === undefined ? undefined : DISK_ERRORS[code]
  const why = known === undefined ? `the disk reports an error (${code ?? 'unknown'})` : `${known.why} (${code})`
  return new Failure({ kind: 'blocked', what, why, remedy: known?.remedy ?? OTHER_DISK, cause: error })
}

/** Runs work on the disk; operating-system errors become Failures that begin with `what`. */
export const orDiskFailure = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw errorCode(error) === undefined ? error : diskFailure(error, what)
  }
}
