import { isRoleArn } from '../../incident/values/identifiers.ts'

/** What a call did with an object. */
export type ObjectUse = 'read' | 'listed' | 'written' | 'deleted' | 'restored'

/** Kinds of things that hold data, or open what holds it. */
export type ObjectKind =
  | 'bucket'
  | 'secret'
  | 'parameter'
  | 'KMS key'
  | 'snapshot'
  | 'image'
  | 'volume'
  | 'instance'
  | 'database'
  | 'database snapshot'
  | 'table'
  | 'function'
  | 'repository'
  | 'log group'
  | 'queue'
  | 'file system'
  | 'backup'
  | 'role'

/** Where the records of a service name what a call is about. The first path that names something holds. */
export interface StoreRule {
  readonly kind: ObjectKind
  /** Paths in the request parameters, through lists too. */
  readonly names: readonly string[]
  /** The path of one thing in the store. */
  readonly item?: string
  /** ARNs of it, for records whose parameters are missing. */
  readonly arn?: { test(text: string): boolean }
  /** The events that the rule is for; without it all of the service that have one of the names. */
  readonly events?: RegExp
}

const S3: StoreRule = { kind: 'bucket', names: ['bucketName'], item: 'key', arn: /^arn:[^:]+:s3:::[^/]+/ }
const SECRET: StoreRule = {
  kind: 'secret',
  names: ['secretId', 'secretIdList', 'name', 'aRN', 'filters.values'],
  arn: /:secret:/,
  events: /Secret/,
}
const PARAMETER: StoreRule = { kind: 'parameter', names: ['name', 'names', 'path'], arn: /:parameter\//, events: /Parameter/ }
const KMS_KEY: StoreRule = {
  kind: 'KMS key',
  names: ['keyId', 'targetKeyId', 'destinationKeyId'],
  arn: /:key\//,
  events: /^(?!CreateKey$|List(?:Keys|Aliases)$)/,
}
const IMAGE_EVENTS = /Image(?!s$)|^DescribeImages$/
const EC2: readonly StoreRule[] = [
  {
    kind: 'snapshot',
    names: ['snapshotId', 'sourceSnapshotId', 'snapshotSet.items.snapshotId'],
    events: /Snapshot/,
    arn: /:snapshot\//,
  },
  { kind: 'image', names: ['imageId', 'sourceImageId', 'imagesSet.items.imageId'], events: IMAGE_EVENTS, arn: /:image\// },
  { kind: 'volume', names: ['volumeId', 'volumeSet.items.volumeId'], events: /Volume|^CreateSnapshot$/, arn: /:volume\// },
  {
    kind: 'instance',
    names: ['instanceId', 'instancesSet.items.instanceId', 'instanceIds', 'DescribeInstanceAttribute.instanceId'],
    events: /Instance|PasswordData|Console(?:Output|Screenshot)|LaunchTemplateData|^CreateImage$|SerialConsole/,
    arn: /:instance\/i-/,
  },
]
const RDS: readonly StoreRule[] = [
  {
    kind: 'database snapshot',
    names: [
      'dBSnapshotIdentifier',
      'dBClusterSnapshotIdentifier',
      'sourceDBSnapshotIdentifier',
      'sourceDBClusterSnapshotIdentifier',
      'sourceArn',
    ],
    events: /Snapshot|StartExportTask/,
    arn: /:(?:cluster-)?snapshot:/,
  },
  {
    kind: 'database',
    names: ['dBInstanceIdentifier', 'dBClusterIdentifier', 'globalClusterIdentifier', 'sourceDBInstanceIdentifier'],
    arn: /:(?:db|cluster):/,
  },
]

/** By the first part of the event source. */
const RULES: Readonly<Record<string, readonly StoreRule[]>> = {
  s3: [S3],
  s3express: [S3],
  secretsmanager: [SECRET],
  ssm: [
    PARAMETER,
    {
      kind: 'instance',
      names: ['instanceIds', 'instanceId', 'target'],
      events: /^(?:SendCommand|StartSession|ResumeSession|StartAutomation)/,
    },
  ],
  kms: [KMS_KEY],
  ebs: [{ kind: 'snapshot', names: ['snapshotId', 'secondSnapshotId'], arn: /:snapshot\// }],
  ec2: EC2,
  'ec2-instance-connect': [{ kind: 'instance', names: ['instanceId'] }],
  rds: RDS,
  'rds-data': [{ kind: 'database', names: ['resourceArn', 'dbClusterOrInstanceArn'], arn: /:cluster:/ }],
  redshift: [{ kind: 'database', names: ['clusterIdentifier'], arn: /:cluster:/ }],
  'redshift-data': [{ kind: 'database', names: ['clusterIdentifier', 'workgroupName'] }],
  dynamodb: [{ kind: 'table', names: ['tableName', 'tableArn'], arn: /:table\// }],
  lambda: [{ kind: 'function', names: ['functionName'], arn: /:function:/ }],
  ecr: [{ kind: 'repository', names: ['repositoryName'], arn: /:repository\// }],
  codecommit: [{ kind: 'repository', names: ['repositoryName', 'repositoryNames'] }],
  logs: [{ kind: 'log group', names: ['logGroupName', 'logGroupNames', 'logGroupIdentifier'], arn: /:log-group:/ }],
  sqs: [{ kind: 'queue', names: ['queueUrl'], arn: /:sqs:/ }],
  elasticfilesystem: [{ kind: 'file system', names: ['fileSystemId'], arn: /:file-system\// }],
  backup: [{ kind: 'backup', names: ['recoveryPointArn', 'backupVaultName'], arn: /:(?:recovery-point|backup-vault):/ }],
  sts: [{ kind: 'role', names: ['roleArn', 'targetPrincipal'], arn: { test: isRoleArn }, events: /^AssumeRo/ }],
}

/** The services whose calls touch something of these kinds. */
export const STORE_SERVICES: readonly string[] = Object.keys(RULES)

const NO_RULES: readonly StoreRule[] = []

/** The rules for an event; none for events that touch nothing of these kinds. */
export const storeRulesOf = (service: string, eventName: string): readonly StoreRule[] =>
  RULES[service]?.filter(({ events }) => events === undefined || events.test(eventName)) ?? NO_RULES

const events = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

/** Calls that give data to the caller, by service. What only describes a store is `listed`. */
const READS: Readonly<Record<string, ReadonlySet<string>>> = {
  s3: events('GetObject GetObjectTorrent SelectObjectContent CopyObject UploadPartCopy'),
  s3express: events('GetObject CopyObject UploadPartCopy'),
  secretsmanager: events('GetSecretValue BatchGetSecretValue'),
  ssm: events('GetParameter GetParameters GetParametersByPath GetParameterHistory'),
  kms: events(
    'Decrypt ReEncrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateDataKeyPair Sign GenerateMac DeriveSharedSecret',
  ),
  ebs: events('GetSnapshotBlock'),
  ec2: events('GetPasswordData GetConsoleOutput GetConsoleScreenshot GetLaunchTemplateData DescribeInstanceAttribute'),
  rds: events('DownloadDBLogFilePortion DownloadCompleteDBLogFile StartExportTask'),
  'rds-data': events('ExecuteStatement BatchExecuteStatement ExecuteSql'),
  'redshift-data': events('ExecuteStatement BatchExecuteStatement GetStatementResult'),
  dynamodb: events('GetItem BatchGetItem Query Scan TransactGetItems ExecuteStatement ExportTableToPointInTime GetRecords'),
  lambda: events('GetFunction GetLayerVersion'),
  ecr: events('BatchGetImage GetDownloadUrlForLayer'),
  codecommit: events('GitPull GetFile GetBlob GetFolder'),
  logs: events('GetLogEvents FilterLogEvents StartQuery GetQueryResults StartLiveTail CreateExportTask'),
  sqs: events('ReceiveMessage'),
}

/** Calls that destroy a store or what is in it, or make it unusable until somebody acts. */
const DELETIONS: Readonly<Record<string, ReadonlySet<string>>> = {
  s3: events('DeleteObject DeleteObjects DeleteBucket DeleteObjectVersion'),
  s3express: events('DeleteObject DeleteObjects DeleteBucket'),
  secretsmanager: events('DeleteSecret'),
  ssm: events('DeleteParameter DeleteParameters'),
  kms: events('ScheduleKeyDeletion DisableKey DeleteImportedKeyMaterial DeleteCustomKeyStore'),
  ec2: events('DeleteSnapshot DeregisterImage DeleteVolume TerminateInstances'),
  rds: events(
    'DeleteDBInstance DeleteDBCluster DeleteDBSnapshot DeleteDBClusterSnapshot DeleteDBInstanceAutomatedBackup DeleteDBClusterAutomatedBackup DeleteGlobalCluster',
  ),
  redshift: events('DeleteCluster DeleteClusterSnapshot'),
  dynamodb: events('DeleteTable DeleteItem DeleteBackup'),
  lambda: events('DeleteFunction'),
  ecr: events('BatchDeleteImage DeleteRepository'),
  codecommit: events('DeleteRepository DeleteBranch DeleteFile'),
  logs: events('DeleteLogGroup DeleteLogStream'),
  sqs: events('DeleteQueue PurgeQueue'),
  elasticfilesystem: events('DeleteFileSystem'),
  backup: events('DeleteRecoveryPoint DeleteBackupVault'),
}

const RESTORES = events(
  'RestoreSecret CancelKeyDeletion EnableKey ImportKeyMaterial RestoreSnapshotFromRecycleBin RestoreImageFromRecycleBin RestoreVolumeFromRecycleBin',
)
const LISTS = /^(?:Get|List|Describe|Head|Batch(?:Get|Describe)|Lookup|Search|Validate|Verify)/
/** Lambda appends a date to the names of its events. */
const DATED = /20\d{2}_?[01]\d_?[0-3]\d(?:v\d)?$/

/** What an event does with what it touches. */
export const useOf = (service: string, eventName: string): ObjectUse => {
  const name = eventName.replace(DATED, '')
  if (READS[service]?.has(name)) return 'read'
  if (DELETIONS[service]?.has(name)) return 'deleted'
  if (RESTORES.has(name)) return 'restored'
  return LISTS.test(name) ? 'listed' : 'written'
}
