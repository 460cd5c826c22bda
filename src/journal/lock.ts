import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../incident/values/failure.ts'
import { type Instant, instantOf, secondsBetween } from '../incident/values/instant.ts'
import { isPlainObject } from './canonical.ts'
import { diskFailure, errorCode, PRIVATE_FILE } from './disk.ts'
import type { Machine } from './machine.ts'

/** The right to write one incident's journal and to change AWS for it. */
export interface Lock {
  readonly holder: Holder
  /** A sentence on the earlier holder, when its process had ended and the lock was taken over. */
  readonly takenOver?: string
  /** Whether the lock file is still ours. Ask again after a pause, such as a laptop's sleep. */
  isOurs(): boolean
  /** Releases the lock, unless it is no longer ours. Synchronous, so that it can run while the process ends. */
  release(): void
}

/**
 * Takes the lock of an incident's directory; `id` is random and new for every attempt.
 * Throws Failure `blocked`, with the holder and the time, unless the lock is free or its holder has certainly ended.
 *
 * Of many processes that try, one gets it: a lock is a complete file that gets its name at once (a hard link), never an empty one
 * that is filled later. The successor of an ended holder X is the process that creates `lock.after-X`, which can be created once and
 * counts only while `lock` leads to X. The successor then takes X's place with a rename; if it ends before that, it is succeeded in
 * the same way. No process removes a lock because of what it read earlier.
 */
export const acquireLock = (directory: string, id: string, machine: Machine): Lock => {
  if (!LOCK_ID.test(id)) throw new RangeError(`${JSON.stringify(id)} is not a lock's id`)
  const holder = holderOn(machine, id)
  const own = join(directory, `lock.by-${id}`)
  try {
    writeFileSync(own, `${JSON.stringify(holder)}\n`, { flag: 'wx', mode: PRIVATE_FILE })
    const takenOver = enter(directory, own, id, machine)
    sweep(directory, machine)
    return {
      holder,
      ...(takenOver !== undefined && { takenOver }),
      isOurs: () => isHeldBy(directory, id),
      release: () => {
        if (isHeldBy(directory, id)) rmSync(lockPath(directory), { force: true })
      },
    }
  } catch (error) {
    throw errorCode(error) === undefined ? error : diskFailure(error, `The lock in ${directory} cannot be taken`)
  } finally {
    rmSync(own, { force: true })
  }
}

/** More attempts than this need another process that gets the lock and ends in each of them. */
const MOST_ATTEMPTS = 1000

const lockPath = (directory: string): string => join(directory, 'lock')
const successionPath = (directory: string, key: string): string => join(directory, `lock.after-${key}`)

/** Gives a sentence when the lock was taken over, undefined when it was free. */
const enter = (directory: string, own: string, id: string, machine: Machine): string | undefined => {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const current = currentClaim(directory)
    if (current === undefined) {
      if (linkNew(own, lockPath(directory))) return undefined
      continue
    }
    const { stale, why } = decideTakeover(current, machine)
    if (!stale) throw held(directory, current, why, machine)
    const succession = successionPath(directory, current.key)
    if (!linkNew(own, succession)) continue
    if (currentClaim(directory)?.key === id) {
      renameSync(own, lockPath(directory))
      return `The lock ${why}. This run took it over.`
    }
    rmSync(succession, { force: true })
  }
  throw new Failure({
    kind: 'blocked',
    what: `Other processes keep taking the lock in ${directory}`,
    remedy: 'End them, then run the command again.',
  })
}

/** Who has the lock: the file `lock`, or the last of the successors that ended while they took it over. */
const currentClaim = (directory: string): LockFile | undefined => {
  let claim = readClaim(lockPath(directory))
  const seen = new Set<string>()
  while (claim && !seen.has(claim.key)) {
    seen.add(claim.key)
    const successor = readClaim(successionPath(directory, claim.key))
    if (successor === undefined) return claim
    claim = successor
  }
  return claim
}

/** No link is followed, and no pipe waited for. Windows has neither flag. */
const LOOK = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
/** A lock file has a few hundred bytes. */
const MOST_LOCK_BYTES = 64n * 1024n

const readClaim = (path: string): LockFile | undefined => {
  let fd: number
  try {
    fd = openSync(path, LOOK)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    const { ino, mtimeNs, mtime, size } = fstatSync(fd, { bigint: true })
    const holder = size > MOST_LOCK_BYTES ? undefined : parseHolder(readFileSync(fd, 'utf8'))
    return { key: holder?.id ?? `${ino}-${mtimeNs}`, holder, written: instantOf(mtime) }
  } finally {
    closeSync(fd)
  }
}

const isHeldBy = (directory: string, id: string): boolean => readClaim(lockPath(directory))?.holder?.id === id

/** Links the file `own` to `path`; false when that name is taken. */
const linkNew = (own: string, path: string): boolean => {
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Removes the files of crashed attempts. Successions no longer count by now, and an attempt that creates one meanwhile finds that out. */
const sweep = (directory: string, machine: Machine): void => {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (name.startsWith('lock.after-')) rmSync(path, { force: true })
    if (name.startsWith('lock.by-') && isAbandoned(path, machine)) rmSync(path, { force: true })
  }
}

