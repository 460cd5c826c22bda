import { type FileState, stateOf, wholePath } from '../file-state.ts'
import { deliveredAt } from '../log-name.ts'
import { type FileGroup, noCoverage } from '../rounds.ts'
import type { Seekers } from '../seekers.ts'
import { type Searched, searchCache } from './search-cache.ts'
import type { CachedFile, KnownFile } from './segment.ts'
import { type CachePlace, segmentPaths } from './segment-files.ts'
import { closeSegment, openSegment, type Segment } from './segment-reader.ts'

/** Log files whose records are in the cache. */
export interface CachedLogs {
  holds(path: string): boolean
  /** Whether the file is held, or was found to be one that cannot be kept. */
  knows(path: string): boolean
  /** The segments that hold or know them. */
  readonly segments: ReadonlySet<string>
  readonly total: { readonly files: number; readonly bytes: number; readonly events: number }
  shelfFor<State>(seekers: Seekers<State>): FileGroup
  close(): void
}

/** The files as they are now, by their whole paths; undefined for what is not there. */
export type FileStates = ReadonlyMap<string, FileState | undefined>

export const fileStates = (paths: readonly string[]): FileStates => new Map(paths.map((path) => [wholePath(path), stateOf(path)]))

/** Opens what the cache has of the files, as far as they are still the same. */
export const openCachedLogs = (place: CachePlace, states: FileStates): CachedLogs => {
  const held = new Map<string, CachedFile>()
  const unkept = new Set<string>()
  const opened = new Map<string, Searched>()
  const useful = new Set<string>()
  for (const path of segmentPaths(place)) {
    const segment = openSegment(path, place.writer)
    if (!segment) continue
    const wanted = wantedOf(segment, states, held)
    const noted = segment.header.unkept.filter((file) => isSame(file, states))
    for (const file of noted) unkept.add(file.path)
    if (noted.length > 0 || wanted.includes(1)) useful.add(path)
    if (wanted.includes(1)) opened.set(path, { segment, wanted })
    else closeSegment(segment)
  }
  const youngestFirst = [...opened].sort(([, a], [, b]) => inOrder(newest(b), newest(a)))
  const searched = youngestFirst.map(([, segment]) => segment)
  return {
    holds: (path) => held.has(wholePath(path)),
    knows: (path) => held.has(wholePath(path)) || unkept.has(wholePath(path)),
    segments: useful,
    total: totalOf([...held.values()]),
    shelfFor: (seekers) => ({
      coverage: noCoverage(
        // The place of a segment says nothing of when its files were delivered.
        youngestFirst.map((_, index) => String(index)),
        seekers.targets.values(),
      ),
      scan: async (round) => searchCache(searched, seekers, round),
    }),
    close: () => {
      for (const { segment } of searched) closeSegment(segment)
    },
  }
}

/** A segment is filled from the youngest file on, and the youngest calls tell early whom else to look for. */
const newest = ({ segment }: Searched): string => deliveredAt(segment.header.files[0]?.path ?? '') ?? ''

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const isSame = ({ path, size, changed }: KnownFile, states: FileStates): boolean => {
  const now = states.get(path)
  return now?.size === size && now.changed === changed
}

/** Which files of a segment are asked for, unchanged, and in no other segment. */
const wantedOf = ({ header }: Segment, states: FileStates, held: Map<string, CachedFile>): Uint8Array => {
  const wanted = new Uint8Array(header.files.length)
  header.files.forEach((file, index) => {
    if (held.has(file.path) || !isSame(file, states)) return
    held.set(file.path, file)
    wanted[index] = 1
  })
  return wanted
}

const totalOf = (files: readonly CachedFile[]) => ({
  files: files.length,
  bytes: files.reduce((sum, { size }) => sum + size, 0),
  events: files.reduce((sum, { events }) => sum + events, 0),
})
