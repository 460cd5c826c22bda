import { existsSync } from 'node:fs'
import { lstat, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeDirectory, realDisk } from '../../src/journal/disk.ts'
import { faultyDisk } from './faulty-disk.ts'
import { failureOf } from './refusal.ts'
import { temporaryDirectory } from './temporary.ts'

const PROC = existsSync('/proc/self')

describe('a directory', () => {
  it('is made with its parents, for its owner alone, and each name is made durable', async () => {
    const root = await temporaryDirectory()
    const synced: (string | undefined)[] = []
    const disk = faultyDisk({ before: (call, path) => void (call === 'syncDirectory' && synced.push(path)) })
    await makeDirectory(join(root, 'a', 'b', 'c'), disk)
    for (const name of ['a', 'a/b', 'a/b/c']) expect((await lstat(join(root, name))).mode & 0o777).toBe(0o700)
    expect(synced).toEqual([root, join(root, 'a'), join(root, 'a', 'b')])
  })

  it('a directory that is there is left as it is, also behind a symbolic link', async () => {
    const root = await temporaryDirectory()
    await mkdir(join(root, 'there'), { mode: 0o755 })
    await symlink(join(root, 'there'), join(root, 'link'))
    for (const name of ['there', 'link', '.', '..']) await makeDirectory(join(root, name), realDisk)
    await makeDirectory(join(root, 'link', 'inner'), realDisk)
    expect((await lstat(join(root, 'there'))).mode & 0o777).toBe(0o755)
    expect((await lstat(join(root, 'there', 'inner'))).isDirectory()).toBe(true)
  })

  it('is made once by many at the same time', async () => {
    // Many rounds: it is seldom created just between two looks of another.
    for (let round = 0; round < 200; round += 1) {
      const path = join(await temporaryDirectory(), 'a', 'b', 'c')
      await Promise.all(Array.from({ length: 20 }, () => makeDirectory(path, realDisk)))
      expect((await lstat(path)).isDirectory()).toBe(true)
    }
  })
})

describe('a directory that cannot be created ends at once with the reason', () => {
  it.runIf(PROC).each(['/proc/x', '/proc/x/y/z', '/proc/self/x'])(
    'no directory is created where the file system takes none: %s',
    async (path) => {
      const { kind, what, remedy } = await failureOf(makeDirectory(path, realDisk))
      expect({ kind, what }).toEqual({ kind: 'blocked', what: expect.stringMatching(/^No directory can be created in \/proc/) })
      expect(remedy).not.toBe('')
    },
  )

  it.runIf(PROC)('no directory is created in /sys', async () => {
    await expect(makeDirectory('/sys/x', realDisk)).rejects.toThrow()
  })

  it('no directory is created under or in place of a file', async () => {
    const file = join(await temporaryDirectory(), 'file')
    await writeFile(file, '')
    await expect(makeDirectory(join(file, 'a', 'b'), realDisk)).rejects.toMatchObject({ code: 'ENOTDIR' })
    expect(await failureOf(makeDirectory(file, realDisk))).toMatchObject({ kind: 'blocked', why: 'a file has that name' })
  })

  it('no directory is created under or in place of a symbolic link that leads nowhere, or to itself', async () => {
    const root = await temporaryDirectory()
    await symlink(join(root, 'nowhere'), join(root, 'dangling'))
    await symlink(join(root, 'loop'), join(root, 'loop'))
    for (const name of ['dangling', 'dangling/a/b', 'loop'])
      expect(await failureOf(makeDirectory(join(root, name), realDisk))).toMatchObject({
        kind: 'blocked',
        why: expect.stringContaining('does not lead to a directory'),
      })
    await expect(makeDirectory(join(root, 'loop', 'a'), realDisk)).rejects.toMatchObject({ code: 'ELOOP' })
    expect(existsSync(join(root, 'nowhere'))).toBe(false)
  })

  it('no directory is created with a name that is too long', async () => {
    const path = join(await temporaryDirectory(), 'a'.repeat(300))
    for (const long of [path, join(path, 'b')])
      await expect(makeDirectory(long, realDisk)).rejects.toMatchObject({ code: 'ENAMETOOLONG' })
    expect(existsSync(dirname(path))).toBe(true)
  })
})