const isAbandoned = (path: string, machine: Machine): boolean => {
  const claim = readClaim(path)
  return claim !== undefined && decideTakeover(claim, machine).stale
}

const held = (directory: string, { holder }: LockFile, why: string, machine: Machine): Failure => {
  const path = lockPath(directory)
  const what = 'Another ir-cred process has this incident open'
  return new Failure({ kind: 'blocked', what, why: `the lock ${path} ${why}`, remedy: howToFree(path, holder, machine) })
}

const howToFree = (path: string, holder: Holder | undefined, machine: Machine): string => {
  if (holder === undefined)
    return 'Run the command again in ten seconds. ir-cred then takes over a lock file that still cannot be read.'
  if (holder.host !== machine.host)
    return `End that process on ${holder.host}. If you are certain that it no longer runs, remove ${path} and run the command again.`
  const advice = `Continue in that process, or end process ${holder.pid} and run the command again: it takes the lock over.`
  return holder.pidStart === undefined
    ? `${advice} If \`ps -p ${holder.pid}\` shows another program, remove ${path} instead.`
    : advice
}

/** What a lock file says of the process that holds it. */
export interface Holder {
  /** Random, of one attempt to take the lock. */
  readonly id: string
  readonly pid: number
  readonly pidStart?: string
  readonly bootId?: string
  readonly pidNamespace?: string
  readonly host: string
  readonly user: string
  readonly version: string
  readonly created: string
}

/** A lock file as it was found. */
export interface LockFile {
  /** Names this very claim: the holder's id, or for a file that cannot be read its inode and time. */
  readonly key: string
  /** Undefined for an empty or garbled file. */
  readonly holder: Holder | undefined
  /** When the file was last written. */
  readonly written: Instant
}

/** Whether a claim may be taken over, and why or why not as the rest of a sentence that begins with "the lock". */
export interface TakeoverDecision {
  readonly stale: boolean
  readonly why: string
}

/** Seconds after which a lock file without readable content counts as abandoned. */
const GARBLED_PATIENCE = 10

/** This process, as its lock file describes it. */
export const holderOn = (machine: Machine, id: string): Holder => {
  const pidStart = machine.startOf(machine.pid)
  return {
    id,
    pid: machine.pid,
    ...(pidStart !== undefined && { pidStart }),
    ...(machine.bootId !== undefined && { bootId: machine.bootId }),
    ...(machine.pidNamespace !== undefined && { pidNamespace: machine.pidNamespace }),
    host: machine.host,
    user: machine.user,
    version: machine.version,
    created: machine.now(),
  }
}

/** Reads a lock file's text; undefined when it is not one that ir-cred wrote. */
const parseHolder = (text: string): Holder | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isHolder(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Decides whether a claim is stale. It is when its holder certainly no longer runs: on the same host, and the machine was restarted, the
 * process has ended, or its id belongs to a later one. The age of a readable claim does not count: a laptop may have slept.
 */
export const decideTakeover = ({ holder, written }: LockFile, machine: Machine): TakeoverDecision => {
  if (holder === undefined) {
    const stale = secondsBetween(written, machine.now()) > GARBLED_PATIENCE
    return { stale, why: `is a file without readable content, written ${written}` }
  }
  const who = `was taken by ${holder.user} on ${holder.host} at ${holder.created} (process ${holder.pid}, ir-cred ${holder.version})`
  const ended = whyEnded(holder, machine)
  return ended === undefined ? { stale: false, why: who } : { stale: true, why: `${who}, and ${ended}` }
}

const whyEnded = (holder: Holder, machine: Machine): string | undefined => {
  if (holder.host !== machine.host) return undefined
  if (differ(holder.bootId, machine.bootId)) return 'the machine was restarted since'
  if (differ(holder.pidNamespace, machine.pidNamespace)) return undefined
  if (!machine.isAlive(holder.pid)) return 'that process no longer runs'
  return differ(holder.pidStart, machine.startOf(holder.pid)) ? 'that process id now belongs to another process' : undefined
}

const differ = (a: string | undefined, b: string | undefined): boolean => a !== undefined && b !== undefined && a !== b

const isHolder = (value: unknown): value is Holder =>
  isPlainObject(value) &&
  typeof value.id === 'string' &&
  LOCK_ID.test(value.id) &&
  Number.isSafeInteger(value.pid) &&
  Number(value.pid) > 0 &&
  ['host', 'user', 'version', 'created'].every((key) => isShort(value[key])) &&
  ['pidStart', 'bootId', 'pidNamespace'].every((key) => value[key] === undefined || isShort(value[key]))

/** It becomes part of a file's name. */
const LOCK_ID = /^[A-Za-z0-9-]{1,64}$/

/** These strings are shown: no control characters, no invisible ones. */
const isShort = (value: unknown): boolean => typeof value === 'string' && value.length <= 255 && !/\p{C}/u.test(value)
