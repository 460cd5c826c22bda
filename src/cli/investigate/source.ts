import { randomBytes } from 'node:crypto'
import { Failure } from '../../incident/values/failure.ts'
import { activityFold } from '../../investigation/analysis/activity-fold.ts'
import type { RecordSource } from '../../investigation/source.ts'
import { tableNameIn } from '../../investigation/sources/athena/athena-table.ts'
import { eventDataStoreIn } from '../../investigation/sources/lake/event-data-store.ts'
import { logFiles } from '../../investigation/sources/log-files.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import type { Host } from '../host.ts'
import { type BucketOptions, bucketLogs, isBucket } from './bucket-source.ts'
import { prepareCacheFolder } from './cache-folder.ts'

export interface SourceOptions extends BucketOptions {
  /** Files and folders, or one bucket. */
  readonly logs?: readonly string[]
  readonly threads?: number
  /** A folder that caches what was read, so that the next question does not read it again. */
  readonly cache?: string
  /** `database.table` of CloudTrail logs. */
  readonly athena?: string
  readonly athenaWorkgroup?: string
  readonly athenaOutput?: string
  /** The id or ARN of an event data store. */
  readonly lake?: string
  /** The most bytes that paid queries may read. */
  readonly maxBytes?: number
}

/** Whether AWS has to be asked: for the records, or because the responder has said as whom. Log files alone need nobody. */
export const needsAws = (options: SourceOptions): boolean => {
  const { logs, profile, assumeRole, endpointUrl } = options
  if (logs === undefined || isBucket(logs)) return true
  return [profile, assumeRole, endpointUrl].some((named) => named !== undefined)
}

/** Throws Failure usage when several sources were named. */
export const onlySource = (options: SourceOptions): void => {
  const named = (['logs', 'athena', 'lake'] as const).filter((name) => options[name] !== undefined)
  if (named.length < 2) return
  throw new Failure({ kind: 'usage', what: 'more than one source was named', remedy: 'name one: --logs, --athena or --lake' })
}

/** A cache of log files is no larger than this. Bytes. */
const MOST_CACHED = 4e9

/** Opens the source that was asked for: log files, or AWS's event history when none was named. */
export const openSource = async (
  host: Host,
  options: SourceOptions,
  connection: AwsConnection | undefined,
): Promise<RecordSource> => {
  const { logs, athena, lake } = options
  if (!connection || (logs && !isBucket(logs))) {
    const { cache, threads } = options
    if (cache !== undefined) await prepareCacheFolder(cache)
    return logFiles({
      paths: logs ?? [],
      clock: host.clock,
      ...(threads === undefined ? {} : { threads }),
      ...(cache === undefined ? {} : { cache: { folder: cache, writer: `ir-cred ${host.version}`, maxBytes: MOST_CACHED } }),
    })
  }
  if (logs?.[0]) return bucketLogs(connection, logs[0], options)
  if (athena !== undefined) return overAthena(connection, options, athena)
  if (lake !== undefined) return overLake(connection, options, lake)
  const { eventHistory } = await import('../../investigation/sources/event-history.ts')
  const { aws, clock, regions } = connection
  return eventHistory({ regions, cloudtrail: (region) => aws(region).cloudtrail, clock, make: activityFold })
}

const overAthena = async (connection: AwsConnection, options: SourceOptions, name: string): Promise<RecordSource> => {
  const table = tableNameIn(name)
  const { openAthena } = await import('../../aws/open-clients.ts')
  const { athenaSource } = await import('../../investigation/sources/athena/athena-source.ts')
  const { clock, setting, clientConfig } = connection
  const { athenaWorkgroup, athenaOutput, maxBytes } = options
  return athenaSource({
    client: await openAthena(setting.region, clientConfig),
    table,
    clock,
    newToken: () => randomBytes(20).toString('hex'),
    ...(athenaWorkgroup === undefined ? {} : { workGroup: athenaWorkgroup }),
    ...(athenaOutput === undefined ? {} : { output: athenaOutput }),
    ...(maxBytes === undefined ? {} : { mostBytes: maxBytes }),
  })
}

const overLake = async (connection: AwsConnection, options: SourceOptions, name: string): Promise<RecordSource> => {
  const store = eventDataStoreIn(name)
  const { lakeSource } = await import('../../investigation/sources/lake/lake-source.ts')
  const { aws, clock, setting } = connection
  const { maxBytes } = options
  return lakeSource({
    client: aws(setting.region).cloudtrail,
    store,
    clock,
    ...(maxBytes === undefined ? {} : { mostBytes: maxBytes }),
  })
}
