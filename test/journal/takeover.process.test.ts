import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { acquireLock, holderOn } from '../../src/journal/lock.ts'
import { type Machine, realMachine } from '../../src/journal/machine.ts'
import { lockIn, machineWith, NOW, refusal } from './machines.ts'
import { bundled, type Conversation, converse } from './processes.ts'
import { makeTemporary, temporaryDirectory } from './temporary.ts'

describe('a takeover that was not finished', () => {
  const dead = (...pids: readonly number[]): Machine => machineWith({ isAlive: (pid) => !pids.includes(pid) })
  const write = (directory: string, name: string, id: string, pid: number): Promise<void> =>
    writeFile(join(directory, name), JSON.stringify(holderOn(machineWith({ pid }), id)))

  it('is finished by the next one, when the successor has died as well', async () => {
    const directory = await temporaryDirectory()
    await write(directory, 'lock', 'one', 1)
    await write(directory, 'lock.after-one', 'two', 2)
    await write(directory, 'lock.by-two', 'two', 2)
    await write(directory, 'lock.after-two', 'three', 3)
    const lock = acquireLock(directory, 'four', dead(1, 2, 3))
    expect(lock.takenOver).toContain('process 3')
    expect((await lockIn(directory)).id).toBe('four')
    expect(await readdir(directory)).toEqual(['lock'])
  })

  it('is respected while the successor lives', async () => {
    const directory = await temporaryDirectory()
    await write(directory, 'lock', 'one', 1)
    await write(directory, 'lock.after-one', 'two', 2)
    await write(directory, 'lock.by-two', 'two', 2)
    expect(refusal(directory, dead(1))).toMatchObject({ why: expect.stringContaining('process 2') })
    expect((await readdir(directory)).sort()).toEqual(['lock', 'lock.after-one', 'lock.by-two'])
  })

  it('a takeover of a lock that is long gone does not count, and is tidied away', async () => {
    const directory = await temporaryDirectory()
    await write(directory, 'lock.after-one', 'two', 2)
    await write(directory, 'lock.by-two', 'two', 2)
    await write(directory, 'lock.by-alive', 'alive', 5)
    acquireLock(directory, 'three', dead(2))
    expect((await readdir(directory)).sort()).toEqual(['lock', 'lock.by-alive'])
  })

  it('a takeover that goes round in circles ends', async () => {
    const directory = await temporaryDirectory()
    await write(directory, 'lock', 'one', 1)
    await write(directory, 'lock.after-one', 'two', 2)
    await write(directory, 'lock.after-two', 'one', 1)
    expect(() => acquireLock(directory, 'three', dead(1, 2))).toThrow('Other processes keep taking the lock')
  })
})

describe('what happens between looking at a dead holder and succeeding it', () => {
  /** A machine on which something else happens at the moment when the dead holder's process is looked for. */
  const interrupted = (by: () => void): Machine => {
    let happened = false
    return machineWith({
      isAlive: (pid) => {
        if (!happened) {
          happened = true
          by()
        }
        return pid !== 1
      },
    })
  }
  const deadLock = async (): Promise<string> => {
    const directory = await temporaryDirectory()
    acquireLock(directory, 'dead', machineWith({ pid: 1 }))
    return directory
  }
  const rival = machineWith({ pid: 7, isAlive: (pid) => pid !== 1 })

  it('another takes over: it is respected', async () => {
    const directory = await deadLock()
    const machine = interrupted(() => acquireLock(directory, 'rival', rival))
    expect(refusal(directory, machine)).toMatchObject({ why: expect.stringContaining('process 7') })
    expect((await lockIn(directory)).id).toBe('rival')
    expect(await readdir(directory)).toEqual(['lock'])
  })

  it('another takes over and releases: the lock is free', async () => {
    const directory = await deadLock()
    const machine = interrupted(() => acquireLock(directory, 'rival', rival).release())
    expect(acquireLock(directory, 'second', machine).takenOver).toBeUndefined()
    expect(await readdir(directory)).toEqual(['lock'])
  })

  it('another takes over and releases, and a third one comes: it is respected', async () => {
    const directory = await deadLock()
    const machine = interrupted(() => {
      acquireLock(directory, 'rival', rival).release()
      acquireLock(directory, 'third', rival)
    })
    expect(refusal(directory, machine)).toMatchObject({ kind: 'blocked' })
    expect((await lockIn(directory)).id).toBe('third')
  })
})

