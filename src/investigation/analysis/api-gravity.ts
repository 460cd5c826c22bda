import type { ApiRow } from '../../incident/facts/activity-rows.ts'
import { GRAVITIES, type Gravity } from '../../incident/facts/gravity.ts'
import { eventKeyOf, PERSISTENCE_RULES } from '../persistence/rules.ts'
import { isTokenIssue, keepsParameters } from '../record-parameters.ts'
import { type Api, serviceOf } from './call-totals.ts'
import type { TimeBucket } from './time-buckets.ts'

/** How grave an API is by itself: as the artefact that it leaves, as the data that it reads or destroys, or a write or a read of no class. */
export type ApiGravity = Gravity | 'session' | 'write' | 'look'

/** APIs that destroy data, machines that hold it, or the means to read it. Deletions of what was merely set up are writes. */
const DESTROYS =
  /^(?:s3:(?:DeleteObjects?|DeleteObjectVersion|DeleteBucket)|ec2:(?:TerminateInstances|DeleteSnapshot|DeleteVolume|DeregisterImage)|rds:DeleteDB(?:Instance|Cluster|Snapshot|ClusterSnapshot)|rds:DeleteGlobalCluster|dynamodb:(?:DeleteTable|DeleteBackup)|redshift:DeleteCluster\w*|backup:Delete(?:BackupVault|RecoveryPoint)|elasticfilesystem:DeleteFileSystem|fsx:DeleteFileSystem|glacier:Delete(?:Archive|Vault)|ecr:(?:DeleteRepository|BatchDeleteImage)|lambda:DeleteFunction|ssm:DeleteParameters?|kms:(?:DeleteImportedKeyMaterial|DeleteCustomKeyStore)|cloudformation:DeleteStack|es:DeleteElasticsearchDomain|es:DeleteDomain|sqs:PurgeQueue|logs:DeleteLog\w+|elasticache:Delete\w+|kinesis:DeleteStream|eks:DeleteCluster|iam:DeleteUser)$/

/** APIs whose answer is data or a secret, not a description. */
const READS_DATA =
  /^(?:s3:(?:GetObject|SelectObjectContent|CopyObject|GetObjectTorrent)|ssm:GetParameters?(?:ByPath|History)?|ec2:(?:GetPasswordData|GetConsoleOutput|GetConsoleScreenshot|GetLaunchTemplateData|DescribeInstanceAttribute)|kms:Decrypt|dynamodb:(?:GetItem|BatchGetItem|Query|Scan|ExportTableToPointInTime)|rds-data:\w+|rds:DownloadDB\w+|ebs:GetSnapshotBlock|athena:GetQueryResults|redshift-data:GetStatementResult|lambda:GetFunction|codecommit:(?:GetFile|GetBlob|GitPull)|ecr:(?:BatchGetImage|GetDownloadUrlForLayer)|logs:(?:GetLogEvents|FilterLogEvents|GetQueryResults)|sqs:ReceiveMessage|kinesis:GetRecords|glue:GetConnections?|sso:GetRoleCredentials|cognito-identity:GetCredentialsForIdentity|secretsmanager:\w*GetSecretValue)$/

const RUNS =
  /^(?:bedrock:(?:InvokeModel\w*|Converse\w*)|lambda:Invoke\w*|ses:Send\w+|sns:Publish\w*|ec2:(?:StartInstances|StopInstances|RebootInstances)|ssm:(?:StartSession|ResumeSession))$/

/** The gravity of an API. */
export const gravityOfApi = (api: Api): ApiGravity => {
  const event = eventKeyOf(api.eventSource, api.eventName)
  const rule = PERSISTENCE_RULES.get(event)
  if (rule) return rule.gravity
  if (DESTROYS.test(event)) return 'destruction'
  if (READS_DATA.test(event)) return 'read'
  if (RUNS.test(event)) return 'execution'
  if (isTokenIssue(api.eventName)) return 'session'
  return keepsParameters(api.eventName, undefined) ? 'write' : 'look'
}

const BEFORE_SESSIONS = GRAVITIES.indexOf('permission')
const ORDER: readonly ApiGravity[] = [
  ...GRAVITIES.slice(0, BEFORE_SESSIONS),
  'session',
  ...GRAVITIES.slice(BEFORE_SESSIONS),
  'write',
  'look',
]

/** The place of an API in the order of gravity; smaller is graver. */
export const rankOfApi = (api: Api): number => rankOfGravity(gravityOfApi(api))

/** The place of a class in the order of gravity. */
export const rankOfGravity = (gravity: ApiGravity): number => ORDER.indexOf(gravity)

/** Whether calls of an API are shown as artefacts or as chained sessions already. */
export const leavesArtefact = (api: Api): boolean =>
  PERSISTENCE_RULES.has(eventKeyOf(api.eventSource, api.eventName)) || isTokenIssue(api.eventName)

/** The APIs, the gravest class first, and within a class the busiest first. */
export const apisByGravity = (apis: readonly ApiRow[]): readonly ApiRow[] =>
  apis
    .map((row) => ({ row, rank: rankOfApi({ eventSource: row.eventSource, eventName: row.api }) }))
    .sort((a, b) => a.rank - b.rank || b.row.succeeded + b.row.failed - (a.row.succeeded + a.row.failed))
    .map(({ row }) => row)

/** The gravest API that was called by each of something that calls have in common: by address, by user agent. */
export const gravestBy = (
  buckets: Iterable<TimeBucket>,
  name: (bucket: TimeBucket) => string | undefined,
): ReadonlyMap<string, { readonly rank: number; readonly api: string }> => {
  const ranks = new Map<TimeBucket['call'], number>()
  const gravest = new Map<string, { readonly rank: number; readonly api: string }>()
  for (const bucket of buckets) {
    const { call } = bucket
    const rank = ranks.get(call) ?? rankOfApi(call)
    ranks.set(call, rank)
    const of = name(bucket)
    if (of === undefined) continue
    const before = gravest.get(of)
    if (before !== undefined && rank > before.rank) continue
    const api = `${serviceOf(call.eventSource)}:${call.eventName}`
    // Of equally grave ones always the same, in whatever order the records come.
    if (before === undefined || rank < before.rank || api < before.api) gravest.set(of, { rank, api })
  }
  return gravest
}
