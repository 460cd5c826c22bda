import { mkdir, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { plus } from '../../src/incident/values/instant.ts'
import { acquireLock, decideTakeover, holderOn } from '../../src/journal/lock.ts'
import { type Machine, realMachine } from '../../src/journal/machine.ts'
import { lockIn, machineWith, NOW, refusal } from './machines.ts'
import { temporaryDirectory } from './temporary.ts'

describe('a lock', () => {
  it('says who holds it, and is gone when it is released', async () => {
    const directory = await temporaryDirectory()
    const lock = acquireLock(directory, 'first', machineWith())
    expect(lock.takenOver).toBeUndefined()
    expect(lock.isOurs()).toBe(true)
    expect(await lockIn(directory)).toEqual({
      id: 'first',
      pid: 100,
      pidStart: 'start-of-100',
      bootId: 'boot-1',
      pidNamespace: 'pid:[1]',
      host: 'laptop',
      user: 'ada',
      version: '0.1.0',
      created: NOW,
    })
    expect(await readdir(directory)).toEqual(['lock'])
    lock.release()
    lock.release()
    expect(lock.isOurs()).toBe(false)
    expect(await readdir(directory)).toEqual([])
  })

  it('a lock that is held refuses, and says who, since when, and what to do', async () => {
    const directory = await temporaryDirectory()
    acquireLock(directory, 'first', machineWith({ user: 'grace', pid: 4242 }))
    expect(refusal(directory, machineWith())).toMatchObject({
      kind: 'blocked',
      what: 'Another ir-cred process has this incident open',
      why: `the lock ${join(directory, 'lock')} was taken by grace on laptop at ${NOW} (process 4242, ir-cred 0.1.0)`,
      remedy: 'Continue in that process, or end process 4242 and run the command again: it takes the lock over.',
    })
    expect(await readdir(directory)).toEqual(['lock'])
  })

  it('is not taken twice by one process', async () => {
    const directory = await temporaryDirectory()
    acquireLock(directory, 'first', machineWith())
    expect(refusal(directory, machineWith())).toMatchObject({ kind: 'blocked' })
  })

  it('a lock that somebody else holds by now is not released', async () => {
    const directory = await temporaryDirectory()
    const lost = acquireLock(directory, 'first', machineWith())
    await rm(join(directory, 'lock'))
    acquireLock(directory, 'second', machineWith())
    lost.release()
    expect(lost.isOurs()).toBe(false)
    expect((await lockIn(directory)).id).toBe('second')
  })

  it('cannot be taken where there is no directory', async () => {
    const directory = join(await temporaryDirectory(), 'missing')
    expect(refusal(directory, machineWith())).toMatchObject({ kind: 'blocked', why: 'it does not exist (ENOENT)' })
  })

  it('needs an id that can be part of a file’s name', async () => {
    const directory = await temporaryDirectory()
    expect(() => acquireLock(directory, '../x', machineWith())).toThrow(RangeError)
  })

  it('a lock that is a directory is refused', async () => {
    const directory = await temporaryDirectory()
    await mkdir(join(directory, 'lock'))
    expect(refusal(directory, machineWith())).toMatchObject({ kind: 'blocked', why: 'it is a directory (EISDIR)' })
  })

  it('a lock that is a link to nothing is refused and not followed', async () => {
    const directory = await temporaryDirectory()
    await symlink(join(directory, 'nothing'), join(directory, 'lock'))
    expect(refusal(directory, machineWith())).toMatchObject({ kind: 'blocked' })
    expect(await readdir(directory)).toEqual(['lock'])
  })
})

describe('a holder', () => {
  const holder = holderOn(machineWith({ pid: 4242 }), 'first')
  it.each<[string, Partial<Machine>, boolean]>([
    ['runs', {}, false],
    ['has ended', { isAlive: (pid) => pid !== 4242 }, true],
    ['ended and its process id was given to another', { startOf: () => 'later' }, true],
    ['ended with the machine, which was restarted', { bootId: 'boot-2' }, true],
    ['is on another host, where nothing is known of it', { host: 'server', isAlive: () => false, bootId: 'boot-2' }, false],
    ['is in another container, where process ids mean something else', { pidNamespace: 'pid:[2]', isAlive: () => false }, false],
    ['was in a container before the machine was restarted', { pidNamespace: 'pid:[2]', bootId: 'boot-2' }, true],
    ['runs, on a system without /proc', { bootId: undefined, pidNamespace: undefined, startOf: () => undefined }, false],
    ['has ended, on a system without /proc', { bootId: undefined, startOf: () => undefined, isAlive: () => false }, true],
    ['runs, although the clock says it is a year old', { now: () => plus(NOW, 31_536_000) }, false],
    ['runs, although its lock seems to come from the future', { now: () => plus(NOW, -86_400) }, false],
  ])('the lock of a holder that %s is stale only if the holder has ended', (_, changes, stale) => {
    expect(decideTakeover({ key: 'first', holder, written: NOW }, machineWith(changes)).stale).toBe(stale)
  })

  it.each([
    ['{ isAlive }', { isAlive: () => false }, 'that process no longer runs'],
    ['{ startOf }', { startOf: () => 'later' }, 'that process id now belongs to another process'],
    ['{ bootId }', { bootId: 'boot-2' }, 'the machine was restarted since'],
  ])('a holder that has died by %s is succeeded, and the reason is reported', async (_, changes, why) => {
    const directory = await temporaryDirectory()
    acquireLock(directory, 'first', machineWith({ pid: 4242 }))
    const lock = acquireLock(directory, 'second', machineWith(changes))
    expect(lock.takenOver).toBe(
      `The lock was taken by ada on laptop at ${NOW} (process 4242, ir-cred 0.1.0), and ${why}. This run took it over.`,
    )
    expect((await lockIn(directory)).id).toBe('second')
    expect(await readdir(directory)).toEqual(['lock'])
  })

  it('a holder on another host can only be removed by hand, and that is said', async () => {
    const directory = await temporaryDirectory()
    acquireLock(directory, 'first', machineWith({ host: 'server' }))
    expect(refusal(directory, machineWith())).toMatchObject({
      remedy: expect.stringContaining(`remove ${join(directory, 'lock')}`),
    })
  })

  it('a holder whose process id may belong to another program by now is not ended blindly', async () => {
    const directory = await temporaryDirectory()
    acquireLock(directory, 'first', machineWith({ startOf: () => undefined }))
    expect(refusal(directory, machineWith())).toMatchObject({
      remedy: expect.stringContaining('`ps -p 100` shows another program'),
    })
  })
})

describe('a lock file without readable content', () => {
  const good = JSON.stringify(holderOn(machineWith(), 'first'))
  const contents = [
    '',
    '{"id":',
    'null',
    '{}',
    good.replace('"pid":100', '"pid":-1'),
    good.replace('"first"', '"../x"'),
    good.replace('ada', '\\u001b[2J'),
    good.replace('laptop', 'x'.repeat(300)),
  ]
  const written = async (content: string, secondsAgo: number): Promise<string> => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, 'lock'), content)
    const time = Date.parse(NOW) / 1000 - secondsAgo
    await utimes(join(directory, 'lock'), time, time)
    return directory
  }

  it.each(contents)('counts as held at first: %s', async (content) => {
    const failure = refusal(await written(content, 9), machineWith())
    expect(failure).toMatchObject({
      kind: 'blocked',
      why: expect.stringContaining('without readable content'),
      remedy: expect.stringMatching(/ten seconds/),
    })
  })

  it.each(contents)('is taken over after ten seconds: %s', async (content) => {
    const directory = await written(content, 11)
    expect(acquireLock(directory, 'second', machineWith()).takenOver).toContain('without readable content')
    expect(await readdir(directory)).toEqual(['lock'])
  })

  it('a lock file from the future counts as held', async () => {
    expect(refusal(await written('', -3600), machineWith())).toMatchObject({ kind: 'blocked' })
  })
})

