import { createTable } from '../activity/sources/athena/print-table.ts'
import { tableNameIn } from '../activity/sources/athena/table-name.ts'
import { Failure } from '../incident/failure.ts'
import { parseInstant } from '../incident/instant.ts'
import type { Host } from './host.ts'
import { type CommonOptions, regionsOf } from './options.ts'

export interface TableOptions extends CommonOptions {
  /** `s3://bucket/prefix` of the trail. */
  readonly printAthenaTable?: string
  readonly athena?: string
  readonly account?: readonly string[]
  readonly organization?: string
  readonly since?: string
}

const REMEDY =
  'for example: ir-cred investigate --print-athena-table s3://my-trail-bucket --athena default.cloudtrail_logs --account 111122223333 --region us-east-1 --since 2026-01-01T00:00:00Z'

/** Prints the statement that makes an Athena table of a trail's log files; makes nothing itself. */
export const printAthenaTable = ({ stdout }: Host, options: TableOptions): number => {
  const { printAthenaTable: place = '', athena, account, organization, since } = options
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(place) ?? []
  const from = parseInstant(since)
  const regions = regionsOf(options)
  if (!bucket || !athena || !account || regions.length === 0 || !from) {
    throw new Failure({
      kind: 'usage',
      what: 'the table needs a bucket, a name, accounts, Regions and a first day',
      remedy: REMEDY,
    })
  }
  const table = createTable({
    table: tableNameIn(athena),
    bucket,
    ...(prefix ? { prefix } : {}),
    accounts: account,
    regions,
    ...(organization === undefined ? {} : { organizationId: organization }),
    from,
  })
  stdout.write(`${table.trimEnd()}\n`)
  return 0
}
