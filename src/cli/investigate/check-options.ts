import { existsSync } from 'node:fs'
import { Failure } from '../../incident/values/failure.ts'
import { openPlaceDatabase } from '../../investigation/geography/place-database.ts'
import { tableNameIn } from '../../investigation/sources/athena/athena-table.ts'
import { eventDataStoreIn } from '../../investigation/sources/lake/event-data-store.ts'
import { printable } from '../options.ts'
import { isBucket } from './bucket-source.ts'
import { type TargetOptions, targetNamed } from './principal.ts'
import { type ScopeOptions, timesOf } from './scope.ts'
import { onlySource, type SourceOptions } from './source.ts'

export interface RefusableOptions extends SourceOptions, TargetOptions, ScopeOptions {
  readonly geoip?: string
  readonly asn?: string
}

/**
 * What is wrong by itself is told before AWS is asked, and before anything is read that takes long or is paid for. Throws
 * Failure usage.
 */
export const refuseWrong = async (options: RefusableOptions): Promise<void> => {
  targetNamed(options)
  timesOf(options)
  onlySource(options)
  if (options.athena !== undefined) tableNameIn(options.athena)
  if (options.lake !== undefined) eventDataStoreIn(options.lake)
  refuseMissing(options)
  for (const database of [options.geoip, options.asn]) if (database !== undefined) await openPlaceDatabase(database)
}

/** A file that is damaged is one of many; a place that is not there was mistyped, and nothing is known of what it has. */
const refuseMissing = ({ logs = [] }: SourceOptions): void => {
  const missing = isBucket(logs) ? undefined : logs.find((place) => !existsSync(place))
  if (missing === undefined) return
  throw new Failure({
    kind: 'usage',
    what: `there are no log files at "${printable(missing)}": no such file or folder`,
    remedy: 'name a folder or a file that is there',
  })
}
