import { statSync } from 'node:fs'
import { resolve } from 'node:path'

/** What the disk says about a file. */
export interface FileState {
  /** Bytes. */
  readonly size: number
  /** When its contents changed last. Milliseconds since 1970. */
  readonly modified: number
  /** When its contents or its metadata, such as permissions, changed last. Milliseconds since 1970. */
  readonly statusChanged: number
}

/** Undefined for a file that does not exist or cannot be looked up. */
export const fileState = (path: string): FileState | undefined => {
  try {
    const { size, mtimeMs, ctimeMs } = statSync(path)
    return { size, modified: mtimeMs, statusChanged: ctimeMs }
  } catch {
    return undefined
  }
}

export const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** Bytes of all files; a file that cannot be looked up counts as 0. */
export const totalSize = (paths: readonly string[]): number => paths.reduce((sum, path) => sum + (fileState(path)?.size ?? 0), 0)

/** A path from the root: the cache's key for a file. */
export const absolutePath = (path: string): string => (IS_ABSOLUTE.test(path) ? path : resolve(path))

/** Paths that `resolve` would not change. This test is faster, and there may be a million paths. */
const IS_ABSOLUTE = /^(?:\/[^/.\\][^/\\]*)+$/

/** One thread scans this much before another has started. Bytes on disk, files. */
const SMALL_BYTES = 8 * 2 ** 20
const SMALL_FILES = 200

/** Whether one thread finishes the files sooner than several would. */
export const isSmallJob = (paths: readonly string[]): boolean => {
  if (paths.length < 2) return true
  if (paths.length > SMALL_FILES) return false
  return totalSize(paths) < SMALL_BYTES
}

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'It does not exist.',
  EACCES: 'You do not have permission to read it.',
  EPERM: 'You do not have permission to read it.',
  ELOOP: 'It is a link that leads back to itself.',
  EISDIR: 'It is a folder.',
  EMFILE: 'Too many files are open.',
  EIO: 'The disk reports a read error.',
}

/** Node puts this character in a name for bytes that are not UTF-8. */
const NOT_UTF8 = '\uFFFD'

/** Why the operating system cannot read a file: a sentence. */
export const fileError = (error: unknown, path: string): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  if (code === 'ENOENT' && path.includes(NOT_UTF8)) return 'Its name is not UTF-8. Rename it to read it.'
  const known = code === undefined ? undefined : FILE_ERRORS[code]
  return known ?? `It cannot be read: ${error instanceof Error ? error.message : String(error)}.`
}
