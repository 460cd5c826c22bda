export {
  DeleteBucketPolicy$,
  GetBucketLocation$,
  GetBucketLogging$,
  GetBucketPolicy$,
  GetObject$,
  GetPublicAccessBlock$,
  HeadObject$,
  ListBuckets$,
  ListObjectsV2$,
  PutBucketPolicy$,
} from '@aws-sdk/client-s3'
