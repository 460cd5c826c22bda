import { hostname } from 'node:os'
import { createInterface } from 'node:readline'
import { instantOf } from '../../src/incident/values/instant.ts'
import { acquireLock } from '../../src/journal/lock.ts'
import { realMachine } from '../../src/journal/machine.ts'

/** Started by the lock's test: tries to take the lock of each directory it is told, and keeps what it gets until it ends. */
const machine = realMachine({
  pid: process.pid,
  host: hostname(),
  user: 'contender',
  version: '0.0.0',
  now: () => instantOf(new Date()),
  kill: (pid, signal) => process.kill(pid, signal),
})

const attempt = (directory: string, id: string): string => {
  try {
    return acquireLock(directory, id, machine).takenOver === undefined ? 'won' : 'won by takeover'
  } catch (error) {
    return `held: ${error instanceof Error ? error.message : error}`
  }
}

createInterface(process.stdin).on('line', (line) => {
  const [directory = '', id = ''] = line.split(' ')
  process.stdout.write(`${attempt(directory, id)}\n`)
})
