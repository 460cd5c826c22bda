import type { Account } from '../../account/account.ts'
import type { StoredBucket, StoredObject } from '../../account/holdings.ts'
import { ServiceError } from '../../call.ts'
import type { Authorization } from '../../service.ts'

interface InBucket {
  readonly Bucket?: string | undefined
}

interface ForObject extends InBucket {
  readonly Key?: string | undefined
}

/** A bucket by its name. Throws NoSuchBucket. */
export const bucketNamed = ({ buckets }: Account, name: string | undefined): StoredBucket => {
  const bucket = buckets.get(name ?? '')
  if (bucket) return bucket
  throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404)
}

/** A bucket whose objects are here. Throws a refusal where a service writes them that is not simulated. */
export const bucketWithObjects = (account: Account, name: string | undefined): StoredBucket => {
  const bucket = bucketNamed(account, name)
  if (bucket.unserved === undefined) return bucket
  throw new ServiceError('NotImplemented', `${bucket.unserved} Nothing was read.`)
}

/** An object by its bucket and key. Throws NoSuchKey. */
export const storedObject = (account: Account, { Bucket, Key = '' }: ForObject): StoredObject => {
  const object = bucketWithObjects(account, Bucket).objects.get(Key)
  if (object) return object
  throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404)
}

const bucketArn = ({ partition }: Account, name = ''): string => `arn:${partition}:s3:::${name}`

/** What IAM is asked of a call about a bucket. */
export const onBucket =
  (action: string) =>
  (account: Account, { Bucket }: InBucket): readonly Authorization[] => [
    { action: `s3:${action}`, resource: bucketArn(account, Bucket) },
  ]

/** What IAM is asked of a call about an object. */
export const onObject =
  (action: string) =>
  (account: Account, { Bucket, Key = '' }: ForObject): readonly Authorization[] => [
    { action: `s3:${action}`, resource: `${bucketArn(account, Bucket)}/${Key}` },
  ]

/** CloudTrail calls the bucket by another name than the API, and leaves a policy's text as JSON. */
export const inTrail = ({ Bucket, Key }: ForObject): { readonly request: object } => ({
  request: { BucketName: Bucket, ...(Key === undefined ? {} : { Key }) },
})
