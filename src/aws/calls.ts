import { row } from './call-row.ts'
import { witnessCalls } from './enrichment-calls.ts'
import { huntCalls } from './hunt-calls.ts'

/** One API call that ir-cred can make. The read-only guard, the responder's IAM policy and the documentation come from this table. */
export interface ApiCall {
  /** The IAM service prefix, which is also the SigV4 signing name. */
  readonly service: string
  /**
   * The operation. `StopInstances?DryRun` is the same with `DryRun: true`, which EC2 only answers and never carries out;
   * `StartQueryExecution?Select` is the same with a SELECT, which changes nothing (docs/decisions/0007).
   */
  readonly operation: string
  /** The IAM actions that it needs. */
  readonly actions: readonly string[]
  readonly access: 'read' | 'write'
  /** Stage ids, or `respond` (identity, at every start), `doctor` and `investigate`. */
  readonly stages: readonly string[]
  readonly why: string
  /** The resource as the Service Authorization Reference writes it, with PARTITION, REGION and ACCOUNT to be filled in; `*` where IAM knows none. */
  readonly resource: string
}

const role = 'arn:PARTITION:iam::ACCOUNT:role/*'
const instance = 'arn:PARTITION:ec2:REGION:ACCOUNT:instance/*'
const graph = 'arn:PARTITION:detective:REGION:ACCOUNT:graph:*'
const workGroup = 'arn:PARTITION:athena:REGION:ACCOUNT:workgroup/*'
const dataStore = 'arn:PARTITION:cloudtrail:REGION:ACCOUNT:eventdatastore/*'

export const apiCalls: readonly ApiCall[] = [
  row('read', 'sts', 'GetCallerIdentity', 'respond doctor', 'who responds, in which account, and what time AWS has'),
  row('read', 'guardduty', 'ListDetectors', 'find-finding doctor investigate', 'the detector of the Region'),
  row(
    'read',
    'guardduty',
    'GetDetector',
    'doctor',
    'whether the detector is enabled',
    'arn:PARTITION:guardduty:REGION:ACCOUNT:detector/*',
  ),
  row(
    'read',
    'guardduty',
    'ListFindings',
    'find-finding investigate',
    'findings on the key, the principal, the role or the instance',
  ),
  row('read', 'guardduty', 'GetFindings', 'find-finding investigate', 'what the findings say'),
  row('read', 'ec2', 'DescribeRegions', 'find-finding', 'the enabled Regions, for --all-regions'),
  row(
    'read',
    'iam',
    'GetRole',
    'identify-subject scope-blast-radius trace-activity hunt-persistence doctor investigate',
    'the role behind the finding: unique id, path, tags; whom roles that the attacker touched trust',
    role,
  ),
  row(
    'read',
    'ec2',
    'DescribeInstances',
    'identify-subject scope-blast-radius preserve-evidence restart-instance hunt-persistence',
    'the instance and the others that use the role; instances that the attacker started',
  ),
  row('read', 'ec2', 'DescribeAddresses', 'identify-subject', 'whether the remote address is one of the account’s Elastic IPs'),
  row(
    'read',
    'ec2',
    'DescribeNatGateways',
    'identify-subject',
    'whether the remote address is one of the account’s NAT gateways',
  ),
  row(
    'read',
    'cloudtrail',
    'LookupEvents',
    'identify-subject verify-rotation trace-activity close-incident',
    'when keys were issued and what they did',
  ),
  row('read', 'iam', 'ListInstanceProfilesForRole', 'scope-blast-radius', 'the instance profiles that carry the role', role),
  row(
    'read',
    'iam',
    'ListRolePolicies',
    'scope-blast-radius trace-activity investigate',
    'inline policies: is there room for one more',
    role,
  ),
  row(
    'read',
    'iam',
    'GetRolePolicy',
    'scope-blast-radius revoke-sessions trace-activity hunt-persistence investigate',
    'inline policies; the revocation read back; what the attacker wrote',
    role,
  ),
  row(
    'read',
    'iam',
    'SimulatePrincipalPolicy',
    'scope-blast-radius revoke-sessions doctor',
    'whether the role can edit IAM; that older sessions are denied and newer ones are not',
    role,
  ),
  row('read', 'ec2', 'DescribeInstanceAttribute', 'scope-blast-radius', 'stop protection', instance),
  row('read', 'ec2', 'DescribeSpotInstanceRequests', 'scope-blast-radius', 'whether a Spot instance can be stopped'),
  row(
    'read',
    'autoscaling',
    'DescribeAutoScalingInstances',
    'scope-blast-radius',
    'whether an Auto Scaling group would replace a stopped instance',
  ),
  row(
    'read',
    'ec2',
    'StopInstances?DryRun',
    'scope-blast-radius',
    'whether we may stop it, asked before anything is changed',
    instance,
  ),
  row('read', 'ec2', 'StartInstances?DryRun', 'scope-blast-radius', 'whether we may start it again', instance),
  row('read', 'ec2', 'CreateSnapshots?DryRun', 'scope-blast-radius', 'whether we may take snapshots', '*'),
  row(
    'read',
    'ssm',
    'GetServiceSetting',
    'scope-blast-radius',
    'whether Default Host Management could speak for the instance',
    'arn:PARTITION:ssm:REGION:ACCOUNT:servicesetting/*',
  ),
  row('write', 'iam', 'PutRolePolicy', 'revoke-sessions', 'the deny on older sessions, AWSRevokeOlderSessions', role),
  row(
    'read',
    'ec2',
    'DescribeSnapshots',
    'preserve-evidence hunt-persistence',
    'the snapshots of this incident; those that the attacker took',
  ),
  row('read', 'ec2', 'GetConsoleOutput', 'preserve-evidence', 'the console’s last output, before the stop', instance),
  row('write', 'ec2', 'CreateSnapshots', 'preserve-evidence', 'a snapshot of every volume at one point in time', '*', [
    'ec2:CreateSnapshots',
    'ec2:CreateTags',
  ]),
  row('write', 'ec2', 'StopInstances', 'restart-instance', 'the stop', instance),
  row('write', 'ec2', 'StartInstances', 'restart-instance', 'the start', instance),
  row(
    'read',
    'ssm',
    'DescribeInstanceInformation',
    'verify-rotation doctor',
    'whether the agent has been heard from since the start',
  ),
  row('read', 'ssm', 'ListCommands', 'verify-rotation', 'a command sent by an earlier run'),
  row('read', 'ssm', 'GetCommandInvocation', 'verify-rotation', 'what the instance answered'),
  row('write', 'ssm', 'SendCommand', 'verify-rotation', 'the fixed script that prints key id and times', '*'),
  row('read', 'detective', 'ListGraphs', 'investigate-session doctor investigate', 'the behaviour graph'),
  row(
    'read',
    'detective',
    'ListInvitations',
    'investigate-session investigate',
    'which account administers the graph, where this one is a member',
  ),
  row(
    'read',
    'detective',
    'GetMembers',
    'investigate-session investigate',
    'whether another account’s graph has the incident’s account as a member',
    graph,
  ),
  row(
    'read',
    'detective',
    'ListInvestigations',
    'investigate-session investigate',
    'an investigation that exists already',
    graph,
  ),
  row('read', 'detective', 'GetInvestigation', 'investigate-session investigate', 'its status and severity', graph),
  row('read', 'detective', 'ListIndicators', 'investigate-session investigate', 'what it found', graph),
  row('write', 'detective', 'StartInvestigation', 'investigate-session', 'an investigation of the role', graph),
  ...huntCalls,
]

