import { type Instant, secondsBetween } from '../incident/values/instant.ts'
import { isPlainObject } from './canonical.ts'
import type { Machine } from './machine.ts'

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

/** Seconds after which a lock file without readable content counts as left behind. */
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
export const parseHolder = (text: string): Holder | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isHolder(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Judges a claim. Only a holder that certainly no longer runs is stale: same host, and the machine was restarted, or the process
 * is gone, or its id belongs to a later one. Age never counts for a readable one: a laptop may have slept.
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
export const LOCK_ID = /^[A-Za-z0-9-]{1,64}$/

/** These strings are shown: no control characters, no invisible ones. */
const isShort = (value: unknown): boolean => typeof value === 'string' && value.length <= 255 && !/\p{C}/u.test(value)
