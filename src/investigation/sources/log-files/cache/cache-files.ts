import { randomUUID } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOUR_MS } from '../../../../incident/values/duration.ts'

/** The cache of log files: a folder of segments, which hold records, and of answers. */
export interface LogCache {
  readonly folder: string
  /** The program and its version. What another version wrote is not read. */
  readonly writer: string
  /** The cache does not grow beyond this. Bytes. */
  readonly maxBytes: number
}

const SEGMENT = '.segment'
const ANSWER = '.answer'
const UNFINISHED = '.unfinished'
/** No process is still writing an unfinished file of this age. Milliseconds. */
const ABANDONED_AFTER = HOUR_MS

/** Paths of the segments, the most recently used first. */
export const segmentPaths = ({ folder }: LogCache): readonly string[] => pathsEndingIn(folder, SEGMENT).map(({ path }) => path)

/** A segment or an answer. */
interface CachedPath {
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** When it was used last. Milliseconds since 1970. */
  readonly used: number
}

const pathsEndingIn = (folder: string, ending: string): readonly CachedPath[] => {
  const names = readdirIfThere(folder).filter((name) => name.endsWith(ending))
  return names
    .flatMap((name) => {
      const path = join(folder, name)
      // Links are not followed, and pipes not waited for.
      const state = lstatSync(path, { throwIfNoEntry: false })
      return state?.isFile() ? [{ path, size: state.size, used: state.mtimeMs }] : []
    })
    .sort(lastUsedFirst)
}

const lastUsedFirst = (a: CachedPath, b: CachedPath): number => b.used - a.used || (a.path < b.path ? -1 : 1)

const readdirIfThere = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

const PRIVATE_FOLDER = 0o700
const PRIVATE_FILE = 0o600

/** Makes the folder. Only its owner may read it, because records show what an account does. */
export const makeCacheFolder = ({ folder }: LogCache): void => {
  if (!existsSync(folder)) mkdirSync(folder, { mode: PRIVATE_FOLDER })
}

/** Writes a segment: other processes see the whole file or none. */
export const writeSegment = ({ folder }: LogCache, name: string, bytes: Uint8Array): void =>
  writeWhole(folder, `${name}${SEGMENT}`, bytes)

export const answerPath = ({ folder }: LogCache, name: string): string => join(folder, `${name}${ANSWER}`)

/** Writes an answer in the same way. */
export const writeAnswer = ({ folder }: LogCache, name: string, bytes: Uint8Array): void =>
  writeWhole(folder, `${name}${ANSWER}`, bytes)

const writeWhole = (folder: string, name: string, bytes: Uint8Array): void => {
  const unfinished = join(folder, `${randomUUID()}${UNFINISHED}`)
  writeFileSync(unfinished, bytes, { mode: PRIVATE_FILE, flag: 'wx' })
  renameSync(unfinished, join(folder, name))
}

/** Removes answers beyond so many, those used longest ago. */
export const pruneAnswers = ({ folder }: LogCache, count: number): void => {
  for (const { path } of pathsEndingIn(folder, ANSWER).slice(count)) rmSync(path, { force: true })
}

/** Notes that segments and answers were used now, for the next `prune`. */
export const markUsed = (paths: Iterable<string>, now: Date): void => {
  for (const path of paths) {
    try {
      utimesSync(path, now, now)
    } catch {
      // Another process removed it, or another user owns it.
    }
  }
}

/**
 * Removes what was used longest ago until the expected bytes fit; what is needed stays. Gives the bytes that may be written.
 */
export const prune = ({ folder, maxBytes }: LogCache, needed: ReadonlySet<string>, expected: number, now: Date): number => {
  for (const { path, used: written } of pathsEndingIn(folder, UNFINISHED))
    if (now.getTime() - written > ABANDONED_AFTER) rmSync(path, { force: true })
  const cached = [...pathsEndingIn(folder, SEGMENT), ...pathsEndingIn(folder, ANSWER)].sort(lastUsedFirst)
  let used = 0
  for (const { path, size } of cached) if (needed.has(path)) used += size
  for (const { path, size } of cached) {
    if (needed.has(path)) continue
    if (used + size + expected <= maxBytes) used += size
    else rmSync(path, { force: true })
  }
  return Math.max(0, maxBytes - used)
}
