import { Failure } from '../incident/values/failure.ts'
import { given } from '../incident/values/given.ts'
import { checkResults, type TableName, tableNameIn } from '../investigation/sources/athena/athena-table.ts'
import { type EventDataStore, eventDataStoreIn } from '../investigation/sources/lake/event-data-store.ts'
import type { SqlOptions } from './options.ts'

/** A place that holds CloudTrail's records and is asked in SQL. */
export type SqlSourceRequest =
  | {
      readonly kind: 'athena'
      readonly table: TableName
      readonly workGroup?: string
      readonly output?: string
      readonly mostBytes?: number
    }
  | { readonly kind: 'lake'; readonly store: EventDataStore; readonly mostBytes?: number }

/** Reads `--athena` or `--lake` with the options that go with it; undefined without either. Throws Failure usage for what cannot be right. */
export const sqlSourceRequestOf = (options: SqlOptions): SqlSourceRequest | undefined => {
  const { athena, lake, athenaWorkgroup: workGroup, athenaOutput: output, maxBytes: mostBytes } = options
  if (athena !== undefined && lake !== undefined) throw usage('--athena and --lake were both given', 'name one of them')
  if (athena !== undefined) {
    const results = given({ workGroup, output })
    checkResults(results)
    return { kind: 'athena', table: tableNameIn(athena), ...results, ...given({ mostBytes }) }
  }
  return lake === undefined ? undefined : { kind: 'lake', store: eventDataStoreIn(lake), ...given({ mostBytes }) }
}

/** The same for a command that does nothing with the other options alone: then they were given in vain, which is refused. */
export const historyRequestOf = (options: SqlOptions): SqlSourceRequest | undefined => {
  const source = sqlSourceRequestOf(options)
  const athenas = COMPANIONS.find(([name]) => options[name] !== undefined && source?.kind !== 'athena')
  if (athenas) throw usage(`${athenas[1]} was given without --athena`, 'name the table with --athena database.table')
  if (options.maxBytes !== undefined && !source)
    throw usage('--max-bytes was given without --athena or --lake', 'name a table or an event data store, or leave it out')
  return source
}

const COMPANIONS = [
  ['athenaWorkgroup', '--athena-workgroup'],
  ['athenaOutput', '--athena-output'],
] as const

const usage = (what: string, remedy: string): Failure => new Failure({ kind: 'usage', what, remedy })
