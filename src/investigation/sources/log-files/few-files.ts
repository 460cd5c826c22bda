import { totalSizeOf } from './file-state.ts'

/** So much is scanned before another thread has started. Bytes on the disk, files. */
const LITTLE = 8 * 2 ** 20
const FEW = 200

/** Whether the files are done sooner without other threads. */
export const areFew = (paths: readonly string[]): boolean => {
  if (paths.length < 2) return true
  if (paths.length > FEW) return false
  return totalSizeOf(paths) < LITTLE
}
