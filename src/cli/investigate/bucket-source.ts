import { Failure } from '../../incident/values/failure.ts'
import { activityFold } from '../../investigation/analysis/activity-fold.ts'
import type { RecordSource } from '../../investigation/source.ts'
import { globalRegions } from '../../investigation/sources/event-history/global-regions.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import type { CommonOptions } from '../options.ts'

export interface BucketOptions extends CommonOptions {
  /** Only these accounts of an organization's trail. */
  readonly account?: readonly string[]
}

const BUCKET = 's3://'

/** Whether the places named with --logs are a bucket. Throws Failure usage when a bucket is named beside something else. */
export const isBucket = (places: readonly string[]): boolean => {
  const buckets = places.filter((place) => place.startsWith(BUCKET))
  if (buckets.length > 0 && places.length > 1) {
    throw new Failure({
      kind: 'usage',
      what: `${buckets[0]} was named together with other logs`,
      remedy: 'name one bucket, with one --logs; ask again for the others',
    })
  }
  return buckets.length > 0
}

/** CloudTrail's log files in a bucket; of the accounts and Regions that were named, or of all. */
export const bucketLogs = async (connection: AwsConnection, address: string, options: BucketOptions): Promise<RecordSource> => {
  const { openS3 } = await import('../../aws/open-clients.ts')
  const { s3Logs } = await import('../../investigation/sources/s3.ts')
  const { clock, setting, clientConfig } = connection
  const named = options.region ?? []
  const regions = named.length > 0 ? [...new Set([...named, ...globalRegions(setting.region)])] : undefined
  return s3Logs({
    address,
    region: setting.region,
    s3: (region) => openS3(region, clientConfig),
    clock,
    make: activityFold,
    ...(options.account ? { accounts: options.account } : {}),
    ...(regions ? { regions } : {}),
  })
}
