import { Failure } from '../../../incident/values/failure.ts'

/** A place in a bucket. */
export interface BucketAddress {
  readonly bucket: string
  /** What the keys begin with: empty, or without a slash in front. */
  readonly prefix: string
}

const ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s

/** Reads `s3://bucket/prefix` ("Bucket naming rules"). Throws Failure usage for anything else. */
export const parseBucketAddress = (text: string): BucketAddress => {
  const [, bucket, prefix = ''] = ADDRESS.exec(text) ?? []
  if (bucket) return { bucket, prefix: prefix.replace(/^\/+/, '') }
  throw new Failure({
    kind: 'usage',
    what: `${text} is no address of a bucket`,
    remedy: 'give s3://bucket or s3://bucket/prefix, as it lies before AWSLogs',
  })
}

export const addressOf = ({ bucket, prefix }: BucketAddress): string => `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`
