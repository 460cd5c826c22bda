import type { PlannedCall } from './actors.ts'

export type Step = Omit<PlannedCall, 'afterSeconds' | 'userAgent'>

const WHO_AM_I: Step = { call: 'sts:GetCallerIdentity', asks: null }
const LIST_BUCKETS: Step = { call: 's3:ListBuckets', asks: 's3:ListAllMyBuckets' }
const INSTANCES: Step = { call: 'ec2:DescribeInstances', parameters: { MaxResults: 1000 } }

/** The bucket that the web application keeps its uploads in. */
const UPLOADS = 'acme-web-uploads'

const bucket = (call: string): Step => ({ call, resource: `arn:aws:s3:::${UPLOADS}`, parameters: { BucketName: UPLOADS } })

const readObject = (key: string): Step => ({
  call: 's3:GetObject',
  resource: `arn:aws:s3:::${UPLOADS}/${key}`,
  management: false,
  parameters: { BucketName: UPLOADS, Key: key },
})

/** Who am I, what is here, what may I do: some of it the role was never allowed, and an attacker tries it all the same. */
export const reconnaissanceSteps = (accountId: string, roleName: string): readonly Step[] => [
  WHO_AM_I,
  LIST_BUCKETS,
  { call: 'iam:ListUsers' },
  { call: 'iam:ListRoles' },
  INSTANCES,
  { call: 'ec2:DescribeSecurityGroups' },
  { call: 'secretsmanager:ListSecrets' },
  bucket('s3:GetBucketLocation'),
  bucket('s3:GetBucketPolicy'),
  readObject('index.json'),
  readObject('invoices/2026-10.csv'),
  { call: 'ec2:DescribeSnapshots', parameters: { OwnerIds: ['self'] } },
  { call: 'ec2:DescribeImages', parameters: { Owners: ['self'] } },
  { call: 'iam:GetAccountAuthorizationDetails' },
  { call: 'iam:ListAttachedRolePolicies', parameters: { RoleName: roleName } },
  { call: 'ec2:DescribeVpcs' },
  readObject('invoices/2026-11.csv'),
  { call: 'iam:CreateUser', readOnly: false, parameters: { UserName: 'aws-support' } },
  { call: 'secretsmanager:ListSecrets' },
  LIST_BUCKETS,
  { call: 'ec2:DescribeRegions' },
  INSTANCES,
  {
    call: 'sts:AssumeRole',
    resource: `arn:aws:iam::${accountId}:role/Admin`,
    parameters: { RoleArn: `arn:aws:iam::${accountId}:role/Admin`, RoleSessionName: 'test' },
  },
  WHO_AM_I,
]

/** What works, again and again: the bucket is copied away. */
export const TAKING: readonly Step[] = [
  LIST_BUCKETS,
  readObject('customers.csv'),
  INSTANCES,
  readObject('invoices/2026-09.csv'),
  bucket('s3:GetBucketLocation'),
  WHO_AM_I,
]

/** What somebody tries who was refused: the same doors, and whether the key is still alive. It is: nothing denies GetCallerIdentity. */
export const TRYING: readonly Step[] = [LIST_BUCKETS, WHO_AM_I, INSTANCES, readObject('customers.csv')]
