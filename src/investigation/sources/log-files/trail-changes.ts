import type { TrailChange } from '../../../incident/facts/coverage.ts'
import { CHANGES_OF_TRAILS, TRAIL_CHANGES, trailChangeOf } from '../../analysis/logging-gaps.ts'
import { readRecord } from '../../read-record.ts'
import type { CloudTrailRecord } from '../../record.ts'
import { isText } from './containers/file-kind.ts'
import { type ReadBuffers, readBuffers, readWhole } from './decode/read-file.ts'
import { readRecords } from './decode/read-records.ts'
import { totalSize } from './discover/files-on-disk.ts'
import { searchText } from './match/byte-search.ts'
import { type SearchTerms, searchTermsForTexts } from './match/search-terms.ts'

/** So much is searched for everybody's changes of trails without a reason. Bytes on disk. */
const ALWAYS_SEARCHED = 8 * 2 ** 20

export interface TrailChanges {
  readonly changes: readonly TrailChange[]
  /** All files were searched that can hold the end of a gap. */
  readonly isOfAll: boolean
}

/**
 * Who switched trails off and on again, whoever it was. Small folders are searched for that always. In large ones a search of all files
 * takes as long as the question itself: there the scan looks for it once the principal has changed a trail.
 */
export const readTrailChanges = async (paths: readonly string[], signal: AbortSignal): Promise<TrailChanges> => {
  if (paths.length > 1000 || totalSize(paths) > ALWAYS_SEARCHED) return { changes: [], isOfAll: false }
  const buffers = readBuffers()
  const changes: TrailChange[] = []
  for (const [index, path] of paths.entries()) {
    signal.throwIfAborted()
    changes.push(...changesIn(path, buffers))
    if (index % FILES_IN_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return { changes, isOfAll: true }
}

/** So many files are read before timers, key presses and messages get their turn. */
const FILES_IN_TURN = 16

/** One search for the service takes less time than one for the name of each event. */
const TERMS: SearchTerms = {
  ...searchTermsForTexts(searchText(CHANGES_OF_TRAILS.value)),
  mayCount: (eventName) => TRAIL_CHANGES.includes(eventName),
}

/** A large or damaged file is left out: the scan has reported it, or its own records of the principal. */
const changesIn = (path: string, buffers: ReadBuffers): readonly TrailChange[] => {
  const found: TrailChange[] = []
  try {
    const { bytes } = readWhole(path, buffers)
    if (!bytes || !isText(bytes)) return []
    readRecords(bytes, TERMS, buffers.positions, {
      take: (document) => {
        const record: CloudTrailRecord | undefined = readRecord(document)
        const change = record && trailChangeOf(record)
        if (change) found.push(change)
      },
    })
  } catch {
    // The scan has reported it.
  }
  return found
}
