import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Instant, parseInstant } from '../../src/incident/values/instant.ts'
import { acquireLock, type Holder } from '../../src/journal/lock.ts'
import type { Machine } from '../../src/journal/machine.ts'

export const NOW: Instant = parseInstant('2026-03-04T02:31:09Z') ?? expect.fail('not an instant')

/** A machine on which every process runs, with changes. */
export const machineWith = (changes: Partial<Machine> = {}): Machine => ({
  pid: 100,
  host: 'laptop',
  user: 'ada',
  version: '0.1.0',
  bootId: 'boot-1',
  pidNamespace: 'pid:[1]',
  now: () => NOW,
  isAlive: () => true,
  startOf: (pid) => `start-of-${pid}`,
  ...changes,
})

export const lockIn = async (directory: string): Promise<Holder> => JSON.parse(await readFile(join(directory, 'lock'), 'utf8'))

/** What a second attempt is refused with; the test fails when it gets the lock. */
export const refusal = (directory: string, machine: Machine): unknown => {
  try {
    acquireLock(directory, 'second', machine)
  } catch (error) {
    return error
  }
  return expect.fail('it was not refused')
}
