import { existsSync, readdirSync } from 'node:fs'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { prepareCacheFolder } from '../../../src/cli/investigate/cache-folder.ts'
import { failureOf } from '../../journal/refusal.ts'
import { temporaryDirectory } from '../../journal/temporary.ts'

describe('the folder of --cache', () => {
  it('is made, tried, and left empty', async () => {
    const folder = join(await temporaryDirectory(), 'a', 'b')
    await prepareCacheFolder(folder)
    await prepareCacheFolder(folder)
    expect(readdirSync(folder)).toEqual([])
  })

  it.runIf(existsSync('/proc/self'))('ends the run at once where nothing can be kept', async () => {
    for (const folder of ['/proc/x', '/proc/self', '/dev/null/x'])
      expect(await failureOf(prepareCacheFolder(folder))).toMatchObject({
        kind: 'blocked',
        what: `The cache "${folder}" cannot be used`,
        remedy: expect.stringContaining('--cache'),
      })
  })

  it('is no file, no link to nowhere and no name that is too long', async () => {
    const root = await temporaryDirectory()
    await writeFile(join(root, 'file'), '')
    await symlink(join(root, 'nowhere'), join(root, 'dangling'))
    for (const name of ['file', 'dangling', 'a'.repeat(300)])
      expect(await failureOf(prepareCacheFolder(join(root, name)))).toMatchObject({ kind: 'blocked', why: expect.anything() })
    expect(await failureOf(prepareCacheFolder(''))).toMatchObject({ kind: 'usage' })
  })
})