describe('forty processes at once', () => {
  const PROCESSES = 40
  /** Milliseconds that forty processes may take to start on a busy machine. */
  const PATIENCE = 60_000
  let program: string
  let contenders: Conversation[]
  let base: string
  beforeAll(async () => {
    base = await makeTemporary()
    program = await bundled(new URL('./contender.ts', import.meta.url), base)
    contenders = Array.from({ length: PROCESSES }, () => converse(program))
    await Promise.all(contenders.map(({ ask }) => ask(`${base}/missing warm-up`)))
  }, PATIENCE)
  afterAll(async () => {
    await Promise.all(contenders.map(({ kill }) => kill()))
    await rm(base, { recursive: true, force: true })
  }, PATIENCE)

  /** Prepares directories, then lets all contenders run for each of them; gives the answers for each. */
  const race = async (name: string, rounds: number, prepare: (directory: string) => Promise<void>): Promise<string[][]> => {
    const directories = Array.from({ length: rounds }, (_, round) => join(base, `${name}-${round}`))
    for (const directory of directories) {
      await mkdir(directory)
      await prepare(directory)
    }
    const answers = await Promise.all(
      contenders.map(({ ask }, n) => Promise.all(directories.map((directory) => ask(`${directory} ${name}-${n}`)))),
    )
    return directories.map((_, round) => answers.map((answer) => answer[round] ?? ''))
  }
  const died = async (directories: readonly string[]): Promise<Conversation> => {
    const subjectInstance = converse(program)
    for (const directory of directories) expect(await subjectInstance.ask(`${directory} subjectInstance`)).toBe('won')
    await subjectInstance.kill()
    return subjectInstance
  }
  const wins = (answers: readonly string[]): string[] => answers.filter((answer) => answer.startsWith('won'))
  const refusals = (answers: readonly string[]): string[] =>
    answers.filter((answer) => answer.startsWith('held: Another ir-cred'))

  it('exactly one of forty processes gets a free lock', async () => {
    for (const answers of await race('free', 15, async () => undefined)) {
      expect(wins(answers)).toEqual(['won'])
      expect(refusals(answers)).toHaveLength(PROCESSES - 1)
    }
  })

  it('exactly one of forty processes takes over the lock of a process that was killed', async () => {
    const source = await temporaryDirectory()
    await died([source])
    const lock = await readFile(join(source, 'lock'))
    for (const answers of await race('killed', 20, (directory) => writeFile(join(directory, 'lock'), lock))) {
      expect(wins(answers)).toEqual(['won by takeover'])
      expect(refusals(answers)).toHaveLength(PROCESSES - 1)
    }
  })

  it('exactly one of forty processes takes over a lock whose holder and successor were both killed', async () => {
    const source = await temporaryDirectory()
    await died([source])
    const lock = await readFile(join(source, 'lock'), 'utf8')
    const prepare = async (directory: string): Promise<void> => {
      await writeFile(join(directory, 'lock'), lock)
      await writeFile(join(directory, 'lock.after-subjectInstance'), lock.replace('subjectInstance', 'heir'))
    }
    for (const answers of await race('both', 10, prepare)) {
      expect(wins(answers)).toEqual(['won by takeover'])
      expect(refusals(answers)).toHaveLength(PROCESSES - 1)
    }
  })

  it('exactly one of forty processes takes over an empty lock file that is old', async () => {
    const prepare = async (directory: string): Promise<void> => {
      await writeFile(join(directory, 'lock'), '')
      await utimes(join(directory, 'lock'), 1, 1)
    }
    for (const answers of await race('empty', 10, prepare)) {
      expect(wins(answers)).toEqual(['won by takeover'])
      expect(refusals(answers)).toHaveLength(PROCESSES - 1)
    }
  })

  it('a killed holder is succeeded at once, without waiting for its lock to age', async () => {
    const directory = await temporaryDirectory()
    const subjectInstance = await died([directory])
    const machine = realMachine({
      pid: process.pid,
      host: hostname(),
      user: 'ada',
      version: '0.1.0',
      now: () => NOW,
      kill: (pid, signal) => process.kill(pid, signal),
    })
    const lock = acquireLock(directory, 'successor', machine)
    expect(lock.takenOver).toContain(`process ${subjectInstance.pid}`)
    lock.release()
  })
})
