import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { codeOf, failureOf, isDenied } from '../../../aws/failure.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { given } from '../../../incident/values/given.ts'
import { addressOf, type BucketAddress } from './bucket-address.ts'

/** A log file in a bucket. */
export interface LogObject {
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly storageClass?: string
}

export interface Listing {
  readonly objects: readonly LogObject[]
  /** Names of the folders below, without a slash; empty when the list is not by folder. */
  readonly folders: readonly string[]
}

/** A bucket that can be listed. */
export interface Bucket {
  readonly address: BucketAddress
  readonly client: S3Client
  /** API calls made so far. */
  calls: number
  readonly signal: AbortSignal
}

export type OpenS3 = (region: string) => Promise<S3Client>

/**
 * Finds the Region of the bucket, and checks that it can be listed. Throws Failure when there is no such bucket, when
 * s3:ListBucket is denied, and for any other error of AWS.
 */
export const openBucket = async (address: BucketAddress, open: OpenS3, region: string, signal: AbortSignal): Promise<Bucket> => {
  const bucket: Bucket = { address, client: await open(region), calls: 0, signal }
  try {
    await listOnce(bucket, { prefix: address.prefix, keys: 1 })
    return bucket
  } catch (error) {
    signal.throwIfAborted()
    const other = regionNamedBy(error)
    if (other === undefined || other === region) throw listFailure(error, address)
    const there: Bucket = { address, client: await open(other), calls: bucket.calls, signal }
    await listOnce(there, { prefix: address.prefix, keys: 1 }).catch((again: unknown) => {
      signal.throwIfAborted()
      throw listFailure(again, address)
    })
    return there
  }
}

const OTHER_REGION: ReadonlySet<string> = new Set([
  ...['PermanentRedirect', '301', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'],
])

/** In the wrong Region, S3 answers with a redirect or a signature error that names the right Region. */
const regionNamedBy = (error: unknown): string | undefined => {
  if (!OTHER_REGION.has(codeOf(error))) return undefined
  const { $response, Region } = error as { $response?: { headers?: Record<string, string> }; Region?: string }
  return $response?.headers?.['x-amz-bucket-region'] ?? Region ?? /expecting '([a-z0-9-]+)'/.exec((error as Error).message)?.[1]
}

interface ListRequest {
  readonly prefix: string
  readonly token?: string
  readonly keys?: number
  /** Folders are listed by name, without their contents. */
  readonly byFolder?: boolean
}

const listOnce = async (bucket: Bucket, { prefix, token, keys, byFolder }: ListRequest) => {
  bucket.calls += 1
  return bucket.client.send(
    new ListObjectsV2Command({
      Bucket: bucket.address.bucket,
      Prefix: prefix,
      ...given({ ContinuationToken: token, MaxKeys: keys, Delimiter: byFolder ? '/' : undefined }),
    }),
    { abortSignal: bucket.signal },
  )
}

/** Lists the objects below a prefix, in pages of up to 1,000 keys. Throws Failure. */
export async function* listObjects(bucket: Bucket, prefix: string, byFolder = false): AsyncGenerator<Listing> {
  const tokens = new Set<string>()
  let token: string | undefined
  do {
    const page = await listOnce(bucket, { prefix, byFolder, ...given({ token }) }).catch((error: unknown) => {
      bucket.signal.throwIfAborted()
      throw listFailure(error, { ...bucket.address, prefix })
    })
    yield {
      objects: (page.Contents ?? []).flatMap(({ Key, Size = 0, StorageClass }) =>
        Key && !Key.endsWith('/') ? [{ key: Key, size: Size, ...given({ storageClass: StorageClass }) }] : [],
      ),
      folders: (page.CommonPrefixes ?? []).flatMap(({ Prefix = '' }) => [Prefix.slice(prefix.length).replace(/\/$/, '')]),
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined
    if (token !== undefined && tokens.has(token)) throw repeated({ ...bucket.address, prefix })
    if (token !== undefined) tokens.add(token)
  } while (token !== undefined)
}

const repeated = (address: BucketAddress): Failure =>
  new Failure({
    kind: 'unavailable',
    what: `the list of ${addressOf(address)} is incomplete`,
    why: 'the service repeated a page token',
    remedy: 'check the endpoint, then run the command again',
  })

/** S3's code for a bucket that does not exist, where an object's is NoSuchKey. */
export const NO_SUCH_BUCKET = 'NoSuchBucket'

const listFailure = (error: unknown, address: BucketAddress): Failure => {
  const { bucket } = address
  if (codeOf(error) === NO_SUCH_BUCKET) {
    return new Failure({
      kind: 'usage',
      what: `there is no bucket ${bucket}`,
      remedy: 'check its name and the partition',
      cause: error,
    })
  }
  if (!isDenied(error)) return failureOf(error, `list ${addressOf(address)}`)
  return new Failure({
    kind: 'identity',
    what: `could not list ${addressOf(address)}`,
    why: 's3:ListBucket is denied',
    remedy: `allow the responder s3:ListBucket on arn:aws:s3:::${bucket}; in another account, such as the log archive, the bucket policy must allow it too`,
    cause: error,
  })
}
