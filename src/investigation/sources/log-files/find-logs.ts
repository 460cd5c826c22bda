import { type Dirent, existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { BadFile } from '../../source.ts'
import { whyUnreadable } from './file-trouble.ts'
import { isOtherThanLog } from './log-name.ts'

export interface FoundLogs {
  readonly paths: readonly string[]
  /** Digests and Insights, by their names. */
  readonly others: number
  readonly bad: readonly BadFile[]
}

/**
 * All files of the folders (and the folders in them) and the files themselves, whatever they are called; hidden ones are left
 * out, and the folder `apart` (the cache may lie among the logs).
 */
export const findLogs = (paths: readonly string[], apart?: string): FoundLogs => {
  const folders = new Set(apart !== undefined && existsSync(apart) ? [realpathSync(apart)] : [])
  const found = { paths: [] as string[], others: 0, bad: [] as BadFile[], folders }
  for (const path of paths) visit(path, found)
  return { paths: [...new Set(found.paths)], others: found.others, bad: found.bad }
}

interface Finding {
  readonly paths: string[]
  others: number
  readonly bad: BadFile[]
  /** Real paths of the folders that were read, or that are none of the logs: a link may lead back into one. */
  readonly folders: Set<string>
}

const visit = (path: string, found: Finding): void => {
  try {
    const state = statSync(path)
    if (state.isDirectory()) visitFolder(path, found)
    else if (!state.isFile()) found.bad.push({ path, why: 'It is neither a file nor a folder.' })
    else keep(path, found)
  } catch (error) {
    found.bad.push({ path, why: whyUnreadable(error, path) })
  }
}

const visitFolder = (folder: string, found: Finding): void => {
  const real = realpathSync(folder)
  if (found.folders.has(real)) return
  found.folders.add(real)
  const beginning = join(folder, 'x').slice(0, -1)
  for (const entry of readdirSync(folder, { withFileTypes: true })) visitEntry(beginning, entry, found)
}

/** There may be a million names, so they are not joined with care: the beginning ends with a separator. */
const visitEntry = (beginning: string, entry: Dirent, found: Finding): void => {
  if (entry.name.startsWith('.')) return
  const path = beginning + entry.name
  if (entry.isFile()) keep(path, found)
  else visit(path, found)
}

const keep = (path: string, found: Finding): void => {
  if (isOtherThanLog(path)) found.others += 1
  else found.paths.push(path)
}
