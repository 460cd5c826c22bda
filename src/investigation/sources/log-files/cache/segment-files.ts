import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOUR_MS } from '../../../../incident/values/duration.ts'

/** Where the cache is and whose it is. */
export interface CachePlace {
  readonly folder: string
  /** The program and its version: what another one wrote is not read. */
  readonly writer: string
  /** No more than this is kept. Bytes. */
  readonly most: number
}

const ENDING = '.segment'
const ANSWER = '.answer'
const UNFINISHED = '.unfinished'
/** An unfinished segment of this age belongs to nobody. Milliseconds. */
const FORGOTTEN = HOUR_MS

/** Paths of the segments, the youngest first. */
export const segmentPaths = ({ folder }: CachePlace): readonly string[] => statesOf(folder, ENDING).map(({ path }) => path)

/** Of a segment, or of an answer. */
interface SegmentState {
  readonly path: string
  readonly size: number
  readonly used: number
}

const statesOf = (folder: string, ending: string): readonly SegmentState[] => {
  const names = readdirIfThere(folder).filter((name) => name.endsWith(ending))
  return names
    .flatMap((name) => {
      const path = join(folder, name)
      const state = statSync(path, { throwIfNoEntry: false })
      return state ? [{ path, size: state.size, used: state.mtimeMs }] : []
    })
    .sort(youngestFirst)
}

const youngestFirst = (a: SegmentState, b: SegmentState): number => b.used - a.used || (a.path < b.path ? -1 : 1)

const readdirIfThere = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

const PRIVATE_FOLDER = 0o700
const PRIVATE_FILE = 0o600

/** Makes the folder ready: only its owner may read it, because records tell a lot. */
export const prepareCache = ({ folder }: CachePlace): void => {
  if (!existsSync(folder)) mkdirSync(folder, { mode: PRIVATE_FOLDER })
}

/** Writes a segment so that nobody ever sees a part of it. */
export const writeSegment = ({ folder }: CachePlace, name: string, bytes: Uint8Array): void =>
  writeWhole(folder, `${name}${ENDING}`, bytes)

export const answerPath = ({ folder }: CachePlace, name: string): string => join(folder, `${name}${ANSWER}`)

/** Writes an answer, as a segment is written. */
export const writeAnswer = ({ folder }: CachePlace, name: string, bytes: Uint8Array): void =>
  writeWhole(folder, `${name}${ANSWER}`, bytes)

const writeWhole = (folder: string, name: string, bytes: Uint8Array): void => {
  const unfinished = join(folder, `${randomUUID()}${UNFINISHED}`)
  writeFileSync(unfinished, bytes, { mode: PRIVATE_FILE, flag: 'wx' })
  renameSync(unfinished, join(folder, name))
}

/** Removes all answers but the youngest. */
export const pruneAnswers = ({ folder }: CachePlace, most: number): void => {
  for (const { path } of statesOf(folder, ANSWER).slice(most)) rmSync(path, { force: true })
}

/** Notes that segments and answers are of use, for the next pruning. Another process may have pruned one: that is all right. */
export const touch = (paths: Iterable<string>, now: Date): void => {
  for (const path of paths) {
    try {
      utimesSync(path, now, now)
    } catch {
      // It was pruned, or is not ours to touch.
    }
  }
}

/**
 * Removes what has not been of use for longest until there is room for the bytes that are expected; gives the bytes that may
 * be filled. What is needed stays.
 */
export const prune = ({ folder, most }: CachePlace, needed: ReadonlySet<string>, expected: number, now: Date): number => {
  for (const { path, used } of statesOf(folder, UNFINISHED)) if (now.getTime() - used > FORGOTTEN) rmSync(path, { force: true })
  const states = [...statesOf(folder, ENDING), ...statesOf(folder, ANSWER)].sort(youngestFirst)
  let kept = 0
  for (const { path, size } of states) if (needed.has(path)) kept += size
  for (const { path, size } of states) {
    if (needed.has(path)) continue
    if (kept + size + expected <= most) kept += size
    else rmSync(path, { force: true })
  }
  return Math.max(0, most - kept)
}
