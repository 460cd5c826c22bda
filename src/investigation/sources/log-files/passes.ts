import { mayHoldRecordsOf } from './discover/file-names.ts'
import { type Target, targetName } from './match/matchers.ts'

/** One pass over a group of files. */
export interface Pass {
  /** Which files to scan, by index. */
  readonly files: readonly number[]
  /** Whose records to match. */
  readonly targets: readonly Target[]
  /** The files are read for the first time: questions about the whole account are counted, and bad files are reported. */
  readonly isFirst: boolean
}

/** Files that were searched for the same targets. */
export interface CoveredFiles {
  readonly targets: readonly Target[]
  /** By index. */
  readonly files: readonly number[]
}

/** Which files of a group were searched for which targets. */
export interface Coverage {
  readonly paths: readonly string[]
  readonly targets: Map<string, Target>
  /** For each target, by name, a byte per file: 1 when the file was searched for it. */
  readonly done: Map<string, Uint8Array>
  isBegun: boolean
}

/** Coverage before the first pass. */
export const emptyCoverage = (paths: readonly string[], targets: Iterable<Target>): Coverage => {
  const coverage: Coverage = { paths, targets: new Map(), done: new Map(), isBegun: false }
  addToCoverage(coverage, targets)
  return coverage
}

/** Files that are scanned together: those in the cache, or those on disk. */
export interface FileGroup {
  readonly coverage: Coverage
  scan(pass: Pass): Promise<readonly CoveredFiles[]>
}

/** Scans all groups in passes until every file was searched for every target. Throws the signal's reason once it is aborted. */
export const runPasses = async (groups: readonly FileGroup[], signal: AbortSignal): Promise<void> => {
  let isDone = false
  while (!isDone) {
    isDone = true
    for (const { coverage, scan } of groups) {
      const pass = nextPass(coverage)
      if (!pass) continue
      isDone = false
      noteCovered(coverage, await scan(pass))
      signal.throwIfAborted()
      for (const other of groups) addToCoverage(other.coverage, coverage.targets.values())
    }
  }
}

/** Notes targets that the files have to be searched for too. */
const addToCoverage = ({ targets, done, paths }: Coverage, found: Iterable<Target>): void => {
  for (const target of found) {
    const name = targetName(target)
    if (targets.has(name)) continue
    targets.set(name, target)
    done.set(name, new Uint8Array(paths.length))
  }
}

const noteCovered = (coverage: Coverage, covered: readonly CoveredFiles[]): void => {
  for (const { targets, files } of covered) {
    addToCoverage(coverage, targets)
    for (const target of targets) {
      const done = coverage.done.get(targetName(target))
      for (const file of files) if (done) done[file] = 1
    }
  }
}

/**
 * The first pass reads all files for all targets known then. Each later one reads again the files that were read before a
 * target was found, for the targets that were missed. Undefined when nothing is left.
 */
const nextPass = (coverage: Coverage): Pass | undefined => {
  const { paths, targets, done, isBegun } = coverage
  coverage.isBegun = true
  if (!isBegun && paths.length > 0)
    return { files: paths.map((_, index) => index), targets: [...targets.values()], isFirst: true }
  const files = new Set<number>()
  const missed: Target[] = []
  for (const [name, target] of targets) {
    const missing = unsearched(coverage, done.get(name), target)
    for (const file of missing) files.add(file)
    if (missing.length > 0) missed.push(target)
  }
  return files.size === 0 ? undefined : { files: [...files].sort((a, b) => a - b), targets: missed, isFirst: false }
}

const unsearched = ({ paths }: Coverage, done: Uint8Array | undefined, { since }: Target): number[] => {
  const range = since === undefined ? {} : { from: since }
  const missing: number[] = []
  for (let index = 0; index < paths.length; index += 1)
    if (done?.[index] !== 1 && mayHoldRecordsOf(paths[index] ?? '', range)) missing.push(index)
  return missing
}
