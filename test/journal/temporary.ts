import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory of the test's own, removed when the test has ended. Its path holds no symbolic link (macOS has one in /var). */
export const temporaryDirectory = async (): Promise<string> => {
  const path = await makeTemporary()
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** The same without the removal: for directories that outlive one test. */
export const makeTemporary = async (): Promise<string> => realpath(await mkdtemp(join(tmpdir(), 'ir-cred-journal-')))

/** The user who runs the tests; undefined on Windows. */
export const ownUid = process.getuid?.()