/** The calls of an investigation that asks a paid query service: not needed for a response. */
export const investigationCalls: readonly ApiCall[] = [
  row('read', 'athena', 'GetTableMetadata', 'investigate', 'the columns and partitions of a table of CloudTrail logs', '*', [
    'athena:GetTableMetadata',
    'glue:GetDatabase',
    'glue:GetTable',
    'glue:GetPartitions',
  ]),
  row(
    'read',
    'athena',
    'StartQueryExecution?Select',
    'investigate',
    'a query over CloudTrail logs, paid by the bytes read',
    workGroup,
  ),
  row('read', 'athena', 'GetQueryExecution', 'investigate', 'whether the query has ended, and what it has read', workGroup),
  row('read', 'athena', 'GetQueryResults', 'investigate', 'what the query found', workGroup),
  row('read', 'athena', 'StopQueryExecution', 'investigate', 'the end of a query of this run, when it is interrupted', workGroup),
  row('read', 'cloudtrail', 'StartQuery', 'investigate', 'a query over an event data store, paid by the bytes read', dataStore),
  row('read', 'cloudtrail', 'DescribeQuery', 'investigate', 'whether the query has ended, and what it has read', dataStore),
  row('read', 'cloudtrail', 'GetQueryResults', 'investigate', 'what the query found', dataStore),
  row('read', 'cloudtrail', 'CancelQuery', 'investigate', 'the end of a query of this run, when it is interrupted', dataStore),
  row('read', 's3', 'ListObjectsV2', 'investigate', 'which log files a trail has delivered', 'arn:PARTITION:s3:::*', [
    's3:ListBucket',
  ]),
  row('read', 's3', 'GetObject', 'investigate', 'the log files of a trail', 'arn:PARTITION:s3:::*/AWSLogs/*'),
]

const byName = new Map(
  [...apiCalls, ...witnessCalls, ...investigationCalls].map((call) => [`${call.service}:${call.operation}`, call]),
)

/** The table's row for a call, by signing name, operation and what in the input makes another call of it. */
export const findCall = (service: string, operation: string, input?: unknown): ApiCall | undefined =>
  byName.get(`${service}:${operation}${variantOf(input)}`)

/** A dry run, a query that only reads, and a query whose results would be put into a bucket of somebody's choice. */
const variantOf = (input: unknown): string => {
  if (typeof input !== 'object' || input === null) return ''
  if ('DryRun' in input && input.DryRun === true) return '?DryRun'
  if ('DeliveryS3Uri' in input && input.DeliveryS3Uri !== undefined) return '?Delivery'
  return 'QueryString' in input && typeof input.QueryString === 'string' && /^SELECT\s/.test(input.QueryString) ? '?Select' : ''
}
