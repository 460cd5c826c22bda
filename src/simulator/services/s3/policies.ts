import type {
  DeleteBucketPolicyRequest,
  GetBucketPolicyOutput,
  GetBucketPolicyRequest,
  PutBucketPolicyRequest,
} from '@aws-sdk/client-s3'
import { parseResourcePolicy } from '../../authorization/policy.ts'
import { ServiceError } from '../../call.ts'
import { operation, type Service } from '../../service.ts'
import { bucketNamed, inTrail, onBucket } from './found.ts'

const LONGEST_POLICY = 20_480

const malformed = (message: string): ServiceError => new ServiceError('MalformedPolicy', message)

/** The policy as S3 takes it. Throws MalformedPolicy; AccessDenied for a public one, where the bucket blocks those. */
const checkPolicy = (text: string, name: string, blocksPublicAccess: boolean): void => {
  if (text.length > LONGEST_POLICY) throw malformed('Policy is too large.')
  let parsed: ReturnType<typeof parseResourcePolicy>
  try {
    parsed = parseResourcePolicy(text)
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : 'Policies must be valid JSON')
  }
  const about = new RegExp(`^(?:\\*|arn:[^:]+:s3:::${name}(?:/.*)?)$`, 's')
  if (!parsed.statements.every(({ resources }) => resources.patterns.every((pattern) => about.test(pattern))))
    throw malformed('Policy has invalid resource')
  const isPublic = parsed.statements.some(
    ({ effect, principals, conditions }) => effect === 'Allow' && conditions.length === 0 && principals.get('AWS')?.includes('*'),
  )
  if (isPublic && blocksPublicAccess)
    throw new ServiceError(
      'AccessDenied',
      'User is not authorized to perform: s3:PutBucketPolicy because public policies are blocked by the BlockPublicPolicy block public access setting.',
      403,
    )
}

const putBucketPolicy = operation<PutBucketPolicyRequest, object>({
  authorize: onBucket('PutBucketPolicy'),
  run: (account, { Bucket, Policy = '' }) => {
    const bucket = bucketNamed(account, Bucket)
    checkPolicy(Policy, bucket.name, bucket.blocksPublicAccess)
    bucket.policy = Policy
    return {}
  },
  writes: true,
  written: ({ Bucket, Policy }) => ({ request: { BucketName: Bucket, BucketPolicy: Policy } }),
})

const getBucketPolicy = operation<GetBucketPolicyRequest, GetBucketPolicyOutput>({
  authorize: onBucket('GetBucketPolicy'),
  run: (account, { Bucket }) => {
    const { policy } = bucketNamed(account, Bucket)
    if (policy === undefined) throw new ServiceError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404)
    return { Policy: policy }
  },
  writes: false,
  written: inTrail,
})

const deleteBucketPolicy = operation<DeleteBucketPolicyRequest, object>({
  authorize: onBucket('DeleteBucketPolicy'),
  run: (account, { Bucket }) => {
    delete bucketNamed(account, Bucket).policy
    return {}
  },
  writes: true,
  written: inTrail,
})

/** The operations on a bucket's policy: calls are decided by it at once. */
export const bucketPolicyOperations: Service = {
  GetBucketPolicy: getBucketPolicy,
  PutBucketPolicy: putBucketPolicy,
  DeleteBucketPolicy: deleteBucketPolicy,
}
