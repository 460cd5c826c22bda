import { mayHold } from './log-name.ts'
import { type Target, targetName } from './seekers.ts'

/** Files to scan, by index, and for whom. */
export interface Round {
  readonly files: readonly number[]
  readonly targets: readonly Target[]
  /** The files have not been read before: whoever asks about everybody is served now, and bad files are told. */
  readonly isFirst: boolean
}

/** Files in which the same people were looked for. */
export interface Covered {
  readonly targets: readonly Target[]
  /** Indices. */
  readonly files: readonly number[]
}

/** Who was looked for where. */
export interface Coverage {
  readonly paths: readonly string[]
  readonly targets: Map<string, Target>
  /** For each target by name a byte a file: 1 once it was looked for in it. */
  readonly done: Map<string, Uint8Array>
  isBegun: boolean
}

export const noCoverage = (paths: readonly string[], targets: Iterable<Target>): Coverage => {
  const coverage: Coverage = { paths, targets: new Map(), done: new Map(), isBegun: false }
  learn(coverage, targets)
  return coverage
}

/** These have to be looked for, too. */
const learn = ({ targets, done, paths }: Coverage, fresh: Iterable<Target>): void => {
  for (const target of fresh) {
    const name = targetName(target)
    if (targets.has(name)) continue
    targets.set(name, target)
    done.set(name, new Uint8Array(paths.length))
  }
}

const enter = (coverage: Coverage, covered: readonly Covered[]): void => {
  for (const { targets, files } of covered) {
    learn(coverage, targets)
    for (const target of targets) {
      const done = coverage.done.get(targetName(target))
      for (const file of files) if (done) done[file] = 1
    }
  }
}

/**
 * All files for everybody at first. Then those again that were read before somebody was found, for whoever was missed;
 * undefined when nothing is left.
 */
const nextRound = (coverage: Coverage): Round | undefined => {
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

/** Files that are looked through together. */
export interface FileGroup {
  readonly coverage: Coverage
  scan(round: Round): Promise<readonly Covered[]>
}

/** Looks everywhere for everybody, until nobody new is found. Throws the signal's reason when it is given. */
export const searchAll = async (shelves: readonly FileGroup[], signal: AbortSignal): Promise<void> => {
  let isDone = false
  while (!isDone) {
    isDone = true
    for (const { coverage, scan } of shelves) {
      const round = nextRound(coverage)
      if (!round) continue
      isDone = false
      enter(coverage, await scan(round))
      signal.throwIfAborted()
      for (const other of shelves) learn(other.coverage, coverage.targets.values())
    }
  }
}

const unsearched = ({ paths }: Coverage, done: Uint8Array | undefined, { since }: Target): number[] => {
  const range = since === undefined ? {} : { from: since }
  const missing: number[] = []
  for (let index = 0; index < paths.length; index += 1)
    if (done?.[index] !== 1 && mayHold(paths[index] ?? '', range)) missing.push(index)
  return missing
}
