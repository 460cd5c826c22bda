import { type ApiCall, readCall as read } from './api-call.ts'

const ASKED_IN_SQL = 'identify-subject investigate'
const workGroup = 'arn:PARTITION:athena:REGION:ACCOUNT:workgroup/*'
const dataStore = 'arn:PARTITION:cloudtrail:REGION:ACCOUNT:eventdatastore/*'

/**
 * The calls to the places that hold records: Athena, CloudTrail Lake and S3. A response asks Athena or
 * CloudTrail Lake only where `--athena` or `--lake` is given.
 */
export const investigationCalls: readonly ApiCall[] = [
  read('athena', 'GetTableMetadata', ASKED_IN_SQL, 'the columns and partitions of a table of CloudTrail logs', '*', [
    'athena:GetTableMetadata',
    'glue:GetDatabase',
    'glue:GetTable',
    'glue:GetPartitions',
  ]),
  read('athena', 'StartQueryExecution?Select', ASKED_IN_SQL, 'a query over CloudTrail logs, paid by the bytes read', workGroup),
  read('athena', 'GetQueryExecution', ASKED_IN_SQL, 'whether the query has ended, and what it has read', workGroup),
  read('athena', 'GetQueryResults', ASKED_IN_SQL, 'what the query found', workGroup),
  read(
    'athena',
    'StopQueryExecution',
    ASKED_IN_SQL,
    'stops the query when the run is interrupted, or its time is over',
    workGroup,
  ),
  read('cloudtrail', 'StartQuery', ASKED_IN_SQL, 'a query over an event data store, paid by the bytes read', dataStore),
  read('cloudtrail', 'DescribeQuery', ASKED_IN_SQL, 'whether the query has ended, and what it has read', dataStore),
  read('cloudtrail', 'GetQueryResults', ASKED_IN_SQL, 'what the query found', dataStore),
  read('cloudtrail', 'CancelQuery', ASKED_IN_SQL, 'stops the query when the run is interrupted, or its time is over', dataStore),
  read('cloudtrail', 'ListPublicKeys', 'investigate', 'the public keys with which CloudTrail signs digest files', '*'),
  read('s3', 'ListObjectsV2', 'investigate', 'which log files a trail has delivered', 'arn:PARTITION:s3:::*', ['s3:ListBucket']),
  read('s3', 'GetObject', 'investigate', 'the log files of a trail', 'arn:PARTITION:s3:::*/AWSLogs/*'),
]
