import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, stat } from 'node:fs/promises'
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

const PRIVATE_DIRECTORY = 0o700

/**
 * Makes a directory (0700), its parents as needed, and their names durable. Nothing happens when it is there, or when a symbolic
 * link leads to one. Errors are the operating system's, or Failure `blocked`.
 * Not by mkdir's own `recursive`: where a directory exists and yet cannot hold another (/proc), Node tries again for ever.
 */
export const makeDirectory = async (path: string, disk: Disk): Promise<void> => {
  for (const made of await makeMissing(resolve(path))) await disk.syncDirectory(dirname(made))
}

/** The directories that were made, the outermost first. Each is tried twice at most. */
const makeMissing = async (path: string): Promise<readonly string[]> => {
  if (await made(path)) return [path]
  if (await isThere(path)) return []
  const parent = dirname(path)
  const outer = parent === path ? [] : await makeMissing(parent)
  if (await made(path)) return [...outer, path]
  // Somebody else may have made it meanwhile.
  if (await isThere(path)) return outer
  throw barren(parent)
}

/** Whether it was made just now; false when its name is taken, or its parent missing. */
const made = async (path: string): Promise<boolean> => {
  try {
    await mkdir(path, { mode: PRIVATE_DIRECTORY })
    return true
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes(errorCode(error) ?? '')) return false
    // What is there already need not be makeable: the root of a drive, a directory on a read-only disk.
    if (await isDirectory(path)) return false
    throw error
  }
}

/** Whether there is a directory. Throws Failure where something else has its name. */
const isThere = async (path: string): Promise<boolean> => {
  if (await isDirectory(path)) return true
  const stats = await lstat(path).catch(() => undefined)
  if (!stats) return false
  throw new Failure({
    kind: 'blocked',
    what: `The directory ${path} cannot be made`,
    why: stats.isSymbolicLink() ? 'there is a symbolic link of that name, which leads to no directory' : 'a file has that name',
    remedy: 'Move it away, or name another directory with --state-dir <directory>.',
  })
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )

const barren = (parent: string): Failure =>
  new Failure({
    kind: 'blocked',
    what: `No directory can be made in ${parent}`,
    why: 'its file system does not take any (ENOENT)',
    remedy: 'Name a directory on a disk with --state-dir <directory>.',
  })

interface Trouble {
  readonly why: string
  readonly remedy: string
}

const ELSEWHERE = 'Choose a directory on a healthy local disk with --state-dir <directory>.'

/** What the operating system's error codes mean to a responder, and what to do. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  ENOSPC: {
    why: 'the disk is full',
    remedy: 'Free some space on that disk, then run the command again: it goes on from the journal.',
  },
  EDQUOT: { why: 'your disk quota is used up', remedy: 'Free some space in your quota, then run the command again.' },
  EFBIG: {
    why: 'the file would exceed the size limit of this shell',
    remedy: 'Raise the limit (ulimit -f unlimited), then run the command again.',
  },
  EIO: { why: 'the disk reports an input/output error', remedy: `Do not trust this disk: copy the directory away. ${ELSEWHERE}` },
  EROFS: { why: 'the file system is read-only', remedy: ELSEWHERE },
  EACCES: { why: 'permission is denied', remedy: `Check who owns it and its mode. ${ELSEWHERE}` },
  EPERM: { why: 'the operation is not permitted', remedy: `Check who owns it and its mode. ${ELSEWHERE}` },
  ENOENT: { why: 'it does not exist', remedy: `Check the path. ${ELSEWHERE}` },
  ENOTDIR: { why: 'a part of the path is not a directory', remedy: `Check the path. ${ELSEWHERE}` },
  EISDIR: { why: 'it is a directory', remedy: 'Move it away, then run the command again.' },
  ELOOP: { why: 'it is a symbolic link', remedy: `Replace the link by the file itself. ${ELSEWHERE}` },
  ENAMETOOLONG: { why: 'a name in the path is too long', remedy: `Check the path. ${ELSEWHERE}` },
  EMFILE: { why: 'too many files are open', remedy: 'Raise the limit (ulimit -n 1024), then run the command again.' },
  ENFILE: { why: 'too many files are open on this machine', remedy: 'Close other programs, then run the command again.' },
  ENOTSUP: { why: 'the file system does not support it', remedy: ELSEWHERE },
}

/** The code of an operating-system error, such as `ENOSPC`; undefined for anything else (Node's own `ERR_…` are mistakes in the program). */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && !error.code.startsWith('ERR_')
    ? error.code
    : undefined

/**
 * A disk's refusal as a Failure of kind `blocked`, which ends the work before anything else is changed.
 * `what` is what could not be done, as a sentence without a full stop. A Failure is passed through.
 */
export const diskFailure = (error: unknown, what: string): Failure => {
  if (error instanceof Failure) return error
  const code = errorCode(error)
  const trouble = code === undefined ? undefined : TROUBLES[code]
  const why = trouble === undefined ? `the disk refused it (${code ?? 'unknown error'})` : `${trouble.why} (${code})`
  return new Failure({ kind: 'blocked', what, why, remedy: trouble?.remedy ?? ELSEWHERE, cause: error })
}

/** Runs work on the disk; operating-system errors become Failures that begin with `what`. */
export const orDiskFailure = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw errorCode(error) === undefined ? error : diskFailure(error, what)
  }
}
