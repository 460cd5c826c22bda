import { type Dirent, existsSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import type { BadFile } from '../../../source.ts'
import { type BesideLogs, besideLogs } from './file-names.ts'
import { fileError } from './files-on-disk.ts'

/** Paths of digest files, and how many other files lie beside the log files. */
export interface BesideFiles {
  readonly digests: readonly string[]
  readonly insight: number
  readonly aggregated: number
}

export interface FoundLogFiles {
  readonly paths: readonly string[]
  /** What lies beside the log files and was left out, by its names. */
  readonly beside: BesideFiles
  readonly bad: readonly BadFile[]
}

/**
 * Finds all files in the folders and below, and the files themselves, whatever their names. Leaves out hidden files and the
 * folder `excluded` (the cache may lie among the logs).
 */
export const findLogFiles = (paths: readonly string[], excluded?: string): FoundLogFiles => {
  const folders = new Set(excluded !== undefined && existsSync(excluded) ? [identityOf(excluded, statSync(excluded))] : [])
  const walk: Walk = { paths: [], digests: [], counts: { digest: 0, insight: 0, aggregated: 0 }, bad: [], folders }
  for (const path of paths) visit(path, walk)
  const { digests, counts, bad } = walk
  const beside = { digests, insight: counts.insight, aggregated: counts.aggregated }
  return { paths: [...new Set(walk.paths)], beside, bad }
}

interface Walk {
  readonly paths: string[]
  readonly digests: string[]
  readonly counts: Record<BesideLogs, number>
  readonly bad: BadFile[]
  /** The folders that were visited or are excluded: a link may lead back into one. */
  readonly folders: Set<string>
}

const visit = (path: string, walk: Walk): void => {
  try {
    const state = statSync(path)
    if (state.isDirectory()) visitFolder(path, state, walk)
    else if (!state.isFile()) walk.bad.push({ path, why: 'It is not a file or a folder.' })
    else addFile(path, walk)
  } catch (error) {
    walk.bad.push({ path, why: fileError(error, path) })
  }
}

/** Which folder it is, by whatever way it was reached. A real path takes longer the deeper the folder lies; some systems have no inode numbers. */
const identityOf = (folder: string, { dev, ino }: Stats): string => (ino === 0 ? realpathSync.native(folder) : `${dev}:${ino}`)

const visitFolder = (folder: string, state: Stats, walk: Walk): void => {
  const identity = identityOf(folder, state)
  if (walk.folders.has(identity)) return
  walk.folders.add(identity)
  const prefix = join(folder, 'x').slice(0, -1)
  for (const entry of readdirSync(folder, { withFileTypes: true })) visitEntry(prefix, entry, walk)
}

/** The prefix ends with a separator: `join` would take longer, and there may be a million names. */
const visitEntry = (prefix: string, entry: Dirent, walk: Walk): void => {
  if (entry.name.startsWith('.')) return
  const path = prefix + entry.name
  if (entry.isFile()) addFile(path, walk)
  else visit(path, walk)
}

const addFile = (path: string, walk: Walk): void => {
  const beside = besideLogs(path)
  if (beside === undefined) walk.paths.push(path)
  else walk.counts[beside] += 1
  if (beside === 'digest') walk.digests.push(path)
}
