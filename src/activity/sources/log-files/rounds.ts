import { mayHold } from './log-name.ts'
import type { Covered } from './scan-round.ts'
import { nameOf, type Target } from './seekers.ts'

/** Files to scan, by index, for these alone. */
export interface Round {
  readonly files: readonly number[]
  readonly targets: readonly Target[]
}

/** Who was looked for where. */
export interface Ledger {
  readonly paths: readonly string[]
  readonly targets: Map<string, Target>
  /** For each target by name a byte a file: 1 once it was looked for in it. */
  readonly done: Map<string, Uint8Array>
}

export const emptyLedger = (paths: readonly string[]): Ledger => ({ paths, targets: new Map(), done: new Map() })

export const enter = (ledger: Ledger, covered: readonly Covered[]): void => {
  for (const { targets, files } of covered) {
    for (const target of targets) {
      const done = doneFor(ledger, target)
      for (const file of files) done[file] = 1
    }
  }
}

const doneFor = ({ targets, done, paths }: Ledger, target: Target): Uint8Array => {
  const name = nameOf(target)
  const known = done.get(name) ?? new Uint8Array(paths.length)
  done.set(name, known)
  targets.set(name, target)
  return known
}

/** What was read before somebody was found is read again, for those who were missed; undefined when nothing is left. */
export const nextRound = ({ paths, targets, done }: Ledger): Round | undefined => {
  const files = new Set<number>()
  const missed: Target[] = []
  for (const [name, target] of targets) {
    const before = files.size
    const missing = unsearched(paths, done.get(name), target)
    for (const file of missing) files.add(file)
    if (missing.length > 0 || files.size > before) missed.push(target)
  }
  return files.size === 0 ? undefined : { files: [...files].sort((a, b) => a - b), targets: missed }
}

const unsearched = (paths: readonly string[], done: Uint8Array | undefined, { from }: Target): number[] => {
  const missing: number[] = []
  for (let index = 0; index < paths.length; index += 1) {
    if (done?.[index] !== 1 && (from === undefined || mayHold(paths[index] ?? '', { from }))) missing.push(index)
  }
  return missing
}
