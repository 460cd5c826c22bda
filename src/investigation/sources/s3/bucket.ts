import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { codeOf, failureOf, problemOf } from '../../../aws/failure.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { addressOf, type BucketAddress } from './bucket-address.ts'

/** A log file in a bucket. */
export interface LogObject {
  readonly key: string
  readonly size: number
  readonly storageClass?: string
}

export interface Listing {
  readonly objects: readonly LogObject[]
  /** Names of the folders below, without a slash; only where folders were asked for. */
  readonly folders: readonly string[]
}

/** A bucket that answers. */
export interface Bucket {
  readonly address: BucketAddress
  readonly client: S3Client
  /** Calls made so far. */
  calls: number
  readonly signal: AbortSignal
}

export type OpenS3 = (region: string) => Promise<S3Client>

/**
 * Finds the Region of the bucket, in which alone it can be read, and asks whether it may be listed.
 * Throws Failure: no such bucket, s3:ListBucket denied, or what else AWS says.
 */
export const openBucket = async (address: BucketAddress, open: OpenS3, region: string, signal: AbortSignal): Promise<Bucket> => {
  const bucket: Bucket = { address, client: await open(region), calls: 0, signal }
  try {
    await listOnce(bucket, { prefix: address.prefix, keys: 1 })
    return bucket
  } catch (error) {
    signal.throwIfAborted()
    const other = regionSaidBy(error)
    if (other === undefined || other === region) throw listFailure(error, address)
    const there: Bucket = { address, client: await open(other), calls: bucket.calls, signal }
    await listOnce(there, { prefix: address.prefix, keys: 1 }).catch((again: unknown) => {
      signal.throwIfAborted()
      throw listFailure(again, address)
    })
    return there
  }
}

/** S3 answers a wrong Region with a redirect, or with a complaint about the signature, and names the right one. */
const regionSaidBy = (error: unknown): string | undefined => {
  if (!/^(PermanentRedirect|301|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/.test(codeOf(error)))
    return undefined
  const { $response, Region } = error as { $response?: { headers?: Record<string, string> }; Region?: string }
  return $response?.headers?.['x-amz-bucket-region'] ?? Region ?? /expecting '([a-z0-9-]+)'/.exec((error as Error).message)?.[1]
}

interface ListRequest {
  readonly prefix: string
  readonly token?: string
  readonly keys?: number
  /** Folders are listed as such, and not what is in them. */
  readonly byFolder?: boolean
}

const listOnce = async (bucket: Bucket, { prefix, token, keys, byFolder }: ListRequest) => {
  bucket.calls += 1
  return bucket.client.send(
    new ListObjectsV2Command({
      Bucket: bucket.address.bucket,
      Prefix: prefix,
      ...(token === undefined ? {} : { ContinuationToken: token }),
      ...(keys === undefined ? {} : { MaxKeys: keys }),
      ...(byFolder ? { Delimiter: '/' } : {}),
    }),
    { abortSignal: bucket.signal },
  )
}

/** Lists what lies below a prefix, page by page, up to 1,000 keys each. Throws Failure. */
export async function* listObjects(bucket: Bucket, prefix: string, byFolder = false): AsyncGenerator<Listing> {
  const tokens = new Set<string>()
  let token: string | undefined
  do {
    const page = await listOnce(bucket, { prefix, byFolder, ...(token === undefined ? {} : { token }) }).catch(
      (error: unknown) => {
        bucket.signal.throwIfAborted()
        throw listFailure(error, { ...bucket.address, prefix })
      },
    )
    yield {
      objects: (page.Contents ?? []).flatMap(({ Key, Size = 0, StorageClass }) =>
        Key && !Key.endsWith('/') ? [{ key: Key, size: Size, ...(StorageClass ? { storageClass: StorageClass } : {}) }] : [],
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
    remedy: 'check the endpoint, then ask again',
  })

const listFailure = (error: unknown, address: BucketAddress): Failure => {
  const { bucket } = address
  if (codeOf(error) === 'NoSuchBucket') {
    return new Failure({
      kind: 'usage',
      what: `there is no bucket ${bucket}`,
      remedy: 'check its name, and the partition',
      cause: error,
    })
  }
  if (problemOf(error) !== 'denied') return failureOf(error, `list ${addressOf(address)}`)
  return new Failure({
    kind: 'identity',
    what: `could not list ${addressOf(address)}`,
    why: 's3:ListBucket is denied',
    remedy: `allow the responder s3:ListBucket on arn:aws:s3:::${bucket}; where the bucket is another account's, such as the log archive's, its bucket policy has to allow it too`,
    cause: error,
  })
}
