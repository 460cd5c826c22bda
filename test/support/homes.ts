import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** Makes empty homes for a test file's processes; all are removed when the file is done. */
export const emptyHomes = (): (() => string) => {
  const root = mkdtempSync(join(tmpdir(), 'ir-cred-homes-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  return () => mkdtempSync(join(root, 'home-'))
}
