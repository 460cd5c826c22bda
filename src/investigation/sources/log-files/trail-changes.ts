import type { TrailChange } from '../../../incident/facts/coverage.ts'
import { TRAIL_CHANGES, trailChangeOf } from '../../analysis/logging-gaps.ts'
import { type CloudTrailRecord, readRecord } from '../../record.ts'
import { isText } from './containers/file-kind.ts'
import { type ReadBuffers, readBuffers, readWhole } from './decode/read-file.ts'
import { readRecords } from './decode/read-records.ts'
import { mayHoldRecordsOf } from './discover/file-names.ts'
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
 * Who switched trails off and on again, whoever it was. Small folders are searched for that always, large ones from the first
 * stop on that is known: a search of all files takes as long as the question itself.
 */
export const readTrailChanges = async (
  paths: readonly string[],
  stops: readonly TrailChange[],
  signal: AbortSignal,
): Promise<TrailChanges> => {
  const from = stops.map(({ at }) => at).sort()[0]
  if (from === undefined && (paths.length > 1000 || totalSize(paths) > ALWAYS_SEARCHED)) return { changes: [], isOfAll: false }
  const buffers = readBuffers()
  const changes: TrailChange[] = []
  let read = 0
  for (const path of paths.filter((each) => from === undefined || mayHoldRecordsOf(each, { from }))) {
    signal.throwIfAborted()
    changes.push(...changesIn(path, buffers))
    read += 1
    if (read % FILES_IN_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return { changes, isOfAll: true }
}

/** So many files are read before timers, key presses and messages get their turn. */
const FILES_IN_TURN = 16

/** One search for the service, from a part that others do not share, takes less time than one for the name of each event. */
const SERVICE = 'cloudtrail.amazonaws.com'
const TERMS: SearchTerms = {
  ...searchTermsForTexts(searchText(SERVICE, SERVICE.indexOf('udtrail'))),
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
