import { createHash } from 'node:crypto'
import type {
  _Object,
  BucketLocationConstraint,
  GetBucketLocationOutput,
  GetBucketLocationRequest,
  GetBucketLoggingOutput,
  GetBucketLoggingRequest,
  GetObjectRequest,
  GetPublicAccessBlockOutput,
  GetPublicAccessBlockRequest,
  HeadObjectOutput,
  HeadObjectRequest,
  ListBucketsOutput,
  ListBucketsRequest,
  ListObjectsV2Output,
  ListObjectsV2Request,
} from '@aws-sdk/client-s3'
import { given } from '../../incident/values/given.ts'
import type { StoredObject } from '../account/holdings.ts'
import { ServiceError } from '../call.ts'
import { pageOf } from '../page.ts'
import { operation, type Service } from '../service.ts'
import { bucketNamed, bucketWithObjects, inTrail, onBucket, onObject, storedObject } from './s3/found.ts'
import { bucketPolicyOperations } from './s3/policies.ts'

const OWNER = '7c1f0e9d8b5a46372819c0d1e2f3a4b5c6d7e8f901234567890abcdef1234567'
const LARGEST_PAGE = 1000

const invalid = (message: string): ServiceError => new ServiceError('InvalidArgument', message)

const listBuckets = operation<ListBucketsRequest, ListBucketsOutput>({
  authorize: () => [{ action: 's3:ListAllMyBuckets', resource: '*' }],
  run: (account, { Prefix = '', MaxBuckets = LARGEST_PAGE, ContinuationToken }) => {
    const items = [...account.buckets.values()].filter(({ name }) => name.startsWith(Prefix))
    const page = pageOf({
      ...{ items, size: MaxBuckets, token: ContinuationToken, keyOf: ({ name }: { name: string }) => name, boundTo: { Prefix } },
      refuse: () => invalid('The continuation token provided is incorrect'),
    })
    return {
      Buckets: page.items.map(({ name, createdAt }) => ({ Name: name, CreationDate: new Date(createdAt) })),
      Owner: { ID: OWNER },
      ...given({ ContinuationToken: page.nextToken }),
    }
  },
  writes: false,
})

const etagOf = ({ body }: StoredObject): string => `"${createHash('md5').update(body).digest('hex')}"`

const sizeOf = ({ body }: StoredObject): number => Buffer.byteLength(body)

const contentOf = (key: string, object: StoredObject): _Object => ({
  ...{ Key: key, ETag: etagOf(object), Size: sizeOf(object), StorageClass: 'STANDARD' },
  LastModified: new Date(object.modifiedAt),
})

/** The part of a key up to the delimiter behind the prefix; undefined for a key without one. */
const commonPrefix = (key: string, prefix: string, delimiter: string): string | undefined => {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
  return end < 0 ? undefined : key.slice(0, end + delimiter.length)
}

const listObjectsV2 = operation<ListObjectsV2Request, ListObjectsV2Output>({
  authorize: onBucket('ListBucket'),
  run: (account, { Bucket, Prefix = '', Delimiter = '', StartAfter = '', MaxKeys = LARGEST_PAGE, ContinuationToken }) => {
    const { name, objects } = bucketWithObjects(account, Bucket)
    const keys = [...objects.keys()].filter((key) => key.startsWith(Prefix) && key > StartAfter).sort()
    const entries = [...new Set(keys.map((key) => commonPrefix(key, Prefix, Delimiter) ?? key))]
    const page = pageOf({
      ...{ items: entries, size: Math.min(MaxKeys, LARGEST_PAGE), token: ContinuationToken, keyOf: (entry: string) => entry },
      boundTo: { Bucket, Prefix, Delimiter },
      refuse: () => invalid('The continuation token provided is incorrect'),
    })
    const isPrefix = (entry: string): boolean => !objects.has(entry)
    return {
      ...{ Name: name, Prefix, MaxKeys, KeyCount: page.items.length, IsTruncated: page.nextToken !== undefined },
      Contents: page.items.flatMap((key) => {
        const object = objects.get(key)
        return object ? [contentOf(key, object)] : []
      }),
      CommonPrefixes: page.items.filter(isPrefix).map((entry) => ({ Prefix: entry })),
      ...given({ Delimiter: Delimiter || undefined, NextContinuationToken: page.nextToken, ContinuationToken }),
    }
  },
  writes: false,
  isDataEvent: true,
  written: inTrail,
})

const headOf = (object: StoredObject): HeadObjectOutput => ({
  ...{ ContentLength: sizeOf(object), ContentType: 'binary/octet-stream', ETag: etagOf(object) },
  LastModified: new Date(object.modifiedAt),
})

const headObject = operation<HeadObjectRequest, HeadObjectOutput>({
  authorize: onObject('GetObject'),
  run: (account, { Bucket, Key }) => headOf(storedObject(account, { Bucket, Key })),
  writes: false,
  isDataEvent: true,
  written: inTrail,
})

const getObject = operation<GetObjectRequest, object>({
  authorize: onObject('GetObject'),
  run: (account, { Bucket, Key }) => {
    const object = storedObject(account, { Bucket, Key })
    return { ...headOf(object), Body: object.body }
  },
  writes: false,
  isDataEvent: true,
  written: inTrail,
})

const getBucketLocation = operation<GetBucketLocationRequest, GetBucketLocationOutput>({
  authorize: onBucket('GetBucketLocation'),
  run: (account, { Bucket }) => {
    bucketNamed(account, Bucket)
    // us-east-1 is no constraint ("GetBucketLocation").
    return account.region === 'us-east-1' ? {} : { LocationConstraint: account.region as BucketLocationConstraint }
  },
  writes: false,
  written: inTrail,
})

const getBucketLogging = operation<GetBucketLoggingRequest, GetBucketLoggingOutput>({
  authorize: onBucket('GetBucketLogging'),
  run: (account, { Bucket }) => {
    // Nobody in the account writes access logs: what was read of a bucket is not recorded.
    bucketNamed(account, Bucket)
    return {}
  },
  writes: false,
  written: inTrail,
})

const getPublicAccessBlock = operation<GetPublicAccessBlockRequest, GetPublicAccessBlockOutput>({
  authorize: onBucket('GetBucketPublicAccessBlock'),
  run: (account, { Bucket }) => {
    const { blocksPublicAccess } = bucketNamed(account, Bucket)
    if (!blocksPublicAccess)
      throw new ServiceError('NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found', 404)
    return {
      PublicAccessBlockConfiguration: {
        ...{ BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
      },
    }
  },
  writes: false,
  written: inTrail,
})

/** S3, as far as a responder looks at what was read and locks a bucket. Nothing is stored or deleted. */
export const s3: Service = {
  ListBuckets: listBuckets,
  ListObjectsV2: listObjectsV2,
  HeadObject: headObject,
  GetObject: getObject,
  GetBucketLocation: getBucketLocation,
  GetBucketLogging: getBucketLogging,
  GetPublicAccessBlock: getPublicAccessBlock,
  ...bucketPolicyOperations,
}