describe('the real machine', () => {
  const facts = { pid: process.pid, host: 'laptop', user: 'ada', version: '0.1.0', now: () => NOW }
  const machine = realMachine({ ...facts, kill: (pid, signal) => process.kill(pid, signal) })
  const refusing = (code: string): Machine =>
    realMachine({
      ...facts,
      kill: () => {
        throw Object.assign(new Error(code), { code })
      },
    })

  it('sees itself run, always with the same start', () => {
    expect(machine.isAlive(process.pid)).toBe(true)
    expect(machine.startOf(process.pid)).toBe(machine.startOf(process.pid))
  })

  it.runIf(process.platform === 'linux')('knows starts, the boot and the namespace from /proc', () => {
    expect(machine.startOf(process.pid)).toMatch(/^\d+$/)
    expect(machine.bootId).toMatch(/^[0-9a-f-]{36}$/)
    expect(machine.pidNamespace).toMatch(/^pid:\[\d+\]$/)
  })

  it('takes a process that it may not signal for alive, and one that does not exist for dead', () => {
    expect(refusing('EPERM').isAlive(process.pid)).toBe(true)
    expect(refusing('ESRCH').isAlive(process.pid)).toBe(false)
    expect(machine.startOf(2 ** 30)).toBeUndefined()
  })
})
