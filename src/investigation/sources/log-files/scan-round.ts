import type { BadFile } from '../../source.ts'
import { whyUnreadable } from './file-trouble.ts'
import type { ReadBuffers } from './read-log.ts'
import type { Covered } from './rounds.ts'
import type { FileRead } from './scan-bytes.ts'
import { scanFile } from './scan-file.ts'
import type { Seekers, Target } from './seekers.ts'

/** How a scan hears from others and is heard by them. */
export interface Surroundings {
  /** The index of the next file; undefined when there is none, or the scan has been given up. */
  next(): number | undefined
  /** Between two files: others may tell whom else to look for. */
  between(): void | Promise<void>
  found(targets: readonly Target[]): void
  read(file: FileRead): void
  bad(file: BadFile): void
}

/** Scans one file after the other; gives who was looked for in which. */
export const scanRound = async <State>(
  paths: readonly string[],
  buffers: ReadBuffers,
  seekers: Seekers<State>,
  surroundings: Surroundings,
): Promise<readonly Covered[]> => {
  const covered: Covering[] = []
  for (let index = surroundings.next(); index !== undefined; index = surroundings.next()) {
    const path = paths[index] ?? ''
    const { found, searched } = await scanOne(path, buffers, seekers, surroundings)
    if (found.length > 0) surroundings.found(found)
    cover(covered, seekers, searched, index)
    const pause = surroundings.between()
    if (pause !== undefined) await pause
  }
  // Whoever was found last may not have been looked for anywhere yet.
  return [...covered, { targets: [...seekers.targets.values()], files: [] }]
}

const scanOne = async <State>(
  path: string,
  buffers: ReadBuffers,
  seekers: Seekers<State>,
  surroundings: Surroundings,
): Promise<FileRead> => {
  try {
    const file = await scanFile(path, buffers, seekers)
    surroundings.read(file)
    if (file.why) surroundings.bad({ path, why: file.why })
    return file
  } catch (error) {
    const file = { bytes: 0, events: 0, found: [], searched: seekers.targets.size }
    surroundings.read(file)
    surroundings.bad({ path, why: whyUnreadable(error, path) })
    return file
  }
}

interface Covering extends Covered {
  readonly files: number[]
}

/** In the file the first targets were looked for, so many. They are only ever added: as many as before are the same ones. */
const cover = <State>(covered: Covering[], { targets }: Seekers<State>, count: number, index: number): void => {
  const last = covered.at(-1)
  if (last && last.targets.length === count) last.files.push(index)
  else covered.push({ targets: [...targets.values()].slice(0, count), files: [index] })
}
