import { given } from '../../incident/values/given.ts'
import { activityFold } from '../../investigation/analysis/activity-fold.ts'
import type { RecordSource } from '../../investigation/source.ts'
import type { ReadPublicKeys } from '../../investigation/sources/log-files/digests/digest-signatures.ts'
import type { WorkerThreads } from '../../investigation/sources/log-files/workers/start-threads.ts'
import { logFiles } from '../../investigation/sources/log-files.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import type { Host } from '../host.ts'
import { athenaOptionsOf, lakeOptionsOf } from '../sql-source.ts'
import { prepareCacheFolder } from './cache-folder.ts'
import { FROM_STANDARD_INPUT, type SourceRequest } from './request.ts'

type Source<K extends SourceRequest['kind']> = Extract<SourceRequest, { readonly kind: K }>

interface SourceHost extends Pick<Host, 'stdin' | 'signal' | 'clock' | 'version'> {
  /** Worker threads for log files that run already. */
  readonly started?: WorkerThreads | undefined
}

/** Opens a source of CloudTrail records on this machine, or in AWS. Clients are loaded only for the source that needs them. */
export const openSource = async (
  source: SourceRequest,
  connection: AwsConnection | undefined,
  files: SourceHost,
): Promise<RecordSource> => {
  if (source.kind === 'log-files') return openLogFiles(source, connection, files)
  if (connection) return openInAws(source, connection)
  throw new Error(`the source ${source.kind} needs AWS`)
}

const openInAws = (source: Exclude<SourceRequest, Source<'log-files'>>, connection: AwsConnection): Promise<RecordSource> => {
  switch (source.kind) {
    case 'event-history':
      return openEventHistory(connection)
    case 's3':
      return openBucket(source, connection)
    case 'athena':
      return openAthenaTable(source, connection)
    case 'lake':
      return openLake(source, connection)
  }
}

/** A cache of log files is no larger than this. Bytes. */
const MOST_CACHED = 4e9

const openLogFiles = async (
  { paths, threads, cache, validate }: Source<'log-files'>,
  connection: AwsConnection | undefined,
  { clock, version, started, ...host }: SourceHost,
): Promise<RecordSource> => {
  if (cache !== undefined) await prepareCacheFolder(cache)
  const publicKeys = validate && connection ? await publicKeysOf(connection) : undefined
  const open = (from: readonly string[]): RecordSource =>
    logFiles({
      ...{ paths: from, clock },
      ...given({
        ...{ threads, started },
        validate: validate ? given({ publicKeys }) : undefined,
        cache: cache !== undefined ? { folder: cache, writer: `ir-cred ${version}`, maxBytes: MOST_CACHED } : undefined,
      }),
    })
  if (!paths.includes(FROM_STANDARD_INPUT)) return open(paths)
  const { spooled } = await import('./standard-input.ts')
  return spooled(host, (file) => open(paths.map((path) => (path === FROM_STANDARD_INPUT ? file : path))))
}

/** Loaded on use: log files alone need no client. */
const publicKeysOf = async ({ aws }: AwsConnection): Promise<ReadPublicKeys> => {
  const { publicKeysFrom } = await import('../../investigation/sources/log-files/digests/public-keys.ts')
  return publicKeysFrom((region) => aws(region).cloudtrail)
}

const openEventHistory = async ({ aws, clock, regions, regionsNote }: AwsConnection): Promise<RecordSource> => {
  const { eventHistory } = await import('../../investigation/sources/event-history.ts')
  const cloudtrail = (region: string) => aws(region).cloudtrail
  return eventHistory({ regions, ...given({ regionsNote }), cloudtrail, clock, make: activityFold })
}

const openBucket = async (
  { address, accounts, regions, validate }: Source<'s3'>,
  connection: AwsConnection,
): Promise<RecordSource> => {
  const { clock, setting, clientConfig } = connection
  const { region } = setting
  const { openS3 } = await import('../../aws/open-clients.ts')
  const { globalRegions } = await import('../../incident/values/partition.ts')
  const { s3Logs } = await import('../../investigation/sources/s3.ts')
  const { trailsChangedIn } = await import('../../investigation/sources/log-files/files-coverage.ts')
  return s3Logs({
    ...{ address, region, clock, make: activityFold, noted: trailsChangedIn },
    s3: (name) => openS3(name, clientConfig),
    ...given({ validate: validate ? { publicKeys: await publicKeysOf(connection) } : undefined }),
    ...given({ accounts, regions: regions ? [...new Set([...regions, ...globalRegions(region)])] : undefined }),
  })
}

const openAthenaTable = async (source: Source<'athena'>, connection: AwsConnection): Promise<RecordSource> => {
  const { athenaSource } = await import('../../investigation/sources/athena/athena-source.ts')
  return athenaSource(await athenaOptionsOf(source, connection))
}

const openLake = async (source: Source<'lake'>, connection: AwsConnection): Promise<RecordSource> => {
  const { lakeSource } = await import('../../investigation/sources/lake/lake-source.ts')
  return lakeSource(lakeOptionsOf(source, connection))
}
