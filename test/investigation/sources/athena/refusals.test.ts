import { describe, expect, it } from 'vitest'
import { Failure } from '../../../../src/incident/values/failure.ts'
import { ATHENA_REFUSALS, refusalOf } from '../../../../src/investigation/sources/athena/refusals.ts'
import { LAKE_REFUSALS } from '../../../../src/investigation/sources/lake/lake-refusals.ts'

/** Reasons and errors as Athena words them, by what a responder reads instead. */
const ATHENA: readonly (readonly [reason: string, kind: string, what: string, remedy: string])[] = [
  [
    "TABLE_NOT_FOUND: line 1:900: Table 'awsdatacatalog.logs.trail' does not exist",
    'usage',
    'no such table',
    '--print-athena-table',
  ],
  ["SCHEMA_NOT_FOUND: line 1:15: Schema 'logs' does not exist", 'usage', 'no such table', 'the Region'],
  [
    'MetadataException: EntityNotFoundException: Entity Not Found (Service: AmazonDataCatalog)',
    'usage',
    'no such table',
    '--athena',
  ],
  [
    "COLUMN_NOT_FOUND: line 1:20: Column 'timestamp' cannot be resolved or requester is not authorized",
    'usage',
    '(partition projection)',
    '--print-athena-table',
  ],
  [
    'CONSTRAINT_VIOLATION: For the injected projected partition column account, the WHERE clause must contain only static equality conditions',
    'usage',
    '(partition projection)',
    '--print-athena-table',
  ],
  [
    "COLUMN_NOT_FOUND: line 1:20: Column 'useridentity.type' cannot be resolved",
    'usage',
    'as AWS documents it',
    '--print-athena-table',
  ],
  [
    'Access denied when writing output to url: s3://results/x.csv . Please ensure you are allowed to access the S3 bucket.',
    'identity',
    'write results to S3',
    's3:PutObject',
  ],
  [
    'PERMISSION_DENIED: Permission denied on S3 path: s3://logs/AWSLogs/1/CloudTrail',
    'identity',
    'read the logs in S3',
    's3:GetObject',
  ],
  [
    'AccessDeniedException: User: arn:aws:sts::1:assumed-role/ir/me is not authorized to perform: athena:StartQueryExecution',
    'identity',
    'run it',
    'athena:StartQueryExecution',
  ],
  [
    'HIVE_METASTORE_ERROR: User is not authorized to perform: glue:GetTable on resource: arn:aws:glue',
    'identity',
    'AWS Glue',
    'glue:GetPartitions',
  ],
  ['HIVE_METASTORE_ERROR: Insufficient Lake Formation permission(s) on trail', 'identity', 'Lake Formation', 'grant SELECT'],
  [
    'com.amazonaws.services.s3.model.AmazonS3Exception: The ciphertext refers to a customer master key that does not exist',
    'identity',
    'the key',
    'kms:Decrypt',
  ],
  [
    'InvalidRequestException: No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.',
    'usage',
    'where to put results',
    '--athena-output',
  ],
  ['InvalidRequestException: Unable to verify/create output bucket results', 'usage', 'where to put results', '--athena-output'],
  ['InvalidRequestException: WorkGroup responders is not found.', 'usage', 'no such Athena workgroup', '--athena-workgroup'],
  ['Query cancelled! : Bytes scanned limit was exceeded', 'blocked', 'the workgroup’s own limit', '--since'],
  [
    "HIVE_EXCEEDED_PARTITION_LIMIT: Query over table 'logs.trail' can potentially read more than 1000000 partitions",
    'blocked',
    'too many partitions',
    '--since',
  ],
  ['HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException', 'blocked', 'one of the log files', '--logs s3://'],
  ['Query exhausted resources at this scale factor', 'unavailable', 'too much', '--until'],
  ['Query timeout', 'unavailable', 'too much', '--until'],
]

const LAKE: readonly (readonly [reason: string, kind: string, what: string])[] = [
  ['EventDataStoreNotFoundException: not found', 'usage', 'no such event data store'],
  ['InactiveEventDataStoreException: The event data store is inactive.', 'blocked', 'not enabled'],
  ['MaxConcurrentQueriesException: too many', 'unavailable', 'as many queries'],
  ['UnsupportedOperationException: This operation is not supported', 'usage', 'no new customers since 31 May 2026'],
  ['AccessDeniedException: User is not authorized to perform: cloudtrail:StartQuery', 'identity', 'may not ask'],
  ['TIMED_OUT', 'unavailable', 'longer than'],
]

describe('what Athena refuses', () => {
  it.each(ATHENA)('%s', (reason, kind, what, remedy) => {
    const failure = refusalOf(reason, ATHENA_REFUSALS, 'ask Athena')
    expect(failure).toMatchObject({ kind, why: reason.slice(0, 400) })
    expect(failure.what).toContain(what)
    expect(failure.remedy).toContain(remedy)
  })

  it('is told in AWS’s own words where they are new', () => {
    expect(refusalOf('Something new', ATHENA_REFUSALS, 'ask Athena')).toMatchObject({
      what: 'could not ask Athena',
      why: 'Something new',
      remedy: expect.stringContaining('--logs'),
    })
    const error = Object.assign(new Error('busy'), { name: 'TooManyRequestsException', $metadata: { httpStatusCode: 400 } })
    expect(refusalOf(error, ATHENA_REFUSALS, 'ask Athena')).toMatchObject({
      kind: 'unavailable',
      why: 'TooManyRequestsException: busy',
    })
  })

  it('is not told twice', () => {
    const failure = new Failure({ kind: 'usage', what: 'x' })
    expect(refusalOf(failure, ATHENA_REFUSALS, 'ask Athena')).toBe(failure)
  })
})

describe('what CloudTrail Lake refuses', () => {
  it.each(LAKE)('%s', (reason, kind, what) => {
    const failure = refusalOf(reason, LAKE_REFUSALS, 'ask CloudTrail Lake')
    expect(failure.kind).toBe(kind)
    expect(failure.what).toContain(what)
    expect(failure.remedy).toBeTruthy()
  })
})
