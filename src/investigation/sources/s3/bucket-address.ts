import { Failure } from '../../../incident/values/failure.ts'

/** A prefix in a bucket. */
export interface BucketAddress {
  readonly bucket: string
  /** The start of keys: empty, or without a leading slash. */
  readonly prefix: string
}

const ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s

/** Reads `s3://bucket/prefix` ("Bucket naming rules"). Throws Failure usage for anything else. */
export const parseBucketAddress = (text: string): BucketAddress => {
  const [, bucket, prefix = ''] = ADDRESS.exec(text) ?? []
  if (bucket) return { bucket, prefix: prefix.replace(/^\/+/, '') }
  throw new Failure({
    kind: 'usage',
    what: `${text} is not a valid S3 address`,
    remedy: 'give s3://bucket or s3://bucket/prefix, with the prefix that stands before AWSLogs',
  })
}

export const addressOf = ({ bucket, prefix }: BucketAddress): string => `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`
