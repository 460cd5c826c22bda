import { lstat, mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Failure } from '../incident/values/failure.ts'
import type { Disk } from './disk.ts'
import { errorCode } from './disk-failure.ts'

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
