import { statSync } from 'node:fs'
import { resolve } from 'node:path'

/** A file as it is now. Bytes; milliseconds since 1970, of its contents and of whatever is said of it (its rights too). */
export interface FileState {
  readonly size: number
  readonly changed: number
  readonly altered: number
}

/** Undefined for what is not there, or of which nothing may be known. */
export const stateOf = (path: string): FileState | undefined => {
  try {
    const { size, mtimeMs, ctimeMs } = statSync(path)
    return { size, changed: mtimeMs, altered: ctimeMs }
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

/** Bytes of the files together, as far as they can be known. */
export const totalSizeOf = (paths: readonly string[]): number => paths.reduce((sum, path) => sum + (stateOf(path)?.size ?? 0), 0)

/** A path from the root on, as the cache knows a file. */
export const wholePath = (path: string): string => (IS_WHOLE.test(path) ? path : resolve(path))

/** What `resolve` would leave as it is: that is told in a fraction of its time, and there may be a million paths. */
const IS_WHOLE = /^(?:\/[^/.\\][^/\\]*)+$/
