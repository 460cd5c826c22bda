import { readFileSync, readlinkSync } from 'node:fs'
import type { Instant } from '../incident/values/instant.ts'
import { errorCode } from './disk.ts'

/** The process and the machine that run ir-cred, and how to find out whether another process still runs: for the lock. */
export interface Machine {
  readonly pid: number
  readonly host: string
  readonly user: string
  /** Of ir-cred. */
  readonly version: string
  /** Changes with every start of the machine. Linux only. */
  readonly bootId: string | undefined
  /** Process ids of containers with different namespaces cannot be compared. Linux only. */
  readonly pidNamespace: string | undefined
  /** Local time. */
  now(): Instant
  isAlive(pid: number): boolean
  /** When a process started, in clock ticks since the start of the machine; undefined where the system does not say. */
  startOf(pid: number): string | undefined
}

export interface MachineFacts {
  readonly pid: number
  readonly host: string
  readonly user: string
  readonly version: string
  readonly now: () => Instant
  /** Signal 0: throws ESRCH when there is no such process, EPERM when it belongs to another user (as Node's own kill does). */
  readonly kill: (pid: number, signal: 0) => unknown
}

/** The machine this runs on. Boot id, namespace and start times come from /proc and are unknown where there is none. */
export const realMachine = ({ kill, ...facts }: MachineFacts): Machine => ({
  ...facts,
  bootId: unlessMissing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  pidNamespace: unlessMissing(() => readlinkSync('/proc/self/ns/pid')),
  isAlive: (pid) => answersSignal(kill, pid) && !ENDED.has(processFields(pid)?.[STATE] ?? ''),
  startOf: (pid) => processFields(pid)?.[START_TIME],
})

/** Positions in /proc/<pid>/stat after the command's name (proc_pid_stat(5) counts state as 3 and starttime as 22). */
const STATE = 0
const START_TIME = 19

/** A zombie still answers signals: a container without an init process never removes it. */
const ENDED = new Set(['Z', 'X', 'x'])

const answersSignal = (kill: MachineFacts['kill'], pid: number): boolean => {
  try {
    kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) !== 'ESRCH'
  }
}

/** The command's name stands in brackets and may itself hold spaces and brackets, hence the last one. */
const processFields = (pid: number): string[] | undefined =>
  unlessMissing(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .trim()
      .split(' ')
  })

const unlessMissing = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}
