import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readNamedFile } from '../../src/cli/named-file.ts'
import { memoryHost } from '../support/host.ts'

const folder = mkdtempSync(join(tmpdir(), 'ir-cred-named-'))
const { host } = memoryHost()

const pipe = (name: string): string => {
  const path = join(folder, name)
  execFileSync('mkfifo', [path])
  return path
}

describe('a file that somebody names', () => {
  it.each([
    ['/dev/zero', 'it is a device, not a file'],
    ['/dev/null', 'it is a device, not a file'],
    [folder, 'it is a directory'],
    [join(folder, 'none'), 'there is no such file'],
    ['a\0b', 'its name holds a null character'],
  ])('is refused with its reason: %j', async (path, why) => {
    await expect(readNamedFile(path, host)).rejects.toMatchObject({ name: 'Unreadable', message: why })
  })

  it('is refused above its limit', async () => {
    const path = join(folder, 'large')
    writeFileSync(path, Buffer.alloc(3 * 1024 * 1024))
    await expect(readNamedFile(path, host, 1024 * 1024)).rejects.toMatchObject({
      message: 'it has 3145728 bytes, and 1 MB is the limit',
    })
  })

  it('may be a pipe that is written to later', async () => {
    const path = pipe('later')
    const read = readNamedFile(path, host)
    await writeFile(path, 'a finding')
    expect((await read).toString()).toBe('a finding')
  })

  it('ends with the run, and says after a second what it waits for, where nobody writes to the pipe', async () => {
    const stop = new AbortController()
    const waiting = memoryHost({ signal: stop.signal })
    const read = readNamedFile(pipe('silent'), waiting.host)
    setTimeout(() => stop.abort(), 1_800)
    await expect(read).rejects.toMatchObject({ kind: 'interrupted' })
    expect(waiting.err()).toMatch(/^ir-cred: waiting for ".*silent", and nobody has written to it yet; Ctrl-C ends it\n$/)
  })
})
