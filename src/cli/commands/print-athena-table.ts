import { DAY_MS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { type Instant, instantOf, parseInstant } from '../../incident/values/instant.ts'
import { tableNameIn } from '../../investigation/sources/athena/athena-table.ts'
import { createTable } from '../../investigation/sources/athena/create-table.ts'
import type { CommandEnding } from '../command.ts'
import { FINISHED } from '../exit-code.ts'
import type { Host } from '../host.ts'
import { type CommonOptions, printable } from '../options.ts'

export interface TableOptions extends CommonOptions {
  /** `s3://bucket/prefix` of the trail; true when the option stands alone. */
  readonly printAthenaTable?: string | true
  readonly athena?: string
  readonly account?: readonly string[]
  readonly organization?: string
  readonly since?: string
}

/** What stands for a part that was not said, so that the statement can be seen before everything is known. */
const EXAMPLE = {
  place: 's3://my-trail-bucket',
  athena: 'default.cloudtrail_logs',
  account: ['111122223333'],
  region: ['us-east-1'],
}

const YEAR_MS = 365 * DAY_MS

/**
 * Prints the statement that makes an Athena table of a trail's log files; makes nothing itself. What was not said stands in it
 * as an example, and is named on the error stream. Throws Failure usage for what was said and cannot be right.
 */
export const printAthenaTable = (host: Host, options: TableOptions): CommandEnding => {
  const { printAthenaTable: said, athena, account, organization } = options
  const place = said === true ? undefined : said
  const regions = options.region ?? []
  const missing = [
    ...(place === undefined ? [`the bucket (${EXAMPLE.place})`] : []),
    ...(athena === undefined ? [`--athena ${EXAMPLE.athena}`] : []),
    ...(account === undefined ? [`--account ${EXAMPLE.account}`] : []),
    ...(regions.length === 0 ? [`--region ${EXAMPLE.region}`] : []),
    ...(options.since === undefined ? ['--since (a year ago)'] : []),
  ]
  const table = createTable({
    table: tableNameIn(athena ?? EXAMPLE.athena),
    ...bucketIn(place ?? EXAMPLE.place),
    accounts: account ?? EXAMPLE.account,
    regions: regions.length === 0 ? EXAMPLE.region : regions,
    ...(organization === undefined ? {} : { organizationId: organization }),
    from: options.since === undefined ? yearBefore(host.clock()) : firstDay(options.since),
  })
  host.stdout.write(`${table.trimEnd()}\n`)
  if (missing.length > 0) host.stderr.write(`ir-cred: not said, and put in as an example: ${missing.join(', ')}\n`)
  return { outcome: FINISHED }
}

const usage = (what: string, remedy: string): Failure => new Failure({ kind: 'usage', what, remedy })

const bucketIn = (place: string): { readonly bucket: string; readonly prefix?: string } => {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(place) ?? []
  if (!bucket)
    throw usage(`"${printable(place)}" is no place in S3`, 'give --print-athena-table s3://bucket or s3://bucket/prefix')
  return { bucket, ...(prefix ? { prefix } : {}) }
}

const firstDay = (since: string): Instant => {
  const from = parseInstant(since)
  if (from) return from
  throw usage(`--since "${printable(since)}" is not a time`, 'write it as 2026-11-25T02:00:00Z')
}

const yearBefore = (now: Date): Instant => instantOf(new Date(now.getTime() - YEAR_MS))
